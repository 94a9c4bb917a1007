"""Which rule seals a field: the first that matches its file and its path."""

from __future__ import annotations

import pytest

from sealring.errors import PolicyError
from sealring.model.field_path import FieldPath, FieldPattern
from sealring.policy.globs import FileSet
from sealring.policy.presets import PRESETS
from sealring.policy.rules import FileRules, Policy, Rule, check_groups

SECRET = ("d", "Secret", "prod", "db")
CONFIG_MAP = ("d", "ConfigMap", "prod", "db")


def path(*parts):
    return FieldPath(tuple(("k", part) if isinstance(part, str) else part for part in parts))


def rule(group="prod", files=("**",), fields=(), excepts=(), **more):
    for key in ("require", "bind"):
        more[key] = tuple(map(FieldPattern.parse, more.get(key, ())))
    return Rule(
        name=more.pop("name", group),
        files=FileSet.parse(files),
        fields=tuple(map(FieldPattern.parse, fields)),
        excepts=tuple(map(FieldPattern.parse, excepts)),
        group=group,
        **more,
    )


def group_of(rules, place):
    found = FileRules(tuple(rules)).resolve(place)
    return found and found.group


def test_a_rule_without_fields_takes_every_value():
    assert group_of([rule()], path("a", ("i",), "b")) == "prod"
    assert group_of([rule()], path()) == "prod"


def test_the_first_rule_that_matches_a_field_takes_it():
    rules = [rule("dba", fields=["db.*"]), rule("prod")]
    assert group_of(rules, path("db", "password")) == "dba"
    assert group_of(rules, path("api", "token")) == "prod"


def test_an_excepted_field_falls_to_later_rules():
    first = rule("prod", fields=["db"], excepts=["db.host"])
    assert group_of([first], path("db", "host")) is None
    assert group_of([first], path("db", "host", "name")) is None
    assert group_of([first, rule("dev")], path("db", "host")) == "dev"
    assert group_of([first, rule("dev")], path("db", "password")) == "prod"


def test_a_field_that_no_rule_takes_stays_plain():
    assert group_of([rule(fields=["db"])], path("web")) is None
    assert group_of([], path("web")) is None


def test_a_rule_for_a_kind_of_document_leaves_other_documents_alone():
    rules = [rule(fields=["data.*"], document_kinds=("Secret",))]
    assert group_of(rules, path(SECRET, "data", "password")) == "prod"
    assert group_of(rules, path(CONFIG_MAP, "data", "password")) is None
    assert group_of(rules, path("data", "password")) is None
    assert group_of(rules, path()) is None


def test_a_file_gets_only_the_rules_that_name_it():
    dev, prod = rule("dev", files=[".env"]), rule("prod", files=["*.yaml", "!x.yaml"])
    policy = Policy("id", (dev, prod))
    assert policy.for_file("app/.env").rules == (dev,)
    assert policy.for_file("x.yaml").rules == ()
    assert policy.covers("a.yaml")
    assert not policy.covers("x.yaml")


@pytest.mark.parametrize("file", [".sealring/policy.yaml", ".sealring/groups/a/group.yaml", ".git/config"])
def test_no_rule_ever_covers_the_policy_itself(file):
    assert not Policy("id", (rule(files=["**"]), rule(files=[file]))).covers(file)


def test_answers_are_kept_for_the_whole_file():
    class Counted(Rule):
        def covers(self, place):
            asked.append(place)
            return super().covers(place)

    asked: list[FieldPath] = []
    counted = Counted(*(getattr(rule(fields=["a"]), part) for part in Rule._parts))
    rules = FileRules((counted,))
    assert [rules.resolve(path("a")), rules.resolve(path("a"), (3,))] == [counted, counted]
    assert [rules.resolve(path("b")), rules.resolve(path("b"))] == [None, None]
    assert asked == [path("a"), path("b")]


def test_required_and_bound_fields_come_with_their_rule():
    first, second = rule(require=["a", "b.c"]), rule("dev", bind=["host"])
    rules = FileRules((first, second))
    assert [(owner.group, str(pattern)) for owner, pattern in rules.require()] == [
        ("prod", "a"),
        ("prod", "b.c"),
    ]
    assert list(map(str, rules.bound(second))) == ["host"]
    assert rules.bound(first) == ()


def test_patterns_that_cover_no_field_of_a_file_are_told():
    rules = FileRules(
        (rule(fields=["db.pasword", "db.*"]), rule("kube", fields=["db"], document_kinds=("Secret",)))
    )
    told = [
        (owner.group, str(pattern)) for owner, pattern in rules.unmatched([path("db", "password"), path("x")])
    ]
    assert told == [("prod", "db.pasword"), ("kube", "db")]
    assert rules.unmatched([path("db", "pasword"), path(SECRET, "db")]) == ()


def test_an_undefined_group_is_told_with_the_one_that_was_meant():
    policy = Policy("id", (rule("paymnts", name="payments", file=".sealring/policy.yaml", line=14),))
    with pytest.raises(PolicyError) as caught:
        check_groups(policy, ["ops", "payments-team"])
    assert str(caught.value) == (
        '.sealring/policy.yaml:14: rule "payments" names group "paymnts", which is not defined'
    )
    assert caught.value.hints == ('did you mean "payments-team"? `sealring group list` shows them all',)


def test_an_undefined_group_that_is_like_no_other_is_told_without_a_guess():
    with pytest.raises(PolicyError) as caught:
        check_groups(Policy("id", (rule("prod"),)), [])
    assert caught.value.hints == ("`sealring group list` shows them all",)


def test_defined_groups_pass():
    policy = Policy("id", (rule("dev"), rule("prod"), rule("dev")))
    check_groups(policy, iter(["prod", "dev", "other"]))
    assert policy.groups() == ("dev", "prod")


PRESET_COVERS = {
    "kubernetes-secret": [path(SECRET, "data", "a"), path(SECRET, "stringData", "tls.crt")],
    "dotenv": [path("A")],
    "compose": [
        path("services", "web", "environment", "A"),
        path("services", "web", "environment", ("i",)),
    ],
}
PRESET_LEAVES = {
    "kubernetes-secret": [
        path(SECRET, "metadata", "name"),
        path(SECRET, "type"),
        path(CONFIG_MAP, "data", "a"),
    ],
    "dotenv": [],
    "compose": [path("services", "web", "image"), path("services", "web", "ports", ("i",))],
}
PRESET_FILES = {
    "kubernetes-secret": ([], []),
    "dotenv": (
        [".env", "a/.env.prod", "prod.env"],
        [".env.example", "a/.env.sample", ".env.template", "env"],
    ),
    "compose": (
        ["compose.yaml", "x/docker-compose.prod.yml", "compose.override.yml"],
        ["x.yaml", "compose.json"],
    ),
}


def test_every_preset_is_in_these_tables():
    assert PRESETS.keys() == PRESET_COVERS.keys() == PRESET_LEAVES.keys() == PRESET_FILES.keys()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_seals_the_values_that_its_name_promises(name):
    preset = PRESETS[name]
    made = rule(fields=preset.fields, document_kinds=preset.document_kinds)
    assert all(made.covers(place) for place in PRESET_COVERS[name])
    assert not any(made.covers(place) for place in PRESET_LEAVES[name])
    inside, outside = PRESET_FILES[name]
    assert bool(preset.files) == bool(inside)
    if preset.files:
        files = FileSet.parse(preset.files)
        assert all(files.matches(file) for file in inside)
        assert not any(files.matches(file) for file in outside)
