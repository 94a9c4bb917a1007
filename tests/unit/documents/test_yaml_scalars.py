"""How values are spelled: as themselves to readers of YAML 1.2 and of YAML 1.1."""

from __future__ import annotations

import math

import pytest
import yaml as pyyaml

from sealring.documents import parse
from sealring.documents.yaml_literals import spell
from sealring.documents.yaml_scalars import resolve
from sealring.errors import DocumentRefused

PLAIN = [
    "abc",
    "a b",
    "a:b",
    "http://x.y/z#q=1",
    "it's",
    'say "x"',
    "a-b_c.d",
    "10.0.0.1",
    "1.2.3",
    "v1",
    "é",
    "/x",
    "$x",
]
QUOTED = {
    "": '""',
    "no": '"no"',
    "On": '"On"',
    "y": '"y"',
    "~": '"~"',
    "null": '"null"',
    "true": '"true"',
    "0777": '"0777"',
    "0o17": '"0o17"',
    "1_000": '"1_000"',
    "12:30:45": '"12:30:45"',
    "2024-01-02": '"2024-01-02"',
    "2024-01-02 03:04:05Z": '"2024-01-02 03:04:05Z"',
    "1e3": '"1e3"',
    ".5": '".5"',
    ".inf": '".inf"',
    "-1": '"-1"',
    "=": '"="',
    "<<": '"<<"',
    "- x": '"- x"',
    "? x": '"? x"',
    "a: b": '"a: b"',
    "a:": '"a:"',
    "a?b": '"a?b"',
    "a #b": '"a #b"',
    "#a": '"#a"',
    " a": '" a"',
    "a ": '"a "',
    "a, b": '"a, b"',
    "[a]": '"[a]"',
    "{a}": '"{a}"',
    "*a": '"*a"',
    "&a": '"&a"',
    "!a": '"!a"',
    "%a": '"%a"',
    "@a": '"@a"',
    "`a": '"`a"',
    "|": '"|"',
    "'a'": "\"'a'\"",
    '"a"': "'\"a\"'",
    "C:\\x, y": "'C:\\x, y'",
    "'\"\\": '"\'\\"\\\\"',
    "a\nb": '"a\\nb"',
    "a\tb": '"a\\tb"',
    "\0": '"\\u0000"',
    "\u2028": '"\\u2028"',
    "\ufeff": '"\\ufeff"',
    "...": '"..."',
    "---": '"---"',
    "ENC[sr1,x]": '"ENC[sr1,x]"',
}


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_nobody_misreads_stays_plain(text):
    assert spell(text) == text


@pytest.mark.parametrize(("text", "literal"), QUOTED.items())
def test_a_text_that_somebody_would_misread_is_quoted(text, literal):
    assert spell(text) == literal


@pytest.mark.parametrize(
    "value", [*PLAIN, *QUOTED, None, True, False, 0, -12, 1.5, 1e16, -2.5e-8, math.inf, -math.inf]
)
def test_readers_of_both_versions_read_a_literal_back(value):
    for text in (f"k: {spell(value)}\n", f"{{k: {spell(value)}}}\n", f"[{spell(value)}, 1]\n"):
        ours = parse(text, "yaml")
        assert ours.value(ours.fields[0]) == value
        assert type(ours.value(ours.fields[0])) is type(value)
        theirs = pyyaml.safe_load(text)
        assert (theirs["k"] if "k" in theirs else theirs[0]) == value


def test_not_a_number_reads_back():
    assert math.isnan(resolve(spell(math.nan)))


def test_what_no_file_can_hold_is_refused():
    with pytest.raises(DocumentRefused, match="surrogate"):
        spell("\ud800")


def test_an_integer_of_thousands_of_digits_is_refused():
    with pytest.raises(DocumentRefused, match="digits"):
        resolve("9" * 5000)


def set_value(text, value):
    document = parse(text, "yaml")
    field = document.fields[0]
    return document.with_slices({0: document.literal(value, field)})


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a: 'x'\n", "y z", "a: 'y z'\n"),
        ('a: "x"\n', "y", 'a: "y"\n'),
        ("a: 'x'\n", "it's", 'a: "it\'s"\n'),
        ("a: x\n", "v", "a: v\n"),
        ("a: 'x'\n", 5, "a: 5\n"),
        ("a:\n", "v", "a: v\n"),
        ("a:\n  b: x\n", "p\nq\n", "a:\n  b: |\n    p\n    q\n"),
        ("- x\n", "p\n\n  q", "- |-\n  p\n\n    q\n"),
        ("- a: x\n", "p\nq", "- a: |-\n    p\n    q\n"),
        ("a: x\r\n", "p\nq\n", "a: |\r\n  p\r\n  q\r\n"),
        ("a:\n", "p\nq", "a: |-\n  p\n  q\n"),
        ("a: |\n  old\n\nb: 1\n", "p\nq\n", "a: |\n  p\n  q\n\nb: 1\n"),
        ("a: x # c\n", "p\nq\n", 'a: "p\\nq\\n" # c\n'),
        ("a: x", "p\nq\n", 'a: "p\\nq\\n"'),
        ("{a: x}\n", "p\nq\n", '{a: "p\\nq\\n"}\n'),
        ("a: x\n", " p\nq\n", 'a: " p\\nq\\n"\n'),
        ("a: x\n", "p \nq\n", 'a: "p \\nq\\n"\n'),
        ("a: x\n", "p\n\n", 'a: "p\\n\\n"\n'),
        ("a: x\n", "p\r\nq\n", 'a: "p\\r\\nq\\n"\n'),
        ("a: x\n", "p\tq\nr\n", "a: |\n  p\tq\n  r\n"),
    ],
)
def test_a_value_is_spelled_in_the_style_of_its_place(text, value, expected):
    result = set_value(text, value)
    assert result == expected
    document = parse(result, "yaml")
    assert document.value(document.fields[0]) == value
