"""YAML: what counts as a field, where it stands, and that sealing it loses nothing."""

from __future__ import annotations

import pytest
import yaml as pyyaml

from sealring.documents import parse, yaml_events
from sealring.documents.base import Limits
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused, LimitExceeded

TOKEN = "ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z@3.aaaaa,QUJD_-x]"


def document(text, **limits):
    return parse(text, "yaml", Limits(**limits))


def scalars(text):
    found = document(text)
    return [i for i, field in enumerate(found.fields) if field.kind == "scalar"]


def sealed(text, chosen=None):
    """Seal the chosen fields; return the sealed document and the payloads."""
    found = document(text)
    chosen = scalars(text) if chosen is None else chosen
    payloads = {i: found.payload(found.fields[i]) for i in chosen}
    return document(found.with_tokens(dict.fromkeys(chosen, TOKEN))), payloads


def places(text):
    found = document(text)
    return [(field.place, field.kind, found.slice_of(field)) for field in found.fields]


ROUND_TRIPS = {
    "plain": "a: b\n",
    "no line end": "a: b",
    "comments": "# x\na: b # y\n\n# z\nc: d\n",
    "quotes": "a: 'it''s'\nb: \"x\\ty\\\"\"\n",
    "numbers keep their spelling": "a: 0x1F\nb: 1_000\nc: 1e3\nd: 007\ne: ~\nf: yes\n",
    "explicit nulls and empty texts": "a: null\nb: ''\nc: \"\"\nd: ~\n",
    "bare nulls": "a:\nb: \nc:   # note\nd: &x\ne: !!str\nf: !t &y # z\n",
    "bare nulls in a list": "- \n-\n- # c\n- a\n-",
    "bare null in flow": "{a: , \"b\":, c: \n # d\n }\n",
    "nested dashes": "- - a\n  - b\n- - - c\n",
    "literal block": "a: |\n  x\n  y\n\nb: c\n",
    "block without a last line end": "a: |\n  x\n   y",
    "strip": "a: |-\n  x\n\n\nb: >-\n  x\n  y\n",
    "keep": "a: |+\n  x\n\n\nb: c\n",
    "keep at the end": "a: |+\n  x\n\n",
    "keep of nothing": "a: |+\n\nb: c\n",
    "empty block": "a: |\nb: c\n",
    "indicators": "a: |2-\n    x\n   y\n",
    "indicator in a list": "- |1\n  x\n- >+2\n   y\n\n",
    "header comment": "a: | # secret\n  x\n",
    "blank lines that end in spaces": "a: |\n  x\n     \n\nb: c\n",
    "a less indented comment ends a block": "a:\n  b: |\n    x\n # c\n  d: e\n",
    "lines of quotes": "a: \"x\n  y\\\n  z\"\nb: 'x\n\n  y'\n",
    "lines without quotes": "a: x\n  y\n\n  z\nb: c\n",
    "flow": "{a: b, 'c': [d, \"e\", f g], h: {}}\n",
    "flow over lines": "a: {b: x\n  y,\n  c: \"p\n  q\", d: 'r\n  s'}\n",
    "json": '{"a":1,"b":[true,null,"x"],"c":{"d":-1.5e3}}',
    "single pairs": "[a: b, c: d]\n",
    "tags": "a: !!str 1\nb: !<tag:x.org,2000:y> z\nc: !vault |\n  x\nd: ! e\n",
    "tag handles": "%TAG !e! tag:e.org,2000:\n---\na: !e!x b\n",
    "anchors": "a: &x b\nc: *x\nd: &y # c\n  e\nf: &z !!str g\nh: !!int &w 1\n",
    "properties on their own lines": "a: !!str\n  &x\n  # note\n  b\n",
    "merges": "a: &a {b: c}\nd:\n  <<: *a\n  e: f\ng:\n  <<: [*a, {h: i}]\n",
    "complex keys": "? [a, b]\n: c\n? {d: e}\n: f\n? |\n  g\n: h\n",
    "keys with anchors": "&a a: b\n*a : c\n",
    "documents": "a: b\n---\nc\n--- |\n d\n...\n---\n[e]\n",
    "directive": "%YAML 1.1\n---\na: b\n",
    "root scalars": "x\n",
    "root quoted": "--- 'x\n  y'\n",
    "root lines": "x\ny\n",
    "empty": "",
    "comment only": "# a\n",
    "marker only": "---\n",
    "byte order mark": "\ufeffa: b\nc: |\n  d\n",
    "byte order mark and tag": "\ufeff!t\na: !u b\n",
    "windows": "a: |\r\n  x\r\n  y\r\nb: 'c\r\n  d'\r\ne:\r\n",
    "one odd line end": "a: |\n  x\r\n  y\nb: c\n",
    "old mac": "a: |\r  x\r  y\rb: c\r",
    "tabs": "a:\tb\t# c\nd: e\tf\n",
    "other line separators": "a: x\u2028y\nb: \"p\u0085q\"\nc: |\n  m\u2029n\n  o\n# \u2028\nd: e\n",
    "astral": "\U0001f600: \U0001f601 # \U0001f602\n\U0001f603: x\n",
    "surrogate escapes": '{"a": "\\ud83d\\ude00x", "b": "\\\\ud83d", "c": 1}\n',
    "surrogates outside of quotes": "a: \\ud83d\\ude00\nb: '\\ud83d\\ude00'\nc: \"\\uD83D\\uDE00\"\n",
    "url and colons": "a: http://x:80/y#z\nb: a:b\nc: '#d'\n",
    "quoted templates": "a: \"{{ x }}\"\nb: ${{ y }}\n",
    "long": "a: " + "x" * 3000 + "\nb: [" + "y" * 3000 + ", z]\n",
    "duplicate keys": "a: 1\na: 2\n",
    "private characters": "a: \ue000\ue001\u2028\ue002\n",
    "indentless list": "a:\n- |\n  x\n  y\n- b: |\n    z\n",
    "tag then block on the next line": "a: !!str\n  |\n  x\n  y\n",
}  # fmt: skip


@pytest.mark.parametrize("text", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_sealing_all_or_one_value_and_opening_gives_the_same_bytes(text):
    found = document(text)
    everything = scalars(text)
    for chosen in [everything, *([i] for i in everything)]:
        result, payloads = sealed(text, chosen)
        assert len(result.fields) == len(found.fields)
        assert all(result.fields[i].token == TOKEN for i in chosen)
        assert result.outline(frozenset(chosen)) == found.outline(frozenset(chosen))
        assert result.with_payloads(payloads) == text


PURE = {name: text for name, text in ROUND_TRIPS.items() if name != "tabs"}  # it takes no tab behind a colon


@pytest.mark.parametrize("text", PURE.values(), ids=PURE)
def test_the_pure_parser_finds_the_same_fields(text, monkeypatch):
    found = document(text)
    monkeypatch.setattr(yaml_events, "LOADER", pyyaml.BaseLoader)
    assert pyyaml.CBaseLoader is not pyyaml.BaseLoader
    again = document(text)
    assert again.fields == found.fields
    assert again.outline(frozenset()) == found.outline(frozenset())
    assert again.events.columns == found.events.columns


REFUSED = {
    "flow not closed": ("a: 1\nb: [1\n", 3, "not YAML"),
    "two mappings in a line": ("a: b: c\n", 1, "mapping values"),
    "tab as indentation": ("a:\n\tb: c\n", 2, "not YAML"),
    "control character": ("a: b\nc: \x01\n", 2, "character that YAML does not allow"),
    "unknown alias": ("a: 1\nb: *x\n", 2, "names an anchor that is not there"),
    "anchor of another document": ("a: &x 1\n---\nb: *x\n", 3, "names an anchor that is not there"),
    "endless list": ("a: 1\nb: &x [*x]\n", 2, "inside of the collection"),
    "colon in an anchor": ("key: &an:chor value\n", 1, "tag or an anchor"),
    "two marks": ("\ufeff\ufeffa: b\n", 1, "two byte order marks"),
    "half a surrogate pair": ('a: 1\nb: "\\ud83d"\n', 2, "not YAML"),
    "tag handle": ("a: !x!y z\n", 1, "tag handle"),
    "huge escape": ('a: "\\U00110000"\n', 1, "not YAML"),
}


@pytest.mark.parametrize(("text", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_safe_is_refused_with_its_line(text, line, message):
    with pytest.raises(DocumentRefused, match=message) as caught:
        document(text)
    assert caught.value.line == line


@pytest.mark.parametrize(("text", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_the_pure_parser_refuses_the_same(text, line, message, monkeypatch):
    monkeypatch.setattr(yaml_events, "LOADER", pyyaml.BaseLoader)
    with pytest.raises(DocumentRefused) as caught:
        document(text)
    assert caught.value.line in (line, None) or text.startswith("a: 1\nb: [1")


@pytest.mark.parametrize("loader", [pyyaml.CBaseLoader, pyyaml.BaseLoader])
@pytest.mark.parametrize(
    "text",
    [
        "a: !hunter2!x hunter2\n",
        'a: "hunter2\\hunter2"\n',
        "a: hunter2: hunter2\n",
        "hunter2: *hunter2\n",
        "a: @hunter2\n",
        "%hunter2 x\n",
    ],
)
def test_a_refusal_never_quotes_the_text(loader, text, monkeypatch):
    monkeypatch.setattr(yaml_events, "LOADER", loader)
    with pytest.raises(DocumentRefused) as caught:
        document(text)
    assert "hunter2" not in str(caught.value) + repr(caught.value.hints) + repr(caught.value.notes)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_template_is_refused_with_a_hint():
    with pytest.raises(DocumentRefused) as caught:
        document("a: {{ .Values.x }}\nb: {{- if y }}\n")
    assert "templates" in caught.value.hints[0]
    with pytest.raises(DocumentRefused) as caught:
        document("a: [1\n")
    assert caught.value.hints == ()


@pytest.mark.parametrize("text", ["? a\n", "{a}\n", "{a-, b: c}\n", "? a\n? b\n: c\n", "[? a]\n"])
def test_a_null_without_a_place_of_its_own_cannot_be_sealed(text):
    found = document(text)
    bare = [i for i, field in enumerate(found.fields) if field.start == field.end]
    with pytest.raises(DocumentRefused, match="no value to seal"):
        found.with_tokens({bare[0]: TOKEN})


# Fields


def test_fields_stand_in_the_order_of_the_text_with_their_kinds():
    assert places("a: x\nb:\n  c: 'y'\n  d: {}\ne: []\nf:\ng: &n z\nh: *n\n") == [
        ("a", "scalar", "x"), ("b.c", "scalar", "'y'"), ("b.d", "empty", "{}"), ("e", "empty", "[]"),
        ("f", "scalar", ""), ("g", "scalar", "z"), ("h", "alias", "*n"),
    ]  # fmt: skip


def test_elements_are_named_by_a_plain_name_or_id_or_key():
    text = "l:\n- v: 1\n  name: n\n  id: i\n- id: 'i'\n  key: k\n- name: ''\n  key: k\n- name: [x]\n- x\n"
    assert [field.path.parts[1] for field in document(text).fields] == [
        *[("i", "name", "n")] * 3, *[("i", "id", "i")] * 2, *[("i", "key", "k")] * 2, ("i",), ("i",),
    ]  # fmt: skip
    assert [field.indices for field in document(text).fields][-2:] == [(3, 0), (4,)]


def test_a_sealed_or_aliased_scalar_does_not_name_an_element():
    found = document(f"- name: {TOKEN!r}\n  id: &a x\n- name: *a\n  v: 1\n")
    assert [field.path.parts[0] for field in found.fields] == [("i", "id", "x")] * 2 + [("i",)] * 2


def test_tags_and_anchors_are_reported_as_written():
    found = document("a: !!str &x b\nc: &y !<tag:q,1:z> 1\nd: !u {}\n")
    assert [(field.tag, field.anchor) for field in found.fields] == [
        ("!!str", "x"), ("!<tag:q,1:z>", "y"), ("!u", ""),
    ]  # fmt: skip


def test_a_token_is_seen_in_any_quoting():
    found = document(f"a: {TOKEN}\nb: '{TOKEN}'\nc: >-\n  {TOKEN}\nd: x{TOKEN}\n")
    assert [field.token for field in found.fields] == [TOKEN, TOKEN, TOKEN, ""]


def test_keys_that_are_not_texts_have_their_source_as_part():
    found = places("1: a\ntrue: b\n0x1F: c\n? [x]\n: d\n? x\n: e\n")
    assert [place for place, _, _ in found] == ["1", "true", "0x1F", "?", "x"]


def test_an_alias_brings_every_value_of_its_collection():
    text = "a: &a\n  b: 1\n  c: [2, {name: n, v: 3}]\n  d: {}\ne: *a\nl: [*a]\nm: &m {}\nn: *m\n"
    aliases = [field for field in document(text).fields if field.kind == "alias"]
    assert [field.place for field in aliases] == [
        "e.b", "e.c[0]", "e.c[name=n].name", "e.c[name=n].v", "e.d",
        "l[0].b", "l[0].c[0]", "l[0].c[name=n].name", "l[0].c[name=n].v", "l[0].d", "n",
    ]  # fmt: skip
    assert {text[field.start : field.end] for field in aliases} == {"*a", "*m"}


def test_a_merge_brings_what_the_mapping_does_not_have():
    text = "a: &a {x: 1, y: {z: 2}}\nb: &b {x: 3, w: 4}\nc:\n  <<: [*a, *b, {v: 5}]\n  y: 6\nd: {<<: *a}\n"
    assert [(field.place, field.kind) for field in document(text).fields][4:] == [
        ("c.x", "merge"), ("c.w", "merge"), ("c.v", "merge"), ('c."<<"[2].v', "scalar"), ("c.y", "scalar"),
        ("d.x", "merge"), ("d.y.z", "merge"),
    ]  # fmt: skip
    values = {field.place: document(text).value(field) for field in document(text).fields}
    assert values["c.x"] == 1
    assert values["c.w"] == 4


def test_a_quoted_merge_key_is_an_ordinary_key():
    assert [kind for _, kind, _ in places("a: &a {x: 1}\nb: {'<<': *a}\n")] == ["scalar", "alias"]


def test_documents_of_kubernetes_are_named():
    text = (
        "kind: Secret\nmetadata:\n  name: db\n  namespace: prod\ndata:\n  pw: x\n"
        "---\nkind: A\nmetadata: {name: b}\n"
        f"---\nkind: A\nmetadata: {{name: '{TOKEN}'}}\n---\nx: 1\n"
    )
    heads = [field.path.parts[0] for field in document(text).fields]
    assert heads[:4] == [("d", "Secret", "prod", "db")] * 4
    assert heads[4:6] == [("d", "A", "", "b")] * 2
    assert heads[6:] == [("k", "kind"), ("k", "metadata"), ("k", "x")]


def test_a_doubled_key_is_reported_and_both_values_stay_fields():
    found = document("b: 0\na:\n  x: 1\n  'x': 2\n")
    assert [(str(each.path), each.line) for each in found.duplicates] == [("a.x", 4)]
    assert [field.place for field in found.fields] == ["b", "a.x", "a.x"]


def test_empty_documents_hold_no_field():
    assert [place for place, _, _ in places("a: 1\n---\n---\n# x\n...\n")] == ["a"]


# Limits


def test_limits_are_kept():
    document("[" * 5 + "]" * 5, depth=5)
    with pytest.raises(LimitExceeded, match="deeper") as caught:
        document("\n" + "[" * 6 + "]" * 6, depth=5)
    assert caught.value.line == 2
    with pytest.raises(LimitExceeded, match="too deep"):
        document("[" * 100_000, depth=5)
    document("[1, 2]", fields=2)
    with pytest.raises(LimitExceeded, match="more than 2 values"):
        document("[1, 2, 3]", fields=2)


def test_aliases_cannot_multiply():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]
    with pytest.raises(LimitExceeded, match="aliases stand for more") as caught:
        document("\n".join(lines))
    assert caught.value.line is not None
    merges = ["a0: &a0 {" + ", ".join(f"k{i}: 1" for i in range(300)) + "}"]
    merges += [f"m{i}: {{<<: *a0}}" for i in range(400)]
    with pytest.raises(LimitExceeded):
        document("\n".join(merges))


def test_aliases_cannot_nest_without_end():
    lines = ["a0: &a0 {x: 1}"] + [f"a{i}: &a{i} {{x: *a{i - 1}}}" for i in range(1, 300)]
    with pytest.raises(LimitExceeded, match="nest deeper"):
        document("\n".join(lines))


# Values


def test_values_are_those_of_the_core_schema():
    text = (
        "[~, null, true, False, 12, -3, 0o17, 0x1F, 1.5, .5, 1e3, .inf, -.INF, yes, no, 0b1, 1_0, '1', "
        "\"true\", !!str 1, !!int '7', !!float 2, !x 3, 0777, 12:30]\n"
    )
    found = document(text)
    assert [found.value(field) for field in found.fields] == [
        None, None, True, False, 12, -3, 15, 31, 1.5, 0.5, 1000.0, float("inf"), float("-inf"), "yes", "no",
        "0b1", "1_0", "1", "true", "1", 7, 2.0, "3", 777, "12:30",
    ]  # fmt: skip
    assert found.data() == [found.value(field) for field in found.fields]
    assert [found.is_plain(field) for field in found.fields[16:19]] == [True, False, False]


def test_contents_have_neither_quotes_nor_escapes():
    found = document("a: 'it''s'\nb: \"\\ud83d\\ude00\\u2028\"\nc: >\n  x\n  y\nd: p\u2028q\u0085\n")
    contents = [found.content(field) for field in found.fields]
    assert contents == ["it's", "\U0001f600\u2028", "x y\n", "p\u2028q\u0085"]


def test_data_shares_aliases_and_merges():
    text = "a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  y: 3\n1: !!binary aGk=\n~: n\n"
    data = document(text).data()
    assert data == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"y": 3, "x": 1}, 1: b"hi", None: "n"}
    assert data["a"] is data["b"]
    assert document("").data() is None
    assert document("a\n---\nb\n").data() == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2\n", 2),
        ("\n? [a]\n: b\n", 2),
        ("\na: !!binary '*'\n", 2),
        ("b: 1\n'b': 2\n", 2),
        ("1: a\ntrue: b\n", 2),
    ],
)
def test_data_refuses_what_plain_data_cannot_hold(text, line):
    with pytest.raises(DocumentRefused) as caught:
        document(text).data()
    assert caught.value.line == line


def test_data_refuses_to_merge_anything_but_mappings():
    with pytest.raises(DocumentRefused, match="merge"):
        document("a:\n  <<: x\n").data()


# Formatters between sealing and opening

BLOCKS = (
    "a:\n  b: |\n    x\n      y\n\n    z\n  c: >-\n    p\n    q\n  d: m\n    n\n"
    "  e: 'f\n    g'\n  h: |1\n     i\n    j\n"
    '  k:\n  - |2\n     l\n  - - "o\n      r"\n'
)


@pytest.mark.parametrize("columns", [1, 2, 7])
def test_lines_follow_when_the_file_was_indented_and_come_back_exactly(columns):
    result, payloads = sealed(BLOCKS)
    pad = " " * columns
    moved = "w:\n" + "".join(pad + line for line in result.text.splitlines(keepends=True))
    opened = document(document(moved).with_payloads(payloads))
    assert opened.data() == {"w": document(BLOCKS).data()}
    again = {i: opened.payload(opened.fields[i]) for i in payloads}
    tokens = dict.fromkeys(payloads, TOKEN)
    back = "".join(line[columns:] for line in opened.with_tokens(tokens).splitlines(keepends=True)[1:])
    assert document(back).with_payloads(again) == BLOCKS


def test_a_block_that_flow_style_cannot_hold_comes_in_double_quotes():
    _, payloads = sealed("a:\n      b: |\n       x\n      c: 1\n", [0])
    assert document(f'a: {{b: "{TOKEN}", c: 1}}\n').with_payloads(payloads) == 'a: {b: "x\\n", c: 1}\n'


def test_lines_that_stand_too_far_left_after_a_move_come_in_double_quotes():
    _, payloads = sealed("a: {b: p\n q}\n")  # the second line is less indented than b will be
    opened = document(f"a:\n  b:\n    c: {TOKEN}\n").with_payloads(payloads)
    assert document(opened).data() == {"a": {"b": {"c": "p q"}}}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a, b", '"a, b"'), ("x]", '"x]"'), ("?q", '"?q"'), ("plain", "plain"), ("'q, r'", "'q, r'"),
     ("12", "12"), (">-\n  l\n  m", '"l m"')],
)  # fmt: skip
def test_a_value_that_flow_style_cannot_hold_comes_in_double_quotes(value, shown):
    _, payloads = sealed(f"k: {value}\n")
    assert document(f'{{k: "{TOKEN}"}}\n').with_payloads(payloads) == f"{{k: {shown}}}\n"


@pytest.mark.parametrize("spelling", [TOKEN, f"'{TOKEN}'", f'"{TOKEN}"', f"|-\n  {TOKEN}", f">-\n  {TOKEN}"])
def test_quotes_of_the_token_do_not_matter(spelling):
    for text in ("k: v\n", "k: 'v'\n", "k: |-\n  a\n  b\n"):
        _, payloads = sealed(text)
        assert document(f"k: {spelling}\n").with_payloads(payloads) == text


@pytest.mark.parametrize("text", ["a: |\n  x\n  y\nb: 'c\n  d'\n", "a: |\r\n  x\r\n  y\r\nb: 'c\r\n  d'\r\n"])
def test_line_ends_follow_those_of_the_file(text):
    result, payloads = sealed(text)
    other = result.text.replace("\r\n", "\n")
    assert document(other).with_payloads(payloads) == text.replace("\r\n", "\n")
    assert document(other.replace("\n", "\r\n")).with_payloads(payloads) == text.replace(
        "\r\n", "\n"
    ).replace("\n", "\r\n")


def test_the_payload_is_the_same_in_both_line_ends():
    text = "a: |\n  x\n  y\nb: c\n"
    assert sealed(text)[1] == sealed(text.replace("\n", "\r\n"))[1]


def test_the_payload_does_not_depend_on_what_else_is_sealed():
    text = "a: {b: \"x\n  y\", c: 'p\n  q'}\n"
    _, payloads = sealed(text)
    half, _ = sealed(text, [0])
    assert half.payload(half.fields[1]) == payloads[1]


def test_a_bare_null_gives_its_space_back():
    result, payloads = sealed("a:\nb:  # c\n")
    assert result.text == f"a: {TOKEN}\nb: {TOKEN}  # c\n"
    folded = document(f"a:\n  {TOKEN}\nb: '{TOKEN}'\n")
    assert document(folded.with_payloads(payloads)).data() == {"a": None, "b": None}


@pytest.mark.parametrize(
    "payload",
    [Payload(""), Payload("a", has_file_line_ends=True), Payload("a\r\nb", has_file_line_ends=True)],
)
def test_payloads_that_no_yaml_file_gives_are_refused(payload):
    with pytest.raises(DocumentRefused, match="form"):
        document(f"a: {TOKEN}\n").with_payloads({0: payload.dump()})


@pytest.mark.parametrize(
    "slice", ["x\nadmin: true", "x\n# y", " x\n y", "&a x\n y", "[x,\n y]", "*a\n", "#\n"]
)
def test_a_moved_slice_that_is_no_single_value_is_refused(slice):
    with pytest.raises(DocumentRefused, match="not one yaml value"):
        document(f"a: {TOKEN}\n").with_payloads({0: Payload(slice, column=4).dump()})


def test_outlines_tell_what_a_reader_would_see():
    base = document("a: 1\nb: &x !t {c: 'd'}\n")
    without = frozenset([0])
    assert document('a:   2  # c\nb: &x !t {c: "d"}\n').outline(without) == base.outline(without)
    for other in (
        "a: 1\nb: &x !t {c: d}\n", "a: 1\nb: &y !t {c: 'd'}\n", "a: 1\nb: &x !u {c: 'd'}\n",
        "a: !s 1\nb: &x !t {c: 'd'}\n", "a: 1\nb: &x !t {e: 'd'}\n", "--- \na: 1\nb: &x !t {c: 'd'}\n",
        "a: &q 1\nb: &x !t {c: 'd'}\n", "a: 1\nb: &x !t\n  c: 'd'\n", "a: 1\nb: &x !t {c: 'd', e: f}\n",
    ):  # fmt: skip
        assert document(other).outline(without) != base.outline(without), other
