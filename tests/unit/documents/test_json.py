"""JSON documents: exact spans, names of elements, strictness, edits."""

from __future__ import annotations

import json
import math

import pytest
from format_laws import TOKEN, check_round_trip, places, refusal, sealed

from sealring.documents import Limits, parse
from sealring.errors import DocumentRefused, LimitExceeded
from sealring.model.field_path import FieldPattern

EXACT = {
    "compact": '{"a":1,"b":[true,null,-1.5e+3],"c":{"d":"x"}}',
    "spread": '{\n  "a" : 1 ,\n\t"b": [ 1,\n2 ]\n}\n',
    "windows": '{\r\n  "a": "x",\r\n  "b": [\r\n1]\r\n}\r\n',
    "byte order mark": '\ufeff{"a": "x"}',
    "blanks around": '\n\n {"a": "x"}  \n\n',
    "root text": '"x"',
    "root number": " 12 ",
    "escapes": r'{"a\"b": "\u0041\\\"\/\n", "\\": "\ud83d\ude00"}',
    "brackets in texts": '{"a]": "}],:", "b": "[{"}',
    "long number": '{"a": ' + "9" * 5000 + "}",
    "empty collections": '{"a": {}, "b": [ ], "c": [[], {}, ""], "": 0}',
    "doubled key": '{"a": 1, "a": {"b": 2, "b": 3}}',
    "not ascii": '{"é": "日本\u2028", "n": "\x7f"}',
    "named elements": '[{"name": "x", "v": 1}, {"v": 2, "id": 7}]',
    "kubernetes": '{"kind": "Secret", "metadata": {"name": "db"}, "data": {"a": "eA=="}}',
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_sealing_changes_nothing_else_and_comes_back(text):
    check_round_trip(text, "json")


def test_every_scalar_is_a_field_and_empty_collections_are_marked():
    assert places('{"a": {"b": [1, "two", null]}, "c": {}, "d": [ ]}', "json") == [
        ("a.b[0]", "scalar", "1"),
        ("a.b[1]", "scalar", '"two"'),
        ("a.b[2]", "scalar", "null"),
        ("c", "empty", "{}"),
        ("d", "empty", "[ ]"),
    ]


@pytest.mark.parametrize(
    ("element", "part"),
    [
        ('{"v": 1, "name": "x"}', ("i", "name", "x")),
        ('{"v": 1, "key": "k", "id": "i"}', ("i", "id", "i")),
        ('{"v": 1, "id": 7}', ("i", "id", "7")),
        ('{"v": 1, "name": "", "key": "k"}', ("i", "key", "k")),
        ('{"v": 1, "name": null, "id": true}', ("i",)),
        ('{"v": 1, "name": {"id": 3}}', ("i",)),
        (f'{{"v": 1, "name": "{TOKEN}", "id": "i"}}', ("i", "id", "i")),
        (r'{"v": 1, "na\u006de": "a\"b"}', ("i", "name", 'a"b')),
    ],
)
def test_an_element_is_named_by_its_first_plain_label(element, part):
    field = parse(f"[0, {element}]", "json").fields[1]
    assert field.path.parts == (part, ("k", "v"))
    assert field.indices == (1,)


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ('{"data": 1, "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}}', ("Secret", "b", "a")),
        ('{"data": 1, "metadata": {"name": "a"}, "kind": "Secret"}', ("Secret", "", "a")),
        ('{"data": 1, "metadata": {"name": 5}, "kind": "Secret"}', None),
        ('{"data": 1, "metadata": "a", "kind": "Secret"}', None),
        (f'{{"data": 1, "metadata": {{"name": "{TOKEN}"}}, "kind": "Secret"}}', None),
        ('{"data": 1, "x": {"metadata": {"name": "a"}}, "kind": "Secret"}', None),
    ],
)
def test_a_root_with_kind_and_name_names_the_document(text, head):
    parts = parse(text, "json").fields[0].path.parts
    assert parts == ((("d", *head), ("k", "data")) if head else (("k", "data"),))


def test_doubled_keys_are_listed_with_their_lines():
    document = parse('{"a": {"x": 1,\n "x": 2},\n\n"a": 3}', "json")
    assert [(str(each.path), each.line) for each in document.duplicates] == [("a.x", 2), ("a", 4)]


REFUSED = {
    "comment": ('{"a": 1, // x\n "b": 2}', "no comments", 1),
    "block comment": ('{\n/* x */ "a": 1}', "no comments", 2),
    "hash comment": ("# x\n{}", "no comments", 1),
    "nan": ('{"a": "NaN",\n "b": NaN}', "NaN", 2),
    "infinity": ("[\n\n-Infinity]", "-Infinity", 3),
    "trailing comma": ('{"a": 1,\n}', "not valid JSON", 2),
    "two values": ("{}\n{}", "more follows", 2),
    "nothing": ("", "not valid JSON", 1),
    "tab in text": ('"a\tb"', "not valid JSON", 1),
    "half a pair": ('{"a":\n"\\ud83d"}', "half a surrogate pair", 2),
    "half a pair in a key": ('{"\\ude00": 1}', "half a surrogate pair", 1),
    "bare surrogate": ('\n"\ud800"', "half a surrogate pair", 2),
    "single quotes": ("{'a': 1}", "not valid JSON", 1),
}


@pytest.mark.parametrize(("text", "message", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_strict_json_is_refused_with_its_line(text, message, line):
    refusal(text, "json", message, line)


def test_messages_do_not_hold_the_text():
    with pytest.raises(DocumentRefused) as caught:
        parse('{"password": "hunter2\\q"}', "json")
    assert "hunter2" not in str(caught.value)


def test_limits_are_kept():
    with pytest.raises(LimitExceeded, match="deeper than 2"):
        parse("[[[1]]]", "json", Limits(depth=2))
    assert len(parse("[[1]]", "json", Limits(depth=2)).fields) == 1
    with pytest.raises(LimitExceeded, match="more than 3"):
        parse("[1,2,3,4]", "json", Limits(fields=3))
    with pytest.raises(LimitExceeded):
        parse("[" * 100_000, "json")


def test_values_have_their_types():
    document = parse('[1, -0.5, "a\\n", true, false, null, 1E2, -0, 1e999]', "json")
    values = [document.value(field) for field in document.fields]
    assert values == [1, -0.5, "a\n", True, False, None, 100.0, 0, math.inf]
    assert [type(value) for value in values[:2]] == [int, float]
    assert document.data() == values
    assert [document.is_plain(field) for field in document.fields[:3]] == [True, True, False]
    assert document.content(document.fields[2]) == "a\n"


def test_a_number_too_long_to_read_keeps_its_bytes_but_has_no_value():
    document = parse('{"a": ' + "9" * 5000 + "}", "json")
    with pytest.raises(DocumentRefused, match="digits"):
        document.value(document.fields[0])
    with pytest.raises(DocumentRefused, match="digits"):
        document.data()


def test_a_token_is_seen_in_any_spelling_of_its_text():
    assert parse('"ENC[sr\\u0031,x]"', "json").fields[0].token == "ENC[sr1,x]"
    assert parse('"ENC[x]"', "json").fields[0].token == ""


def test_a_reformatted_file_still_gives_the_values_back():
    document, payloads = sealed('{"a":1,"b":["x",null]}', "json")
    spread = parse(json.dumps(document.data(), indent=4), "json")
    assert (
        spread.with_payloads(payloads) == '{\n    "a": 1,\n    "b": [\n        "x",\n        null\n    ]\n}'
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00",
        b"\x00{}",
        b"\x00x",
        b'\x00"a" ',
        b"\x001, 2",
        b"\x00'a'",
        b'\x01"a"',
        b"\x04",
        b'\x02\x00\x00"a"',
    ],
)
def test_a_payload_that_is_not_one_json_value_is_refused(payload):
    document = parse(f'{{"a": "{TOKEN}"}}', "json")
    with pytest.raises(DocumentRefused):
        document.with_payloads({0: payload})


@pytest.mark.parametrize("value", ["", 'a"\\\n\x00é', 5, -1.5, True, None, 10**30])
def test_a_literal_reads_back(value):
    document = parse("{}", "json")
    again = parse(document.literal(value, None), "json")
    assert again.value(again.fields[0]) == value


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, "\ud800", 10**5000], ids=["nan", "inf", "surrogate", "long"]
)
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(DocumentRefused):
        parse("{}", "json").literal(value, None)


INSERTED = {
    "into nothing": ("{}", "a", '{\n  "a": "v"\n}'),
    "compact": ('{"a":1}', "b", '{"a":1,"b":"v"}'),
    "one line": ('{"a": 1}', "b", '{"a": 1, "b": "v"}'),
    "one line, spaced": ('{ "a": 1 }', "b.c", '{ "a": 1, "b": {"c": "v"} }'),
    "lines": ('{\n    "a": 1\n}\n', "b", '{\n    "a": 1,\n    "b": "v"\n}\n'),
    "windows": ('{\r\n\t"a": 1\r\n}', "b", '{\r\n\t"a": 1,\r\n\t"b": "v"\r\n}'),
    "into an empty object": ('{\n "a": {}\n}', "a.b", '{\n "a": {\n  "b": "v"\n }\n}'),
    "new objects": ('{\n "a": 1\n}', "b.c", '{\n "a": 1,\n "b": {\n  "c": "v"\n }\n}'),
    "named element": ('[{"name":"x"},{"name":"y"}]', "[name=x].z", '[{"name":"x","z":"v"},{"name":"y"}]'),
    "numbered element": ('{"l":[{"a":1}]}', "l[0].b", '{"l":[{"a":1,"b":"v"}]}'),
    "key with a dot": ('{"a":1}', '"b.c"', '{"a":1,"b.c":"v"}'),
    "byte order mark": ('\ufeff{"a":1}', "b", '\ufeff{"a":1,"b":"v"}'),
    "kubernetes": (
        '{"kind":"S","metadata":{"name":"x"},"data":{}}',
        "<S/x>.data.p",
        '{"kind":"S","metadata":{"name":"x"},"data":{"p":"v"}}',
    ),
}


@pytest.mark.parametrize(("text", "where", "expected"), INSERTED.values(), ids=INSERTED)
def test_a_member_is_inserted_in_the_style_of_its_siblings(text, where, expected):
    assert parse(text, "json").inserted(FieldPattern.parse(where), '"v"') == expected


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a":1}', "a"),
        ('{"a":1}', "a.b"),
        ('{"a":[1]}', "a[0].b"),
        ('{"a":[{"b":1}]}', "a.c"),
        ("[]", "a"),
        ("[]", "[0].a"),
        ('"x"', "a"),
        ('{"a":1,"a":2}', "b"),
        ('{"kind":"S","metadata":{"name":"x"}}', "<S/y>.a"),
    ],
)
def test_an_insertion_without_a_safe_place_is_refused_with_the_line(text, where):
    with pytest.raises(DocumentRefused, match="edit line 1 by hand"):
        parse(text, "json").inserted(FieldPattern.parse(where), '"v"')


def test_an_insertion_cannot_bring_more_than_one_value():
    with pytest.raises(DocumentRefused):
        parse('{"a":1}', "json").inserted(FieldPattern.parse("b"), '1,"c":2')


REMOVED = {
    "first": ('{\n  "a": 1,\n  "b": 2\n}', 0, '{\n  "b": 2\n}'),
    "last": ('{\n  "a": 1,\n  "b": 2\n}', 1, '{\n  "a": 1\n}'),
    "only": ('{ "a": 1 }', 0, "{}"),
    "middle of a list": ("[1, 2, 3]", 1, "[1, 3]"),
    "nested": ('{"a": {"b": [true]}}', 0, '{"a": {"b": []}}'),
    "empty collection": ('{"a": {}, "b": 1}', 0, '{"b": 1}'),
}


@pytest.mark.parametrize(("text", "index", "expected"), REMOVED.values(), ids=REMOVED)
def test_a_member_is_removed_with_its_comma(text, index, expected):
    assert parse(text, "json").removed(index) == expected


def test_the_whole_document_cannot_be_removed():
    with pytest.raises(DocumentRefused, match="by hand"):
        parse("1", "json").removed(0)


def test_an_empty_collection_cannot_be_sealed():
    with pytest.raises(DocumentRefused):
        parse("{}", "json").with_tokens({0: TOKEN})


def test_outlines_differ_in_what_was_not_left_out():
    one, two = parse('{"a": 1, "b": 2}', "json"), parse('{"a": 1, "b": 3}', "json")
    assert one.outline(frozenset()) != two.outline(frozenset())
    assert one.outline(frozenset({1})) == two.outline(frozenset({1}))
    assert one.outline(frozenset({0})) != two.outline(frozenset({0}))
    assert parse('{"a": [1]}', "json").outline(frozenset({0})) != parse('{"a": {"": 1}}', "json").outline(
        frozenset({0})
    )
