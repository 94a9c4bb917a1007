"""Adding and removing fields of YAML texts."""

from __future__ import annotations

import pytest

from sealring.documents import parse
from sealring.errors import DocumentRefused
from sealring.model.field_path import FieldPattern


def inserted(text, where, literal="new"):
    return parse(text, "yaml").inserted(FieldPattern.parse(where), literal)


def removed(text, place):
    document = parse(text, "yaml")
    [index] = [i for i, field in enumerate(document.fields) if field.place == place]
    return document.removed(index)


INSERTED = [
    ("", "a.b", "a:\n  b: new\n"),
    ("# c", "a", "# c\na: new"),
    ("# c\n", "a", "# c\na: new\n"),
    ("---", "a", "---\na: new"),
    ("--- # x\n# y\n", "a", "--- # x\na: new\n# y\n"),
    ("---\n", "a[0].b", "---\na:\n  - b: new\n"),
    ("\ufeff", "a", "\ufeffa: new\n"),
    ("\ufeffa: 1\n", "b", "\ufeffa: 1\nb: new\n"),
    ("a: 1", "b", "a: 1\nb: new"),
    ("a: 1\r\nb: 2\r\n", "c.d", "a: 1\r\nb: 2\r\nc:\r\n  d: new\r\n"),
    ("a:\n    b: 1\nc: 2\n", "a.d.e", "a:\n    b: 1\n    d:\n        e: new\nc: 2\n"),
    ("a:\n    b: 1\nc: 2\n", "x.z", "a:\n    b: 1\nc: 2\nx:\n    z: new\n"),
    ("a:\n  b: 1\n\n# end\nc: 2\n", "a.d", "a:\n  b: 1\n  d: new\n\n# end\nc: 2\n"),
    ("l:\n- a\n- b\nz: 1\n", "l[]", "l:\n- a\n- b\n- new\nz: 1\n"),
    ("l:\n- a\n- b\n", "l[2]", "l:\n- a\n- b\n- new\n"),
    ("l:\n- a\n", "m[0]", "l:\n- a\nm:\n- new\n"),
    ("l:\n  - name: x\n    v: 1\n", "l[name=z].v", "l:\n  - name: x\n    v: 1\n  - name: z\n    v: new\n"),
    ("l:\n  - name: x\n    v: 1\n", "l[name=x].w", "l:\n  - name: x\n    v: 1\n    w: new\n"),
    ("- - 1\n", "[0][1]", "- - 1\n  - new\n"),
    ("{a: 1}", "b", "{a: 1, b: new}"),
    ('{"a": 1}\n', "b.c", '{"a": 1, "b": {"c": new}}\n'),
    ('{\n  "a": 1,\n  "b": 2 # c\n}\n', "d", '{\n  "a": 1,\n  "b": 2, # c\n  "d": new\n}\n'),
    ("a: [\n  1,\n  2,\n]\n", "a[2]", "a: [\n  1,\n  2,\n  new,\n]\n"),
    ("a: {}\n", "a.b", "a: {b: new}\n"),
    ("a: []\n", "a[]", "a: [new]\n"),
    ("a: {b: }\n", "a.c", "a: {b: , c: new }\n"),
    ("a: # c\nb: 1\n", "a.x", "a: # c\n  x: new\nb: 1\n"),
    ("a: null # c\nb: 1\n", "a.x", "a: # c\n  x: new\nb: 1\n"),
    ("a: &z\nb: 1\n", "a.x", "a: &z\n  x: new\nb: 1\n"),
    ("a: 1\nk: |\n  text", "b", "a: 1\nb: new\nk: |\n  text"),
    ("k: |+\n  text\n\n\n# c\n", "z", "k: |+\n  text\n\n\nz: new\n# c\n"),
    ("a: 1\n...\n", "b", "a: 1\nb: new\n...\n"),
    ("? a\n: b\n", "c", "? a\n: b\nc: new\n"),
    ("a: 1\n", "on", 'a: 1\n"on": new\n'),
    (
        "kind: S\nmetadata: {name: x}\n---\nkind: T\nmetadata:\n  name: y\n",
        "<S/x>.data.pw",
        "kind: S\nmetadata: {name: x}\ndata:\n  pw: new\n---\nkind: T\nmetadata:\n  name: y\n",
    ),
    ("a: 1\n---\n", "b", "a: 1\nb: new\n---\n"),
]


@pytest.mark.parametrize(("text", "where", "expected"), INSERTED)
def test_a_new_field_takes_the_style_of_its_siblings(text, where, expected):
    assert inserted(text, where) == expected


NOT_INSERTED = [
    ("a: 1\n", "a", "there already"),
    ("a: 1\n", "a.b", "a value or an alias stands"),
    ("5\n", "a", "a value or an alias stands"),
    ("x: &x {q: 1}\na: *x\n", "a.b", "a value or an alias stands"),
    ("- 1\n", "a", "name the element"),
    ("a: 1\n", "[0]", "a mapping stands"),
    ("l:\n- a\n", "l[5]", "has 1 elements"),
    ("a: 1\n---\nb: 2\n", "c", "several documents"),
    ("kind: A\nmetadata: {name: b}\n", "<C/b>.x", "0 documents"),
    ("l:\n- name: x\n- name: x\n", "l[name=x].v", "two elements"),
    ("l:\n- name: x\n", "l[name=z]", "name a key in it"),
    ("a: &z\nb: *z\n", "a.x", "no safe place"),
    ("l:\n- v: 1\n", "l[0].name", "no safe place"),
    ("a: &a {x: 1}\nb:\n  <<: *a\n", "b.x", "no safe place"),
    ("[a: b]\n", "[0].c", "no safe place"),
    ("a: 1\n", "**.b", "without wildcards"),
]


@pytest.mark.parametrize(("text", "where", "message"), NOT_INSERTED)
def test_a_place_that_is_not_clear_is_refused(text, where, message):
    with pytest.raises(DocumentRefused, match=message):
        inserted(text, where)


@pytest.mark.parametrize("literal", ["x: y", "a\nb: c", "'", "[1", "{a: 1}", "x # y", ""])
def test_a_literal_that_is_not_one_scalar_is_refused(literal):
    with pytest.raises(DocumentRefused, match="no safe place"):
        inserted("a: 1\n", "b", literal)


REMOVED = [
    ("a: 1\n", "a", "{}\n"),
    ("a: 1\nb: 2", "b", "a: 1"),
    ("a: 1\r\nb: 2\r\n", "a", "b: 2\r\n"),
    ("\ufeffa: 1\nb: 2\n", "a", "\ufeffb: 2\n"),
    ("a: 1\n# of b\nb: 2 # too\nc: 3\n", "b", "a: 1\n# of b\nc: 3\n"),
    ("a:\n  # c\n  b: 1 # d\nc: 2\n", "a.b", "a: {}\n  # c\nc: 2\n"),
    ("a: &x # c\n  b: 1\nc: 2\n", "a.b", "a: &x {} # c\nc: 2\n"),
    ("a: !!map\n  b: 1", "a.b", "a: !!map {}"),
    ("a:\n- b\nc: 1\n", "a[0]", "a: []\nc: 1\n"),
    ("- a\n- b\n", "[0]", "- b\n"),
    ("- a: 1\n  b: 2\n", "[0].a", "- b: 2\n"),
    ("- a: 1\n  # c\n  b: 2\n", "[0].a", "- \n  # c\n  b: 2\n"),
    ("- a: 1\n", "[0].a", "- {}\n"),
    ("- - a\n  - b\n", "[0][0]", "- - b\n"),
    ("- - a\n", "[0][0]", "- []\n"),
    ("{a: 1, b: 2}", "a", "{b: 2}"),
    ("{a: 1, b: 2}", "b", "{a: 1}"),
    ("{ a: 1 }", "a", "{}"),
    ("[1, 2, 3,]", "[2]", "[1, 2,]"),
    ("[\n  1,\n  2\n]\n", "[0]", "[\n  2\n]\n"),
    ("k: |\n  text\n  more\n\nj: 1\n", "k", "\nj: 1\n"),
    ("? a\n: b\n? c\n: d\n", "a", "? c\n: d\n"),
    ("a: {}\nb:\n", "a", "b:\n"),
    ("a:\nb: 1\n", "a", "b: 1\n"),
    ("x: &x 1\ny: *x\n", "y", "x: &x 1\n"),
    ("l:\n  - name: x\n", "l[name=x].name", "l:\n  - {}\n"),
    ("a: 1\n---\nb: 2\nc: 3\n", "b", "a: 1\n---\nc: 3\n"),
]


@pytest.mark.parametrize(("text", "place", "expected"), REMOVED)
def test_an_entry_goes_with_its_line_and_comma(text, place, expected):
    assert removed(text, place) == expected


NOT_REMOVED = [
    ("x: &x 1\ny: *x\n", "x", "no safe edit"),
    ("x: &x {a: 1}\ny: *x\n", "y.a", "on its own"),
    ("x: &x {a: 1}\ny: {<<: *x}\n", "y.a", "on its own"),
    ("5\n", "", "on its own"),
    ("l:\n- name: x\n  v: 1\n", "l[name=x].name", "names its element"),
    ("[a: b, c]\n", "[0].a", "no safe edit"),
    ("kind: A\nmetadata: {name: b}\n", "<A/b>.kind", "no safe edit"),
    ("k: |+\n  a\nl: |\n  b\n\nj: 1\n", "l", "no safe edit"),
]


@pytest.mark.parametrize(("text", "place", "message"), NOT_REMOVED)
def test_a_removal_that_would_change_more_is_refused_with_its_line(text, place, message):
    with pytest.raises(DocumentRefused, match=message) as caught:
        removed(text, place)
    assert caught.value.hints == (f"edit line {caught.value.line} by hand",)
