"""Which fields look secret, and the rules that are proposed for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealring.core.session import POLICY_FILE, policy_part, policy_with
from sealring.core.suggest import (
    added_rules,
    file_pattern,
    guess,
    is_example,
    looks_secret,
    rules_for,
    sealed_by,
)
from sealring.documents import format_of, parse
from sealring.errors import PolicyError, UsageError
from sealring.policy.globs import FileSet
from sealring.policy.load import build
from sealring.policy.write import initial_policy_text, with_rule

ID = "a" * 26


def guessed(text, name="a.yaml"):
    return guess(parse(text, format_of(name)))


SECRET = """
    password DB_PASSWORD dbPassword db-password APIKey api_key apiKey APIKEY clientSecret token
    GITHUB_TOKEN token2 DB_PASSWORD_2 private-key sslPrivateKey SECRET_KEY_BASE connectionString dsn
    DATABASE_URL webhook_url
"""
ALIKE = """
    host user token_url tokenExpiry secretName password_policy passwordless public_key monkey compass keyboard
    keyword primary_key url timeout_s spin 2 _
"""


@pytest.mark.parametrize("key", SECRET.split())
def test_keys_that_hold_secrets(key):
    assert looks_secret(key)


@pytest.mark.parametrize("key", ALIKE.split())
def test_keys_that_only_look_alike(key):
    assert not looks_secret(key)


@given(st.text(max_size=40))
def test_any_key_gets_an_answer(key):
    assert looks_secret(key) in (True, False)


def test_patterns_are_for_keys_that_are_really_there_each_once():
    text = "a:\n  password: x\nb:\n  password: y\n  tokenUrl: u\n  apiKey: z\n"
    assert guessed(text).patterns == ("**.password", "**.apiKey")


def test_keys_with_special_characters_are_quoted():
    assert guessed('"my.password": x\n').patterns == ('**."my.password"',)


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_switch_is_no_secret(value):
    assert guessed(f"use_password: {value}\n").patterns == ()


@pytest.mark.parametrize("value", ['""', "null", "1234"])
def test_empty_values_and_numbers_under_a_secret_name_are_taken(value):
    assert guessed(f"password: {value}\n").patterns == ("**.password",)


def test_everything_below_a_collection_of_secrets_is_taken():
    assert guessed("secrets:\n  stripe: x\n  mail: y\n").patterns == ("**.secrets",)


def test_an_element_named_like_a_secret_is_taken_by_its_name():
    text = "env:\n  - name: DB_PASSWORD\n    value: x\n  - name: HOST\n    value: y\n"
    assert guessed(text).patterns == ("**[name=DB_PASSWORD].value",)


@pytest.mark.parametrize(
    "value",
    [
        "postgres://app:hunter2@db/prod",
        "ghp_0123456789abcdef",
        '"-----BEGIN EC PRIVATE KEY-----\\nMIG"',
        "AKIA0123456789ABCDEF",
    ],
)
def test_a_value_that_can_only_be_a_secret_is_taken_whatever_its_name(value):
    assert guessed(f"x:\n  thing: {value}\n").patterns == ("x.thing",)


@pytest.mark.parametrize(
    "value", ["https://example.org/a@b", "postgres://app@db", "postgres://app:${PW}@db", "ghp_", "a: b@c"]
)
def test_a_value_that_only_looks_alike_is_left(value):
    assert guessed(f'thing: "{value}"\n').patterns == ()


@pytest.mark.parametrize("name", [".env", "prod.env", "cert.pem"])
def test_env_files_and_unknown_kinds_are_sealed_whole(name):
    assert guessed("A=1\n", name).is_whole


@pytest.mark.parametrize(
    ("name", "text", "pattern"),
    [
        ("a.json", '{"db": {"password": "x", "host": "h"}}', "**.password"),
        ("a.toml", '[db]\npassword = "x"\nhost = "h"\n', "**.password"),
        ("a.ini", "[db]\npassword = x\nhost = h\n", "**.password"),
    ],
)
def test_other_formats_are_guessed_alike(name, text, pattern):
    assert guessed(text, name).patterns == (pattern,)


def test_a_kubernetes_secret_gets_the_preset_and_its_neighbours_patterns():
    text = (
        "kind: Secret\nmetadata:\n  name: s\ndata:\n  password: eA==\n---\n"
        "kind: Deployment\nmetadata:\n  name: d\nspec:\n  token: t\n"
    )
    found = guessed(text)
    assert (found.preset, found.patterns) == ("kubernetes-secret", ("**.token",))


def test_a_file_of_sops_is_refused():
    with pytest.raises(UsageError, match="sops"):
        guessed("password: x\nsops:\n  mac: y\n")


@pytest.mark.parametrize(
    ("name", "is_one"), [(".env.example", True), ("a/.env.SAMPLE", True), (".env", False)]
)
def test_public_examples_are_known_by_name(name, is_one):
    assert is_example(name) == is_one


@given(st.lists(st.text("ab!*?[]\\ .#-", min_size=1, max_size=6), min_size=1, max_size=3))
def test_a_file_pattern_covers_that_file_and_no_other(names):
    name = "/".join(part for part in names if part not in (".", "..")) or "a"
    files = FileSet.parse([file_pattern(name)])
    assert files.matches(name)
    assert not files.matches("x/" + name)
    assert not files.matches(name + "x")


def test_files_that_are_sealed_alike_share_a_rule():
    found = [
        ("a.yaml", guessed("password: x\n")),
        ("b.yaml", guessed("token: x\npassword: y\n")),
        (".env", guessed("A=1\n", ".env")),
        ("c.env", guessed("A=1\n", ".env")),
        ("d.yaml", guessed("host: h\n")),
    ]
    rules = rules_for(found, "dev")
    assert [(rule.files, rule.fields) for rule in rules] == [
        (("/.env", "/c.env"), ()),
        (("/a.yaml", "/b.yaml"), ("**.password", "**.token")),
    ]


def test_named_fields_replace_the_guess():
    (rule,) = rules_for([("a.yaml", guessed("password: x\n"))], "dev", fields=["db.*"], excepts=["db.host"])
    assert (rule.fields, rule.excepts) == (("db.*",), ("db.host",))


def policy(text):
    return build([policy_part(POLICY_FILE, text.encode())])


def test_the_proposed_rule_seals_what_was_guessed():
    text = initial_policy_text(ID)
    content = "db:\n  password: x\n  host: h\n"
    document = parse(content, "yaml")
    (rule,) = rules_for([("a.yaml", guess(document))], "dev")
    new = policy(with_rule(text, rule))
    added = added_rules(policy(text), new, 1)
    assert sealed_by(new, added, "a.yaml", document) == ["db.password"]
    assert sealed_by(new, added, "b.yaml", document) == []


def test_a_field_that_an_earlier_rule_takes_is_not_counted_for_the_new_one():
    document = parse("password: x\n", "yaml")
    (rule,) = rules_for([("a.yaml", guess(document))], "dev")
    once = with_rule(initial_policy_text(ID), rule)
    twice = policy(with_rule(once, rule))
    added = added_rules(policy(once), twice, 1)
    assert sealed_by(twice, added, "a.yaml", document) == []


@pytest.mark.parametrize("count", [0, 2])
def test_a_policy_with_another_number_of_new_rules_is_refused(count):
    (rule,) = rules_for([("a.yaml", guessed("password: x\n"))], "dev")
    text = initial_policy_text(ID)
    with pytest.raises(PolicyError, match="as meant"):
        added_rules(policy(text), policy(with_rule(text, rule)), count)


def test_a_policy_in_which_something_else_changed_is_refused():
    (rule,) = rules_for([("a.yaml", guessed("password: x\n"))], "dev")
    text = initial_policy_text(ID)
    with pytest.raises(PolicyError, match="as meant"):
        added_rules(policy(text), policy(with_rule(text, rule).replace(ID, "b" * 25 + "a")), 1)


def test_rules_of_policy_d_stay_behind_those_of_the_main_file(tmp_path):
    from sealring.files.source import DiskSource

    folder = tmp_path / ".sealring" / "policy.d"
    folder.mkdir(parents=True)
    (folder / "more.yaml").write_text('rules:\n  - files: ["z"]\n    group: dev\n')
    text = initial_policy_text(ID)
    source = DiskSource(str(tmp_path))
    old = policy_with(source, text.encode())
    (rule,) = rules_for([("a.yaml", guessed("password: x\n"))], "dev")
    (added,) = added_rules(old, policy_with(source, with_rule(text, rule).encode()), 1)
    assert added.files.matches("a.yaml")
