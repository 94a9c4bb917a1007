"""What JSON, .env, INI, TOML and opaque files promise for any text, found by trying many."""

from __future__ import annotations

import configparser
import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealring.documents import opaque, parse
from sealring.documents.toml import basic_string
from sealring.errors import DocumentRefused, SealringError
from sealring.model.field_path import FieldPattern

TOKEN = "ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z,QUJD_-x]"

SAMPLES = {
    "json": [
        '{"kind": "S", "metadata": {"name": "x"},'
        ' "l": [{"name": "a", "v": 1}, [], {}, "t\\u00e9"], "n": null}\n',
        '{\r\n  "a": -1.5e3,\r\n  "b": { "c": "\\\\\\"" },\r\n  "b": true\r\n}',
    ],
    "dotenv": [
        "# c\nexport A=1 # x\nB='x y'#z\nC=\"m\nn\\\"\"\nD=\nE= # e\n'F G'=`q`\nH\n",
        'A="x\r\ny"\r\nB = c:\\dir\r\nC=a#b',
    ],
    "ini": [
        "t: 0\n# c\n[a]\nx = 1\n  2\n\n  # d\n  3\ny =\n  z\n[b]\n\tk = v\n\tflag\n[c]\n",
        "[a]\r\nx = 1\r\n  2\r\n\r\ny = c:\\\r\nz = q",
    ],
    "toml": [
        'a.b = 1\nl = [1, "x", { y = 2.5 }, [], """\nq""" ]\n'
        "[t] # c\nx = '''z'''\n[[u]]\nname = 'n'\n[u.w]\nd = 1979-05-27\n",
        'a = """x\r\ny"""\r\n[[b]]\r\n[[b]]\r\nc = { d = true }',
    ],
    "opaque": ["-----BEGIN-----\nabc\n", "data:;base64,/w=="],
}
PIECES = [
    "\n", "\r\n", "\r", " ", "\t", "  ", '"', "'", "`", "\\", "#", ";", "=", ":", ",", "[", "]", "[[", "]]",
    "{", "}", ".", "-", "0", "1", "a", "b", "name", "id", "é", "\u2028", "\x85", "\ufeff", "\0", "true",
    "null", '"""', "'''", "export ", "//", "ENC[sr1", TOKEN, "$", "%", "1979-05-27", "\\n", "\\u0041", "kind",
]  # fmt: skip
FORMATS = sorted(SAMPLES)
soup = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@st.composite
def texts(draw):
    """Draw a format and a text: pieces of syntax at random, or a sample with a few pieces put in or cut."""
    format = draw(st.sampled_from(FORMATS))
    if draw(st.integers(0, 3)) == 0:
        return format, draw(soup | st.text(st.characters(), max_size=30))
    text = draw(st.sampled_from(SAMPLES[format]))
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 3]))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 4)))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return format, text


def read(format, text):
    try:
        return parse(text, format)
    except SealringError:
        return None


def open_fields(document):
    return [i for i, field in enumerate(document.fields) if field.kind == "scalar" and not field.token]


@settings(max_examples=200, deadline=None)
@given(texts(), st.randoms(use_true_random=False))
def test_a_text_is_refused_or_its_values_can_be_sealed_and_come_back(case, random):
    format, text = case
    document = read(format, text)
    if document is None:
        return
    chosen = [i for i in open_fields(document) if random.random() < 0.7]
    check_round_trip(document, chosen)
    for field in document.fields:
        field.path.encode()
        field.place.encode()


def check_round_trip(document, chosen):
    payloads = {i: document.payload(document.fields[i]) for i in chosen}
    sealed = parse(document.with_tokens(dict.fromkeys(chosen, TOKEN)), document.format)
    assert len(sealed.fields) == len(document.fields)
    assert [sealed.fields[i].token for i in chosen] == [TOKEN] * len(chosen)
    assert [steps(field) for field in sealed.fields] == [steps(field) for field in document.fields]
    assert sealed.outline(frozenset(chosen)) == document.outline(frozenset(chosen))
    assert sealed.with_payloads(payloads) == document.text


def steps(field):
    """Return the way to a field without the names of elements and document, which may be sealed."""
    positions = iter(field.indices)
    return tuple(
        part[1] if part[0] == "k" else next(positions) for part in field.path.parts if part[0] != "d"
    )


@settings(max_examples=200, deadline=None)
@given(texts())
def test_nothing_but_our_own_errors_comes_out_of_any_text(case):
    format, text = case
    document = read(format, text)
    if document is None:
        return
    for index, field in enumerate(document.fields):
        calls = [lambda i=index: document.removed(i)]
        if field.kind == "scalar":
            calls += [lambda f=field: document.value(f), lambda f=field: document.content(f)]
            calls += [lambda f=field: document.literal(document.value(f), f)]
        for call in calls:
            try:
                call()
            except SealringError:
                continue
    for call in (document.data, lambda: document.inserted(FieldPattern.parse("new.key"), '"v"')):
        try:
            call()
        except SealringError:
            continue


@settings(max_examples=150, deadline=None)
@given(texts())
def test_a_removal_takes_one_value_or_is_refused(case):
    format, text = case
    document = read(format, text)
    for index, field in enumerate(document.fields if document is not None else ()):
        try:
            after = parse(document.removed(index), format)
        except DocumentRefused:
            continue
        left = [
            document.slice_of(each) for each in document.fields if each is not field and each.kind == "scalar"
        ]
        assert [after.slice_of(each) for each in after.fields if each.kind == "scalar"] == left


@settings(max_examples=150, deadline=None)
@given(texts(), st.sampled_from(["new", "a", "a.new", "t.new", "u[0].new", "l[name=a].new", "x.y.z", "b"]))
def test_an_insertion_adds_one_value_or_is_refused(case, where):
    format, text = case
    document = read(format, text)
    if document is None:
        return
    pattern = FieldPattern.parse(where)
    try:
        literal = document.literal("v", None)
        after = parse(document.inserted(pattern, literal), format)
    except DocumentRefused:
        return
    new = [field for field in after.fields if pattern.names(field.path, field.indices)]
    assert [after.value(field) for field in new] == ["v"]
    rest = [after.slice_of(field) for field in after.fields if field.kind == "scalar" and field not in new]
    assert sorted(rest) == sorted(document.slice_of(f) for f in document.fields if f.kind == "scalar")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.text(st.sampled_from("ab \t\n\r'\"\\#=;$`[]{}é,:") | st.characters(), max_size=12),
)
def test_a_literal_reads_back_or_is_refused(format, value):
    text = {"json": '{"a": 1}', "dotenv": "a=1\n", "ini": "[s]\na = 1\n", "toml": "a = 1\n", "opaque": "x"}[
        format
    ]
    document = parse(text, format)
    try:
        literal = document.literal(value, document.fields[0])
    except DocumentRefused:
        return
    again = parse(document.with_slices({0: literal}), format)
    assert len(again.fields) == 1
    assert again.value(again.fields[0]) == value


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def leaves(value, keys=()):
    if isinstance(value, dict) and value:
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*keys, key))]
    if isinstance(value, list) and value:
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*keys, at))]
    return [(keys, value)]


@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_fields_are_the_leaves_that_the_standard_library_reads(value, indent, ascii_only):
    try:
        document = parse(json.dumps(value, indent=indent, ensure_ascii=ascii_only), "json")
    except DocumentRefused:
        assert any(0xD800 <= ord(c) <= 0xDFFF for c in json.dumps(value, ensure_ascii=False))
        return
    found = [
        (steps(f), document.value(f) if f.kind == "scalar" else json.loads(document.slice_of(f)))
        for f in document.fields
    ]
    assert found == leaves(value)
    check_round_trip(document, open_fields(document))


toml_keys = st.text(max_size=3, alphabet='ab.é" \\')
toml_values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text("ab\"\\\n\té'#", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(toml_keys, inner, max_size=3),
    max_leaves=8,
)


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{basic_string(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n # c\n".join(map(toml, value)) + "]"
    return basic_string(value) if isinstance(value, str) else json.dumps(value)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(toml_keys, toml_values, max_size=4))
def test_toml_fields_are_the_leaves_that_the_standard_library_reads(value):
    text = "".join(f"{basic_string(key)} = {toml(inner)}\n" for key, inner in value.items())
    document = parse(text, "toml")
    assert tomllib.loads(text) == value
    found = [
        (
            steps(f),
            document.value(f) if f.kind == "scalar" else tomllib.loads(f"v = {document.slice_of(f)}")["v"],
        )
        for f in document.fields
    ]
    assert found == (leaves(value) if value else [])
    check_round_trip(document, open_fields(document))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["x = 1", "y: 2", "  3", "\t4", "", "# c", "  # c", "[s]", "[t]", "z =", " w=5"])
    )
)
def test_ini_values_are_those_of_configparser(lines):
    text = "\n".join(["[r]", *lines, ""])
    reader = configparser.RawConfigParser(strict=True)
    try:
        reader.read_string(text)
    except configparser.Error:
        return
    assert parse(text, "ini").data() == {section: dict(reader[section]) for section in reader.sections()}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda tail: b"data:;base64," + tail))
def test_opaque_texts_and_bytes_are_one_to_one(data):
    text = opaque.text_from_bytes(data)
    assert opaque.bytes_from_text(text) == data
    text.encode("utf-8")


@pytest.mark.parametrize("format", FORMATS)
def test_samples_are_read(format):
    assert all(parse(text, format).fields for text in SAMPLES[format])
