"""INI documents: what configparser reads, continuation lines, edits."""

from __future__ import annotations

import configparser

import pytest
from format_laws import TOKEN, check_round_trip, places, refusal, sealed

from sealring.documents import Limits, parse
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused, LimitExceeded
from sealring.model.field_path import FieldPattern

EXACT = {
    "plain": "[a]\nx = 1\ny: 2\n",
    "no final newline": "[a]\nx=1",
    "windows": "[a]\r\nx = 1\r\ny = 2\r\n  3\r\n\r\n[b]\r\n",
    "byte order mark": "\ufeff[a]\nx=1\n",
    "before any section": "x = 1\n[a]\nx = 2\n",
    "comments": "# c\n[a] # c\n; c\nx = 1 ; part of it\n  # c\n\ny = 2\n",
    "continued": "[a]\nx = one\n  two\n\n  # c\n  three  \n\n# c\ny = 2\n",
    "continued from nothing": "[a]\nx =\n  one\n  two\ny = \n\t1\n",
    "empty": "[a]\nx =\ny = \nz:\n",
    "no delimiter": "[a]\nskip-this\nx = 1\n",
    "indented keys": "[core]\n\tbare = false\n\tpath = x\n\t\ty\n",
    "doubled": "[a]\nx = 1\nx = 2\n[a]\nx = 3\n",
    "windows paths": "[a]\nx = c:\\dir\\\ny = d:\\\n\n[b]\n",
    "percent and dollar": "[a]\nx = %(y)s ${z} \"q\" 'r'\n",
    "systemd": '[Service]\nExecStart=/bin/a \\\n  --b=c \\\n  -d\nEnvironment="A=b"\n',
    "mixed line ends": "[a]\r\nx = 1\n  2\r\n  3\ny = 4\n",
    "empty sections": "[a]\n[b]\n\n[c]",
    "nothing": "",
    "not ascii": "[é]\nkëy = 日本\u2028x\n",
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_sealing_changes_nothing_else_and_comes_back(text):
    check_round_trip(text, "ini")


def test_fields_are_found_with_their_sections():
    text = "top: 0\n[a]\nx = 1 # not a comment\ny =\n  l1\n\n  ; c\n  l2\n\nflag\n[b c]\n"
    assert places(text, "ini") == [
        ("top", "scalar", "0"),
        ("a.x", "scalar", "1 # not a comment"),
        ("a.y", "scalar", "\n  l1\n\n  ; c\n  l2"),
        ('"b c"', "empty", "[b c]"),
    ]
    assert parse(text, "ini").data() == {
        "top": "0",
        "a": {"x": "1 # not a comment", "y": "\nl1\n\nl2"},
        "b c": {},
    }


@pytest.mark.parametrize(
    "name", ["plain", "windows", "comments", "continued", "empty", "indented keys", "systemd"]
)
def test_values_are_those_of_configparser(name):
    text = EXACT[name].replace("\r\n", "\n")
    reader = configparser.RawConfigParser()
    reader.optionxform = str
    reader.read_string(text)
    assert parse(EXACT[name], "ini").data() == {
        section: dict(reader[section]) for section in reader.sections()
    }


def test_doubled_keys_and_sections_are_listed():
    duplicates = parse("a = 0\n[s]\nx=1\nx=2\n[t]\n[s]\nx=1\n[a]\n", "ini").duplicates
    assert [(str(each.path), each.line) for each in duplicates] == [
        ("s.x", 4),
        ("s", 6),
        ("s.x", 7),
        ("a", 8),
    ]


REFUSED = {
    "open header": ("x=1\n[a", "expected", 2),
    "text behind header": ("[a] x=1", "expected", 1),
    "doubled brackets": ("[[a]]", "expected", 1),
    "no key": ("[a]\n= 1", "key is missing", 2),
    "continued without indent": ("[a]\nx = b \\\n--c=d\n", "indent this line", 3),
    "carriage return": ("[a]\nx=1\ry=2", "carriage return", 2),
    "surrogate": ("[a]\nx=\udfff", "surrogate", 2),
}


@pytest.mark.parametrize(("text", "message", "line"), REFUSED.values(), ids=REFUSED)
def test_what_readers_differ_on_is_refused_with_its_line(text, message, line):
    refusal(text, "ini", message, line)


def test_limits_are_kept():
    with pytest.raises(LimitExceeded):
        parse("[a]\nx=1\ny=1\n", "ini", Limits(fields=2))


def test_continuation_lines_move_with_their_key():
    text = "[a]\nx = 1\n    2\n\n  3\n"
    document, payloads = sealed(text, "ini", {0})
    moved = parse(document.text.replace("x =", "\t\tx ="), "ini")
    assert moved.with_payloads(payloads) == "[a]\n\t\tx = 1\n\t\t    2\n\n\t\t  3\n"
    again = parse(moved.with_payloads(payloads), "ini")
    payloads = {0: again.payload(again.fields[0])}
    back = parse(again.with_tokens({0: TOKEN}).replace("\t\tx", "x"), "ini")
    assert back.with_payloads(payloads) == text


def test_continuation_lines_stay_deeper_than_their_key():
    document, payloads = sealed("[a]\n    x = 1\n     2\n", "ini")
    moved = parse(document.text.replace("    x", "  x"), "ini")
    assert moved.with_payloads(payloads) == "[a]\n  x = 1\n   2\n"


def test_line_ends_follow_the_file_while_a_value_is_sealed():
    document, payloads = sealed("[a]\nx = 1\n  2\ny = 3\n", "ini")
    windows = parse(document.text.replace("\n", "\r\n"), "ini")
    assert windows.with_payloads(payloads) == "[a]\r\nx = 1\r\n  2\r\ny = 3\r\n"


@pytest.mark.parametrize("slice", ["x\ny = 2", "x\n[b]", " x", "x ", "x\n  # c", "x\ry", "x\n\n"])
def test_a_payload_that_is_not_one_value_is_refused(slice):
    with pytest.raises(DocumentRefused):
        parse(f"[a]\nx = {TOKEN}\n", "ini").with_payloads({0: Payload(slice).dump()})


@pytest.mark.parametrize(
    ("value", "literal"),
    [("", ""), ("a b # c", "a b # c"), ("a\nb", "a\n    b"), ("\na", "\n    a"), (5, "5"), (False, "false")],
)
def test_a_literal_reads_back(value, literal):
    document = parse("[a]\nx = 1\n", "ini")
    assert document.literal(value, document.fields[0]) == literal
    again = parse(document.with_slices({0: literal}), "ini")
    assert again.value(again.fields[0]) == (value if isinstance(value, str) else literal)


def test_a_literal_of_several_lines_is_indented_below_its_key_with_the_line_ends_of_the_file():
    document = parse("[a]\r\n\tx = 1\r\n", "ini")
    assert document.literal("a\nb", document.fields[0]) == "a\r\n\t    b"


@pytest.mark.parametrize("value", [None, " a", "a ", "a\n#b", "a\n", "a\rb", "\0", "\ud800"])
def test_a_value_that_would_not_read_back_is_refused(value):
    with pytest.raises(DocumentRefused):
        parse("", "ini").literal(value, None)


INSERTED = {
    "into nothing": ("", "a.b", "[a]\nb = v\n"),
    "into nothing, no section": ("", "b", "b = v\n"),
    "end of section": ("[a]\nx=1\n\n[b]\ny: 2", "a.z", "[a]\nx=1\nz=v\n\n[b]\ny: 2"),
    "last section": ("[a]\nx=1\n\n[b]\ny: 2", "b.z", "[a]\nx=1\n\n[b]\ny: 2\nz: v"),
    "new section": ("[a]\nx=1\n", "c.z", "[a]\nx=1\n\n[c]\nz=v\n"),
    "empty section": ("[a]\n[b]\n", "a.x", "[a]\nx = v\n[b]\n"),
    "before sections": ("[a]\nx=1\n", "k", "k=v\n[a]\nx=1\n"),
    "after others before sections": ("a=1\n[b]\nx=1\n", "c", "a=1\nc=v\n[b]\nx=1\n"),
    "indented": ("[a]\n\tx = 1\n", "a.y", "[a]\n\tx = 1\n\ty = v\n"),
    "windows": ("[a]\r\nx=1\r\n", "b.x", "[a]\r\nx=1\r\n\r\n[b]\r\nx=v\r\n"),
    "behind a value of several lines": ("[a]\nx=1\n  2\n# c\n", "a.y", "[a]\nx=1\n  2\ny=v\n# c\n"),
    "section name with blanks": ("", '"a b".c', "[a b]\nc = v\n"),
}


@pytest.mark.parametrize(("text", "where", "expected"), INSERTED.values(), ids=INSERTED)
def test_a_key_is_inserted_in_the_style_of_its_siblings(text, where, expected):
    assert parse(text, "ini").inserted(FieldPattern.parse(where), "v") == expected


@pytest.mark.parametrize(
    ("where", "literal"),
    [("a.x", "v"), ("a.b.c", "v"), ('a."#b"', "v"), ('a."b=c"', "v"), ("a.b", "v\nw = 1")],
)
def test_an_insertion_that_does_not_read_back_is_refused(where, literal):
    with pytest.raises(DocumentRefused):
        parse("[a]\nx=1\n", "ini").inserted(FieldPattern.parse(where), literal)


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ("[a]\nx=1\n  2\n# c\ny=2\n", 0, "[a]\n# c\ny=2\n"),
        ("[a]\nx=\n  1\n", 0, "[a]\n"),
        ("[a]\nx=1\ny=2", 1, "[a]\nx=1"),
        ("x=1", 0, ""),
    ],
)
def test_a_key_is_removed_with_its_lines(text, index, expected):
    assert parse(text, "ini").removed(index) == expected


@pytest.mark.parametrize(("text", "index"), [("[a]\n", 0), ("[a]\nx=1\n[a]\ny=1\n", 0)])
def test_a_removal_without_a_safe_edit_is_refused(text, index):
    with pytest.raises(DocumentRefused, match="by hand"):
        parse(text, "ini").removed(index)


def test_keys_that_differ_in_case_are_doubled() -> None:
    """`configparser` takes them for one key, so the second could replace a sealed value."""
    document = parse("[a]\nPassword = x\npassword = y\n", "ini")
    assert [str(duplicate.path) for duplicate in document.duplicates] == ["a.password"]
