"""TOML documents: exact spans checked against tomllib, names of elements, edits."""

from __future__ import annotations

import datetime
import math

import pytest
from format_laws import TOKEN, check_round_trip, places, refusal, sealed

from sealring.documents import Limits, parse
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused, LimitExceeded
from sealring.model.field_path import FieldPattern

EXACT = {
    "plain": "a = 1\nb='x' # c\n",
    "no final newline": 'a = "x"',
    "windows": 'a = """x\r\ny"""\r\n[t]\r\nb = [1,\r\n 2]\r\n',
    "byte order mark": "\ufeffa = 1\n",
    "texts": 'a = ""\nb = \'\'\nc = "\\"\\\\ # \\u0041"\nd = \'\\ " #\'\n',
    "long texts": 'a = """\nx ""y"" \\\n  z"""""\nb = \'\'\'\'x\'\n\'y\'\'\'\'\n',
    "numbers": "a = [+1, -0.5, 1_000, 0xFf, 0o7, 0b1, 1e5, 6.6E-3, inf, -nan]\n",
    "times": "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00.5-07:00 # c\nc = 1979-05-27\nd = 07:32:00\n",
    "arrays": "a = [ [1, 2], ['x', [true]], [], # c\n  {}, { b = 1, c.d = [ 2 ] },\n]\n",
    "keys": "a.b . \"c.d\".'e f' = 1\n1.2 = 3\n\"\" = 4\n[ x . 'y' ]\nz = 1\n",
    "tables": "[a]\nx=1\n[a.b.c]\ny=2\n[d]\n[a.b]\nz=3\n",
    "arrays of tables": "[[a]]\nx=1\n[[a]]\n[a.b]\ny=2\n[[a.c]]\nz=3\n[[a.c]]\n",
    "blanks": "\t a\t=\t1\t\n\n   [ t ]  # c\n",
    "values side by side": 'a = ["""x\ny""", """z\n""", 1]\n',
    "line ends inside of values only": "a = ['''x\r\ny''', '''z\nw''']",
    "not ascii": '"é" = "日本\u2028"\n',
    "nothing": "",
    "only comments": "# a\n",
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_sealing_changes_nothing_else_and_comes_back(text):
    check_round_trip(text, "toml")


def test_fields_are_found_with_their_paths():
    text = 'a.b = 1\nl = [1, [true], {c = "x"}, {}]\n[t]\n[u.v]\nw = 2\n[[x]]\ny = 3\n[[x]]\n[x.z]\nq = 4\n'
    assert places(text, "toml") == [
        ("a.b", "scalar", "1"),
        ("l[0]", "scalar", "1"),
        ("l[1][0]", "scalar", "true"),
        ("l[2].c", "scalar", '"x"'),
        ("l[3]", "empty", "{}"),
        ("t", "empty", "[t]"),
        ("u.v.w", "scalar", "2"),
        ("x[0].y", "scalar", "3"),
        ("x[1].z.q", "scalar", "4"),
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[l]]\nv = 1\nname = 'x'\n", ("i", "name", "x")),
        ("l = [{v = 1, id = 0x7}]\n", ("i", "id", "0x7")),
        ("[[l]]\nv = 1\nname = ''\nkey = 'k'\n", ("i", "key", "k")),
        ("[[l]]\nv = 1\nname = true\nid = 1979-05-27\n", ("i",)),
        ("[[l]]\nv = 1\nname.x = 'y'\n", ("i",)),
        (f"[[l]]\nv = 1\nname = '{TOKEN}'\nid = 'i'\n", ("i", "id", "i")),
    ],
)
def test_an_element_is_named_by_its_first_plain_label(text, part):
    assert parse(text, "toml").fields[0].path.parts == (("k", "l"), part, ("k", "v"))


def test_values_have_their_types_and_times_are_as_written():
    text = 'a = ["x\\n", \'y\', 1_000, 0x10, 1.5, true, inf, 1979-05-27 07:32:00Z, """\nz"""]\n'
    document = parse(text, "toml")
    values = [document.value(field) for field in document.fields]
    assert values == ["x\n", "y", 1000, 16, 1.5, True, math.inf, "1979-05-27 07:32:00Z", "z"]
    assert [type(value) for value in values[2:6]] == [int, int, float, bool]
    assert document.data()["a"][7] == datetime.datetime(1979, 5, 27, 7, 32, tzinfo=datetime.UTC)
    assert [document.is_plain(field) for field in document.fields[:3]] == [False, False, True]
    assert [document.content(field) for field in document.fields[:3]] == ["x\n", "y", "1_000"]


REFUSED = {
    "no value": ("a = 1\nb =\n", "expected a value", 2),
    "no key": ("= 1", "expected a key", 1),
    "no sign": ("a", "expected key = value", 1),
    "two statements": ("a = 1 b = 2", "expected the end of the line", 1),
    "doubled key": ("a = 1\na = 2", "defined twice", 2),
    "doubled table": ("[a]\n[a]", "not valid TOML", 2),
    "table over value": ("a = 1\n[a]", "defined twice", 2),
    "array of tables over array": ("a = [1]\n[[a]]", "defined twice", 2),
    "table over array of tables": ("[[a]]\n[a]", "defined twice", 2),
    "table below an inline table": ("a = {}\n[a.b]", "defined twice", 2),
    "dotted into a header": ("[a.b]\nx = 1\n[a]\nb.y = 2", "not valid TOML", 4),
    "open array": ("a = [1,\n2", "expected , or ]", 2),
    "open table": ("a = {b = 1", "expected , or }", 1),
    "open text": ('a = "x', "expected a value", 1),
    "open header": ("[a", "expected ]", 1),
    "bad escape": ('a = "\\q"', "not valid TOML", 1),
    "leading zero": ("a = 1\nb = 01", "not valid TOML", 2),
    "bare word": ("a = yes", "not valid TOML", 1),
    "long number": ("a = " + "1" * 5000, "not valid TOML", 1),
    "carriage return": ("a = 1\rb = 2", "expected", 1),
    "escaped surrogate in a key": ('"\\ud800" = 1', "key cannot be read", 1),
    "surrogate": ("a = '\ud800'", "surrogate", 1),
}


@pytest.mark.parametrize(("text", "message", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_toml_is_refused_with_its_line(text, message, line):
    refusal(text, "toml", message, line)


@pytest.mark.parametrize(
    "text", ["a = [[[1]]]", "a.b.c.d = 1", "[a.b.c.d]", "a = {b = {c = {d = 1}}}", "[[a.b.c]]\nx = 1"]
)
def test_depth_is_limited(text):
    with pytest.raises(LimitExceeded, match="deeper than 2"):
        parse(text, "toml", Limits(depth=2))


def test_input_that_is_costly_for_the_parser_is_refused_early():
    with pytest.raises(LimitExceeded):
        parse("a" + ".a" * 200_000 + " = 1", "toml")
    with pytest.raises(LimitExceeded):
        parse("a = " + "[" * 100_000, "toml")
    with pytest.raises(LimitExceeded, match="more than 3"):
        parse("a = [1, 2, 3, 4]", "toml", Limits(fields=3))


def test_line_ends_follow_the_file_while_a_value_is_sealed():
    document, payloads = sealed('a = """x\ny"""\nb = 1\n', "toml")
    windows = parse(document.text.replace("\n", "\r\n"), "toml")
    assert windows.with_payloads(payloads) == 'a = """x\r\ny"""\r\nb = 1\r\n'


def test_line_ends_inside_of_neighbours_do_not_count():
    text = "a = ['''x\ny''', '''z\nw''']\r\n"
    payloads = sealed(text, "toml")[1]
    assert payloads == {0: Payload("'''x\ny'''").dump(), 1: Payload("'''z\nw'''").dump()}


@pytest.mark.parametrize(
    "slice", ["", "x", "[1]", "{}", "1\nb = 2", "1 # c", " 1", '"x', "'x\"", '"a" "b"', "01"]
)
def test_a_payload_that_is_not_one_value_is_refused(slice):
    with pytest.raises(DocumentRefused):
        parse(f"a = '{TOKEN}'\n", "toml").with_payloads({0: Payload(slice).dump()})


@pytest.mark.parametrize("value", ["", 'a"\\\n\t\x00\x7fé', 5, -1.5, 1e100, True, math.inf, 10**30])
def test_a_literal_reads_back(value):
    literal = parse("", "toml").literal(value, None)
    document = parse(f"a = {literal}\n", "toml")
    assert document.value(document.fields[0]) == value
    assert type(document.value(document.fields[0])) is type(value)


@pytest.mark.parametrize("value", [None, "\ud800", 10**5000], ids=["null", "surrogate", "long"])
def test_what_toml_cannot_hold_is_refused(value):
    with pytest.raises(DocumentRefused):
        parse("", "toml").literal(value, None)


INSERTED = {
    "into nothing": ("", "a", 'a = "v"\n'),
    "new table in nothing": ("", "a.b", '[a]\nb = "v"\n'),
    "no final newline": ("a=1", "b", 'a=1\nb = "v"'),
    "root before tables": ("a=1\n\n[t]\nx=1\n", "b", 'a=1\nb = "v"\n\n[t]\nx=1\n'),
    "before sub-tables": ("[t]\n  x = 1\n\n[t.s]\ny=2\n", "t.z", '[t]\n  x = 1\n  z = "v"\n\n[t.s]\ny=2\n'),
    "empty table": ("[t]\n[u]\n", "t.a", '[t]\na = "v"\n[u]\n'),
    "implied table": ("[t.s]\ny=2\n", "t.z", '[t.s]\ny=2\n\n[t]\nz = "v"\n'),
    "new sub-table": ("[t]\nx=1\n", "t.s.z", '[t]\nx=1\n\n[t.s]\nz = "v"\n'),
    "dotted": ("a.b.c = 1\r\n", 'a.b."d e"', 'a.b.c = 1\r\na.b."d e" = "v"\r\n'),
    "dotted in a table": ("[x]\na.b=1\n[y]\n", "x.a.c", '[x]\na.b=1\na.c = "v"\n[y]\n'),
    "inline": ("a = {x = 1}\n", "a.y", 'a = {x = 1, y = "v"}\n'),
    "empty inline": ("a = {}\n", "a.b.c", 'a = { b.c = "v" }\n'),
    "inline element": ("a = [{x=1}]\n", "a[0].b", 'a = [{x=1, b = "v"}]\n'),
    "named element": (
        "[[a]]\nname='x'\n\n[[a]]\nname='y'\n",
        "a[name=x].z",
        "[[a]]\nname='x'\nz = \"v\"\n\n[[a]]\nname='y'\n",
    ),
    "table of an element": (
        "[[a]]\nname='x'\n\n[[a]]\nname='y'\n",
        "a[name=x].s.z",
        "[[a]]\nname='x'\n\n[a.s]\nz = \"v\"\n\n[[a]]\nname='y'\n",
    ),
}


@pytest.mark.parametrize(("text", "where", "expected"), INSERTED.values(), ids=INSERTED)
def test_a_key_is_inserted_in_its_table(text, where, expected):
    assert parse(text, "toml").inserted(FieldPattern.parse(where), '"v"') == expected


@pytest.mark.parametrize(
    ("text", "where"),
    [("a=1\n", "a"), ("a=1\n", "a.b"), ("a=[1]\n", "a.b"), ("a=[1]\n", "a[0].b"), ("[[a]]\nx=1\n", "a.b")],
)
def test_an_insertion_without_a_safe_place_is_refused(text, where):
    with pytest.raises(DocumentRefused, match="by hand"):
        parse(text, "toml").inserted(FieldPattern.parse(where), '"v"')


REMOVED = {
    "statement": ("a = 1 # c\n# d\nb = 2\n", 0, "# d\nb = 2\n"),
    "last line": ("a = 1\nb = 2", 1, "a = 1"),
    "long text": ('a = """\nx"""\nb = 1\n', 0, "b = 1\n"),
    "array element": ("a = [1, 2, 3]\n", 1, "a = [1, 3]\n"),
    "only element": ("a = [ 1, ]\n", 0, "a = []\n"),
    "last of an inline table": ("a = { b = 1, c = 2 }\n", 1, "a = { b = 1 }\n"),
    "nested": ("a = [[1], {b = [2]}]\n", 1, "a = [[1], {b = []}]\n"),
    "in a table": ("[t]\nx = 1\n", 0, "[t]\n"),
    "dotted": ("a.b = 1\nc = 2\n", 0, "c = 2\n"),
}


@pytest.mark.parametrize(("text", "index", "expected"), REMOVED.values(), ids=REMOVED)
def test_a_key_is_removed_with_its_statement_or_comma(text, index, expected):
    assert parse(text, "toml").removed(index) == expected


@pytest.mark.parametrize(("text", "index"), [("[a]\n", 0), ("a = [1, # one\n 2]\n", 0)])
def test_a_removal_without_a_safe_edit_is_refused(text, index):
    with pytest.raises(DocumentRefused, match="by hand"):
        parse(text, "toml").removed(index)
