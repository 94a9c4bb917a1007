"""Policy files: what is read from them, and what is refused with which line and hint."""

from __future__ import annotations

import pytest

from sealring.errors import PolicyError
from sealring.model.field_path import FieldPath
from sealring.policy.load import PolicyPart, build, parse_days
from sealring.policy.names import new_repository_id
from sealring.policy.rules import PolicyLimits

ID = new_repository_id(bytes(16))
MAIN = ".sealring/policy.yaml"


def part(data, file=MAIN):
    """A file whose place at (a, b, 0) is reported as line `places.index(...)`; errors name the place."""
    places: list[tuple[str | int, ...]] = []

    def line_of(place):
        places.append(place)
        return len(places)

    made = PolicyPart(file, data, line_of)
    return made, places


def load(**data):
    return build([part({"version": 1, "repository": ID, **data})[0]])


def one_rule(**keys):
    return load(rules=[{"files": ["*.yaml"], "group": "prod", **keys}]).rules[0]


def test_a_whole_policy_is_read():
    policy = load(
        rules=[
            {
                "name": "database",
                "files": ["config/*.yaml", "!config/dev.yaml"],
                "fields": ["**.password", 'data."tls.crt"'],
                "except": ["db.host"],
                "group": "prod",
                "max_age": "90d",
                "require": ["db.password"],
                "bind": ["db.host", "env[name=DB].value"],
            },
            {"files": [".env"], "group": "dev"},
        ],
        limits={"text": "32MiB", "depth": 10, "plaintext": 1000},
    )
    first, second = policy.rules
    assert policy.repository == ID
    assert policy.limits == PolicyLimits(32 * 1024 * 1024, 10, 1000)
    assert (first.name, first.group, first.max_age_days) == ("database", "prod", 90)
    assert first.files.matches("config/a.yaml")
    assert not first.files.matches("config/dev.yaml")
    assert list(map(str, first.fields)) == ["**.password", 'data."tls.crt"']
    assert list(map(str, first.excepts)) == ["db.host"]
    assert list(map(str, first.require)) == ["db.password"]
    assert list(map(str, first.bind)) == ["db.host", "env[name=DB].value"]
    assert (second.fields, second.excepts, second.max_age_days) == ((), (), None)


def test_defaults():
    policy = load()
    assert policy.rules == ()
    assert policy.limits == PolicyLimits()
    assert policy.limits.plaintext_chars == 4 * 1024 * 1024
    assert load(rules=None).rules == ()
    assert load(rules=[]).rules == ()


def test_a_rule_without_a_name_is_called_by_its_preset_or_its_first_file_pattern():
    assert one_rule(name="x").name == "x"
    assert one_rule(files=["!a", "b*"]).name == "b*"
    assert one_rule(preset="dotenv").name == "dotenv"


def test_rules_know_their_file_and_line():
    main, places = part({"version": 1, "repository": ID, "rules": [{"files": ["a"], "group": "g"}]})
    rule = build([main]).rules[0]
    assert rule.file == MAIN
    assert places[rule.line - 1] == ("rules", 0)


def test_rules_of_policy_d_come_after_the_main_ones_in_the_order_of_names():
    def extra(name):
        rule = {"files": ["*"], "group": name}
        return part({"rules": [rule]}, file=f".sealring/policy.d/{name}.yaml")[0]

    main = part({"version": 1, "repository": ID, "rules": [{"files": ["*"], "group": "main"}]})[0]
    policy = build([main, extra("b"), extra("a")])
    assert [rule.group for rule in policy.rules] == ["main", "a", "b"]


def test_a_preset_gives_what_the_rule_does_not_say():
    kube = one_rule(preset="kubernetes-secret")
    assert kube.document_kinds == ("Secret",)
    assert list(map(str, kube.fields)) == ["data.*", "stringData.*"]
    assert list(map(str, one_rule(preset="kubernetes-secret", fields=["data.a"]).fields)) == ["data.a"]
    dotenv = load(rules=[{"preset": "dotenv", "group": "dev"}]).rules[0]
    assert dotenv.files.matches("x/.env.prod")
    assert not dotenv.files.matches(".env.example")
    assert dotenv.covers(FieldPath((("k", "A"),)))
    assert (
        not load(rules=[{"preset": "dotenv", "group": "dev", "files": ["z"]}]).rules[0].files.matches(".env")
    )


@pytest.mark.parametrize(
    ("text", "days"), [("1d", 1), ("90d", 90), ("12w", 84), ("1y", 365), ("36500d", 36500), ("007d", 7)]
)
def test_a_duration_is_read_in_days(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize(
    "text", ["", "d", "0d", "36h", "90", "1m", "-1d", "1.5d", "90 d", "٣d", "101y", "9999999d"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"is not"):
        parse_days(text)


RULE = {"files": ["*"], "group": "prod"}


def ruled(**keys):
    return {"rules": [{**RULE, **keys}]}


# name: (changes to a good policy; None removes the key), place of the error, message, hint
REFUSED = {
    "no version": ({"version": None}, (), "has no `version`", ""),
    "next version": ({"version": 2}, ("version",), "version 2 is not known", ""),
    "version is a string": ({"version": "1"}, ("version",), "must be a number, not a string", ""),
    "version is true": ({"version": True}, ("version",), "not true or false", ""),
    "version is 1.0": ({"version": 1.0}, ("version",), "must be a number", ""),
    "no repository": ({"repository": None}, (), "has no `repository`", ""),
    "short repository": ({"repository": "abc"}, ("repository",), "not 26 characters", "git log -p"),
    "repository is a number": ({"repository": 5}, ("repository",), "must be a string", "in quotes"),
    "unknown key": ({"rule": []}, ("rule",), 'unknown key "rule" in a policy', 'did you mean "rules"?'),
    "unknown key like none": ({"xyz": 1}, ("xyz",), "unknown key", "the keys are version, "),
    "key is a number": ({5: 1}, (), "a key that is a number", ""),
    "rules is a mapping": ({"rules": {}}, ("rules",), "must be a list, not a mapping", ""),
    "rule is a string": ({"rules": ["x"]}, ("rules", 0), "a rule must be a mapping, not a string", ""),
    "rule is nothing": ({"rules": [None]}, ("rules", 0), "not nothing", ""),
    "misspelt key of a rule": (
        ruled(feilds=["a"]),
        ("rules", 0, "feilds"),
        'unknown key "feilds"',
        '"fields"?',
    ),
    "no files": ({"rules": [{"group": "prod"}]}, ("rules", 0), "has no `files`", "files: ["),
    "preset without files": (
        {"rules": [{"group": "prod", "preset": "kubernetes-secret"}]},
        ("rules", 0),
        "has no `files`",
        "",
    ),
    "files is a string": (
        ruled(files="*"),
        ("rules", 0, "files"),
        "must be a list of strings",
        "also for one",
    ),
    "files holds a number": (ruled(files=["a", 5]), ("rules", 0, "files", 1), "must hold strings", ""),
    "files is empty": (ruled(files=[]), ("rules", 0, "files"), "no pattern", ""),
    "files only takes out": (ruled(files=["!a"]), ("rules", 0, "files"), "no pattern adds files", ""),
    "bad glob": (
        ruled(files=["a", "!b[", "c"]),
        ("rules", 0, "files", 1),
        "at column 2 of file pattern 'b['",
        "",
    ),
    "bad pattern": (
        ruled(fields=["a", "b..c"]),
        ("rules", 0, "fields", 1),
        "at column 3 of field pattern",
        "",
    ),
    "fields is empty": (ruled(fields=[]), ("rules", 0, "fields"), "`fields` is empty", "leave it out"),
    "fields is nothing": (ruled(fields=None), ("rules", 0, "fields"), "not nothing", ""),
    "position": (ruled(fields=["a[0].b"]), ("rules", 0, "fields", 0), "names a position", "[name=...]"),
    "position in except": (ruled(**{"except": ["a[1]"]}), ("rules", 0, "except", 0), "names a position", ""),
    "wildcard in require": (ruled(require=["a.*"]), ("rules", 0, "require", 0), "has a wildcard", ""),
    "wildcard in bind": (ruled(bind=["a", "**.b"]), ("rules", 0, "bind", 1), "has a wildcard", ""),
    "no group": ({"rules": [{"files": ["x*"]}]}, ("rules", 0), 'rule "x*" has no `group`', ""),
    "group is false": (ruled(group=False), ("rules", 0, "group"), "not true or false", 'group: "..."'),
    "bad group": (
        ruled(group="Prod"),
        ("rules", 0, "group"),
        "'Prod' is not the name of a group",
        "lower-case",
    ),
    "group is a path": (ruled(group="../x"), ("rules", 0, "group"), "is not the name of a group", ""),
    "bad name": (ruled(name="a b"), ("rules", 0, "name"), "is not the name of a rule", ""),
    "unknown preset": (ruled(preset="dotnev"), ("rules", 0, "preset"), "no preset", 'did you mean "dotenv"?'),
    "hours": (ruled(max_age="36h"), ("rules", 0, "max_age"), "'36h' is not a duration", '"90d"'),
    "bare number of days": (ruled(max_age=90), ("rules", 0, "max_age"), "not a number", '"90d"'),
    "limits is nothing": ({"limits": None}, ("limits",), "not nothing", ""),
    "unknown limit": ({"limits": {"deph": 3}}, ("limits", "deph"), "unknown key", '"depth"?'),
    "limit zero": ({"limits": {"text": 0}}, ("limits", "text"), "from 1 to", "16MiB"),
    "limit true": ({"limits": {"depth": True}}, ("limits", "depth"), "from 1 to 256", ""),
    "limit too deep": ({"limits": {"depth": 257}}, ("limits", "depth"), "from 1 to 256", ""),
    "depth with a unit": ({"limits": {"depth": "1KiB"}}, ("limits", "depth"), "from 1 to 256", ""),
    "unknown unit": ({"limits": {"plaintext": "4MB"}}, ("limits", "plaintext"), "from 1 to", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_malformed_policy_is_refused_with_line_and_hint(case):
    changes, place, message, hint = REFUSED[case]
    data = {"version": 1, "repository": ID, **changes}
    for key in ("version", "repository"):
        if data[key] is None:
            del data[key]
    main, places = part(data)
    with pytest.raises(PolicyError) as caught:
        build([main])
    error = caught.value
    assert message in error.message
    assert error.file == MAIN
    assert error.line is not None
    assert places[error.line - 1] == place
    assert hint in " ".join(error.hints)


@pytest.mark.parametrize("data", ["text", [], None, 5])
def test_a_policy_that_is_no_mapping_is_refused(data):
    with pytest.raises(PolicyError, match="must be a mapping"):
        build([part(data)[0]])


@pytest.mark.parametrize("key", ["version", "repository", "limits"])
def test_a_file_of_policy_d_holds_rules_only(key):
    main = part({"version": 1, "repository": ID})[0]
    extra = part({"rules": [], key: 1}, file=".sealring/policy.d/x.yaml")[0]
    with pytest.raises(PolicyError, match=f'unknown key "{key}"') as caught:
        build([main, extra])
    assert caught.value.file == ".sealring/policy.d/x.yaml"


def test_a_value_that_was_pasted_in_the_wrong_place_is_not_shown():
    with pytest.raises(PolicyError) as caught:
        one_rule(fields="hunter2 is my password")
    assert "hunter2" not in str(caught.value) + "".join(caught.value.hints)
