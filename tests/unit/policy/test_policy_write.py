"""Policy files as text: friendly when new, and otherwise the user's bytes plus one rule."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sealring.errors import PolicyError
from sealring.policy.load import PolicyPart, build
from sealring.policy.names import new_repository_id
from sealring.policy.write import NewRule, initial_policy_text, quoted_scalar, with_rule

ID = new_repository_id(bytes(range(16)))
RULE = NewRule(group="dev", files=(".env",))
ADDED = {"files": [".env"], "group": "dev"}


def read(text):
    return yaml.safe_load(text)


def test_a_new_policy_explains_itself_and_is_valid():
    text = initial_policy_text(ID)
    policy = build([PolicyPart("policy.yaml", read(text), lambda place: 1)])
    assert (policy.repository, policy.rules) == (ID, ())
    assert "#" in text


def test_a_new_policy_holds_the_rules_that_were_asked_for():
    full = NewRule(
        group="prod",
        files=("a/*.yaml", "!a/b.yaml"),
        preset="dotenv",
        name="all",
        fields=('data."tls.crt"',),
        excepts=("db.host",),
        max_age="90d",
        require=("db.password",),
        bind=("db.host",),
    )
    policy = build([PolicyPart("p", read(initial_policy_text(ID, [full, RULE])), lambda place: 1)])
    first, second = policy.rules
    assert (first.name, first.group, first.max_age_days) == ("all", "prod", 90)
    assert first.files.source == full.files
    assert tuple(map(str, (*first.fields, *first.excepts, *first.require, *first.bind))) == (
        *full.fields,
        *full.excepts,
        *full.require,
        *full.bind,
    )
    assert (second.group, second.files.source) == ("dev", (".env",))


NEW = '- files: [".env"]\n{}group: dev\n'
AT_0 = NEW.format("  ")
AT_2 = "  " + NEW.format("    ")

# before, after: with everything that must stay around the new lines
APPENDED = {
    "no rules": ("version: 1\n", "version: 1\nrules:\n" + AT_2),
    "nothing at all": ("", "rules:\n" + AT_2),
    "no rules and no final newline": ("version: 1", "version: 1\nrules:\n" + AT_2),
    "brackets": ("rules: []\nx: 1\n", "rules:\n" + AT_2 + "x: 1\n"),
    "brackets and a comment": ("rules: [ ]  # none yet\n", "rules: # none yet\n" + AT_2),
    "null": ("rules: null\n", "rules:\n" + AT_2),
    "bare key": ("rules:\n", "rules:\n" + AT_2),
    "bare key and a comment": ("rules: # here\nx: 1\n", "rules: # here\n" + AT_2 + "x: 1\n"),
    "bare key and comments below": (
        "rules:\n  # like this\n\nx: 1\n",
        "rules:\n  # like this\n" + AT_2 + "\nx: 1\n",
    ),
    "bare key without newline": ("rules:", "rules:\n" + AT_2.rstrip("\n")),
    "items at 0": ("rules:\n- a: 1\n  b: 2\nx: 1\n", "rules:\n- a: 1\n  b: 2\n" + AT_0 + "x: 1\n"),
    "items at 2": ("rules:\n  - a: 1\n    b: 2\n", "rules:\n  - a: 1\n    b: 2\n" + AT_2),
    "items at 4": ("rules:\n    - a: 1\n", "rules:\n    - a: 1\n    " + NEW.format(" " * 6)),
    "lone dashes": ("rules:\n-\n  a: 1\n", "rules:\n-\n  a: 1\n" + AT_0),
    "lists in items": ("rules:\n- a:\n  - x\n  - y\n", "rules:\n- a:\n  - x\n  - y\n" + AT_0),
    "comments between": (
        "rules:\n# one\n- a: 1\n# two\n- b: 1\n",
        "rules:\n# one\n- a: 1\n# two\n- b: 1\n" + AT_0,
    ),
    "comment after": ("rules:\n- a: 1\n# end\nx: 1\n", "rules:\n- a: 1\n" + AT_0 + "# end\nx: 1\n"),
    "own comment after": ("rules:\n- a: 1\n  # b: 2\nx: 1\n", "rules:\n- a: 1\n  # b: 2\n" + AT_0 + "x: 1\n"),
    "blank lines after": ("rules:\n- a: 1\n\n\nx: 1\n", "rules:\n- a: 1\n" + AT_0 + "\n\nx: 1\n"),
    "blank lines between": ("rules:\n- a: 1\n\n- b: 1\n", "rules:\n- a: 1\n\n- b: 1\n" + AT_0),
    "no final newline": ("rules:\n- a: 1", "rules:\n- a: 1\n" + AT_0.rstrip("\n")),
    "rules first and last key after": (
        "---\nrules:\n- a: 1\nversion: 1",
        "---\nrules:\n- a: 1\n" + AT_0 + "version: 1",
    ),
    "a key that only begins so": ("rules_x: 1\nrules:\n- a: 1\n", "rules_x: 1\nrules:\n- a: 1\n" + AT_0),
    "nested rules key": ("a:\n  rules: []\n", "a:\n  rules: []\nrules:\n" + AT_2),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("case", APPENDED)
def test_a_rule_is_added_behind_the_others_and_all_other_bytes_stay(case, end):
    before, after = (text.replace("\n", end) for text in APPENDED[case])
    if end == "\r\n" and "\r" not in before:
        after = after.replace(end, "\n")  # nothing tells that the file has such line ends
    assert with_rule(before, RULE) == after
    rules = read(after)["rules"]
    assert rules[-1] == ADDED
    assert rules[:-1] == ((read(before) or {}).get("rules") or [])


@pytest.mark.parametrize("text", ["rules: [{a: 1}]\n", "rules:  [\n  ]\n", "rules: &x\n- a: 1\n"])
def test_a_list_in_another_style_is_left_to_its_owner_with_the_lines_to_add(text):
    with pytest.raises(PolicyError) as caught:
        with_rule("version: 1\n" + text, RULE)
    assert caught.value.line == 2
    assert '- files: [".env"]' in caught.value.hints[0]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["no", "null", "1", "1e5", "a-b", "y"])
)
@settings(max_examples=200)
def test_a_scalar_reads_back_as_the_same_string(text):
    assert read(f"a: {quoted_scalar(text)}\n") == {"a": text}


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, max_size=3
    )
)
@settings(max_examples=100)
def test_any_patterns_read_back_as_they_were_given(files):
    text = with_rule("rules:\n- a: 1\n", NewRule(group="on", files=tuple(files)))
    assert read(text)["rules"][1] == {"files": files, "group": "on"}
