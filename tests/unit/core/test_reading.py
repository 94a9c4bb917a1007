"""What a reader is given: values, plaintext, and errors that say where without saying what."""

from __future__ import annotations

import pytest
from tests.support.repositories import DAY_S, NOW_S, Repository, seal, token_at, tokens_of, unseal

from sealring.core.fields import data_of, get, get_any, move_field, set_value, unset
from sealring.core.reading import examine, open_for_deploy, open_tokens
from sealring.core.rekey import misgrouped, move_file
from sealring.errors import (
    FieldMissing,
    ForeignToken,
    NoIdentity,
    PlaintextFound,
    Tampered,
    UsageError,
)

RULES = """\
rules:
  - name: prod
    files: ["*"]
    fields: ["prod", "**.password", "PASSWORD"]
    require: ["prod.a"]
    group: prod
  - name: dev
    files: ["*"]
    fields: ["dev"]
    group: dev
"""
FILE = "a.yaml"
PLAIN = """\
prod:
  a: one
  n: 5
  t: yes
  none: ~
  users:
    - name: amy
      password: |
        two
        lines
dev:
  b: "six"
plain: seven
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    return Repository(tmp_path_factory.mktemp("repository"), RULES)


@pytest.fixture(scope="module")
def session(repo):
    return repo.session()


@pytest.fixture(scope="module")
def sealed(session):
    return seal(session, FILE, PLAIN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prod.a", "one"),
        ("prod.n", 5),
        ("prod.t", "yes"),
        ("prod.none", None),
        ("prod.users[0].password", "two\nlines\n"),
        ("dev.b", "six"),
        ("plain", "seven"),
    ],
)
def test_one_value_comes_with_its_type(session, sealed, field, value):
    found = get(session, FILE, sealed, field)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "field", ["users.password", "prod.A", "prod.users[name=amy].password", "prod.users[1]"]
)
def test_a_field_that_is_not_there(session, sealed, field):
    # The name of the element is sealed, too, so it is no label.
    with pytest.raises(FieldMissing, match="no field"):
        get(session, FILE, sealed, field)


def test_a_collection_comes_as_data(session, sealed):
    # The name of a sealed element is sealed too, so it labels nothing.
    assert get_any(session, FILE, sealed, "prod.users") == [{"name": "amy", "password": "two\nlines\n"}]
    assert get_any(session, FILE, sealed, "dev") == {"b": "six"}


def test_a_whole_file_comes_as_data(session, sealed):
    assert data_of(session, open_for_deploy(session, FILE, sealed)) == {
        "prod": {
            "a": "one",
            "n": 5,
            "t": "yes",
            "none": None,
            "users": [{"name": "amy", "password": "two\nlines\n"}],
        },
        "dev": {"b": "six"},
        "plain": "seven",
    }


def test_a_whole_file_of_bytes_comes_back(repo, tmp_path):
    own = repo.copy(tmp_path)
    own.set_rules('rules:\n  - {files: ["*"], group: prod}\n')
    session = own.session()
    for text in ("", "line\r\nline", "data:;base64,/w=="):
        sealed = seal(session, "key.pem", text)
        assert sealed.startswith("ENC[sr1")
        assert max(map(len, sealed.splitlines())) <= 76
        assert unseal(session, "key.pem", sealed) == text
        assert unseal(session, "key.pem", sealed.replace("\n", "\r\n")) == text


def test_closed_values_are_left_out_on_request_and_a_token_is_never_a_value(repo, session, sealed):
    carol = repo.session("carol")
    with pytest.raises(NoIdentity) as caught:
        open_for_deploy(carol, FILE, sealed)
    assert "prod.a" in str(caught.value.notes)
    assert "--partial leaves these fields out" in caught.value.hints
    opened = open_for_deploy(carol, FILE, sealed, partial=True)
    assert data_of(carol, opened) == {"prod": {"users": [{}]}, "dev": {"b": "six"}, "plain": "seven"}
    with pytest.raises(NoIdentity, match="closed to you"):
        get(carol, FILE, sealed, "prod.a")
    assert get(carol, FILE, sealed, "dev.b") == "six"


def test_someone_in_no_group_is_not_told_to_leave_fields_out(repo, sealed):
    with pytest.raises(NoIdentity) as caught:
        open_for_deploy(repo.stranger(), FILE, sealed)
    assert not any("--partial" in hint for hint in caught.value.hints)


def test_a_value_is_read_although_another_is_wrong_but_a_file_is_not(session, sealed):
    broken = sealed.replace(tokens_of(session, FILE, sealed)["dev.b"], "plaintext")
    assert get(session, FILE, broken, "prod.a") == "one"
    with pytest.raises(PlaintextFound):
        get(session, FILE, broken, "dev.b")
    with pytest.raises(PlaintextFound):
        open_for_deploy(session, FILE, broken)


def test_an_error_names_file_line_field_and_rule_and_the_other_errors(session):
    text = "prod:\n  a: one\n  n: five\ndev:\n  b: six\n"
    with pytest.raises(PlaintextFound) as caught:
        open_for_deploy(session, FILE, text)
    error = caught.value
    assert str(error) == 'a.yaml:2: prod.a is plaintext, but rule "prod" says to encrypt it'
    assert error.notes == (
        'also in line 3: prod.n is plaintext, but rule "prod" says to encrypt it',
        'also in line 5: dev.b is plaintext, but rule "dev" says to encrypt it',
        "no output was written",
    )
    assert error.hints == ("`sealring encrypt a.yaml`",)


def test_many_errors_are_counted(session):
    text = "prod:\n  a: 1\n" + "".join(f"  n{i}: {i}\n" for i in range(9))
    with pytest.raises(PlaintextFound) as caught:
        open_for_deploy(session, FILE, text)
    assert "and 4 more" in caught.value.notes
    assert len(caught.value.notes) == 7


def test_examining_needs_no_identity(repo, sealed):
    found = examine(repo.stranger(), FILE, sealed)
    assert (found.problems, found.general) == ({}, ())
    assert sorted(token.at.group for token in found.tokens.values()) == ["dev", *["prod"] * 6]


def test_only_what_is_wanted_is_opened(session, sealed):
    found = examine(session, FILE, sealed)
    first = next(iter(found.tokens))
    assert set(open_tokens(session, found, wanted=lambda index: index == first).payloads) == {first}


def test_a_stale_value_is_read_in_an_emergency(repo, tmp_path, sealed):
    own = repo.copy(tmp_path)
    own.remove("prod", "bob")
    assert get(own.session(), FILE, sealed, "prod.a", allow_stale=True) == "one"
    assert unseal(own.session(), FILE, sealed, allow_stale=True) == PLAIN
    assert get(own.session(), FILE, sealed, "dev.b") == "six"


# Changing single fields


def test_a_value_that_is_set_is_sealed_and_the_rest_stays(session, sealed):
    text = set_value(session, FILE, sealed, "prod.a", "new")
    result = seal(session, FILE, text, sealed)
    assert unseal(session, FILE, result) == PLAIN.replace("a: one", "a: new")
    before, after = tokens_of(session, FILE, sealed), tokens_of(session, FILE, result)
    assert {place for place in after if after[place] != before[place]} == {"prod.a"}


def test_a_collection_or_a_wildcard_cannot_be_set(session, sealed):
    with pytest.raises(FieldMissing, match="6 fields"):
        set_value(session, FILE, sealed, "prod", "x")
    with pytest.raises(UsageError, match="wildcard"):
        set_value(session, FILE, sealed, "prod.*", "x")


def test_fields_are_unset(session, sealed):
    text = unset(session, FILE, sealed, ["prod.n", "dev"])
    assert "prod.n" not in tokens_of(session, FILE, text)
    assert "dev.b" not in tokens_of(session, FILE, text)
    assert get(session, FILE, text, "prod.a") == "one"
    with pytest.raises(FieldMissing):
        unset(session, FILE, sealed, ["nothing"])


def test_a_moved_field_keeps_its_time(repo, session, sealed):
    moved = move_field(session, FILE, sealed, "prod.a", "prod.z")
    result = seal(repo.session(now_s=NOW_S + DAY_S), FILE, moved, sealed)
    assert get(session, FILE, result, "prod.z") == "one"
    assert token_at(session, FILE, result, "prod.z").set_time == "20261124T142800Z"
    with pytest.raises(UsageError, match="there already"):
        move_field(session, FILE, sealed, "prod.a", "prod.n")


def test_a_renamed_file_is_sealed_for_its_new_name_with_all_times(session, sealed):
    moved = move_file(session, FILE, "b.yaml", sealed)
    assert unseal(session, "b.yaml", moved.text) == PLAIN
    with pytest.raises(ForeignToken):
        open_for_deploy(session, FILE, moved.text)
    for place, before in tokens_of(session, FILE, sealed).items():
        after = token_at(session, "b.yaml", moved.text, place)
        assert (after.set_time, after.file_id) == ("20261124T142800Z", session.file_id("b.yaml"))
        assert after.text() != before


def test_a_renamed_file_with_a_forgery_in_it_is_not_blessed(session, sealed):
    tokens = tokens_of(session, FILE, sealed)
    with pytest.raises(Tampered):
        move_file(session, FILE, "b.yaml", sealed.replace(tokens["prod.n"], tokens["prod.a"]))
    with pytest.raises(ForeignToken):
        move_file(session, "c.yaml", "b.yaml", sealed)


def test_misgrouped_values_are_listed_without_keys(repo, tmp_path, sealed):
    own = repo.copy(tmp_path)
    own.set_rules('rules:\n  - {files: ["*"], fields: [prod.a, dev], group: dev}\n')
    assert misgrouped(own.stranger(), FILE, sealed) == [("prod.a", "prod", "dev")]
