"""YAML: whatever is written, and however, comes back; what is edited changes nothing else."""

from __future__ import annotations

import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sealring.documents import parse
from sealring.documents.yaml_literals import spell
from sealring.documents.yaml_scalars import resolve
from sealring.errors import DocumentRefused
from sealring.model.field_path import FieldPattern

TOKEN = "ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z@3.aaaaa,QUJD_-x]"

letters = st.text("ab :#-,[]{}'\"|>&*!%@`?\\~\n\t=.é\u2028\x85\U0001f600", max_size=12)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    letters,
    st.sampled_from(["no", "0777", "x\ny\n"]),
)
keys = st.text("abcxyz -:#é", min_size=1, max_size=5)
trees = st.recursive(
    values,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4),
    max_leaves=12,
)
styles = st.sampled_from([None, '"', "'", "|", ">"])


@st.composite
def texts(draw):
    """Write a tree in one of the styles of another writer of YAML."""
    text = pyyaml.dump(
        draw(trees),
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(styles),
        indent=draw(st.integers(2, 5)),
        width=draw(st.sampled_from([10, 80])),
        allow_unicode=draw(st.booleans()),
        explicit_start=draw(st.booleans()),
        explicit_end=draw(st.booleans()),
        sort_keys=False,
        line_break=draw(st.sampled_from(["\n", "\r\n"])),
    )
    return draw(st.sampled_from(["", "\ufeff"])) + text


def sealed(document, chosen):
    payloads = {i: document.payload(document.fields[i]) for i in chosen}
    return parse(document.with_tokens(dict.fromkeys(chosen, TOKEN)), "yaml"), payloads


@settings(max_examples=200, deadline=None)
@given(texts(), st.data())
def test_any_choice_of_values_is_restored_byte_for_byte(text, data):
    try:
        document = parse(text, "yaml")
    except DocumentRefused:
        return  # the other writer emits some texts that no reader takes
    scalars = [i for i, field in enumerate(document.fields) if field.kind == "scalar"]
    chosen = [i for i in scalars if data.draw(st.booleans())]
    result, payloads = sealed(document, chosen)
    assert result.outline(frozenset(chosen)) == document.outline(frozenset(chosen))
    assert result.with_payloads(payloads) == text
    part = {i: payload for i, payload in payloads.items() if data.draw(st.booleans())}
    half = parse(result.with_payloads(part), "yaml")
    rest = {i: payload for i, payload in payloads.items() if i not in part}
    assert half.with_payloads(rest) == text


@settings(max_examples=100, deadline=None)
@given(texts(), st.integers(1, 9))
def test_values_survive_another_indentation(text, columns):
    text = text.removeprefix("\ufeff")
    for mark in ("--- ", "---\n", "---\r\n", "...\n", "...\r\n"):
        text = text.replace(mark, "")
    try:
        document = parse(text, "yaml")
        before = document.data()
    except DocumentRefused:
        return
    scalars = [i for i, field in enumerate(document.fields) if field.kind == "scalar"]
    if not isinstance(before, (dict, list)) or len(document.built.documents) != 1:
        return
    result, payloads = sealed(document, scalars)
    moved = "w:\n" + "".join(" " * columns + line for line in result.text.splitlines(keepends=True))
    assert parse(parse(moved, "yaml").with_payloads(payloads), "yaml").data() == {"w": before}


@settings(max_examples=200, deadline=None)
@given(values)
def test_a_literal_reads_back_as_its_value_anywhere(value):
    for text in (f"k: {spell(value)}\n", f"[{spell(value)}]", f'{{"k":{spell(value)} }}'):
        document = parse(text, "yaml")
        found = document.value(document.fields[0])
        assert found == value
        assert type(found) is type(value)


@settings(max_examples=200, deadline=None)
@given(letters)
def test_a_value_set_in_any_place_reads_back(value):
    for text in ("a: x\n", "a:\n  - b: 'x'\n", "{a: x}", "a:\n- |\n  x\n", "a: x # c\n", "- x\r\n"):
        document = parse(text, "yaml")
        result = parse(document.with_slices({0: document.literal(value, document.fields[0])}), "yaml")
        assert result.value(result.fields[0]) == value


@settings(max_examples=100, deadline=None)
@given(texts(), keys, letters, st.data())
def test_an_insertion_adds_that_and_nothing_else_or_is_refused(text, key, value, data):
    try:
        document = parse(text, "yaml")
        before = document.data()
    except DocumentRefused:
        return
    parts, here = [], before
    while isinstance(here, (dict, list)) and here and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        parts.append(("k", step) if isinstance(here, dict) else ("n", str(step)))
        here = here[step]
    parts.append(("k", key) if not isinstance(here, list) else ("i",))
    try:
        result = document.inserted(FieldPattern("where", tuple(parts)), document.literal(value, None))
    except DocumentRefused:
        assert not (isinstance(here, dict) and here and key not in here) or not text.endswith("\n")
        return
    if here is None:
        return  # a null gave way to a mapping
    if isinstance(here, dict):
        here[key] = value
    else:
        here.append(value)
    assert parse(result, "yaml").data() == before


@settings(max_examples=100, deadline=None)
@given(texts(), st.data())
def test_a_removal_takes_that_and_nothing_else_or_is_refused(text, data):
    try:
        document = parse(text, "yaml")
        before = document.data()
    except DocumentRefused:
        return
    if not isinstance(before, (dict, list)) or not document.fields:
        return
    index = data.draw(st.sampled_from(range(len(document.fields))))
    field = document.fields[index]
    try:
        result = document.removed(index)
    except DocumentRefused:
        return
    positions = iter(field.indices)
    steps = [part[1] if part[0] == "k" else next(positions) for part in field.path.parts]
    here = before
    for step in steps[:-1]:
        here = here[step]
    del here[steps[-1]]
    assert parse(result, "yaml").data() == before


BITS = [
    "\n",
    "\r",
    "  ",
    "\t",
    " #",
    ": ",
    "- ",
    "? ",
    "|",
    ">+\n",
    "&a ",
    "*a",
    "!t ",
    "'",
    '"',
    "{",
    "]",
    ",",
    "---\n",
    "\u2028",
]
SEEDS = [
    "a: &a |\n  x\n  y\n\nb: {c: 'd', e: [f, *a]}\n# g\nh:\n- i: \"j\n    k\"\n- !t l\nm:\n",
    "--- # x\n? [a]\n: >-\n  b\n...\n---\n<<: {c: d}\ne: f\n  g\n",
]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 3), st.sampled_from(BITS)), max_size=4),
)
def test_a_damaged_text_is_refused_or_restored(text, changes):
    for at, cut, bit in changes:
        text = text[:at] + bit + text[at + cut :]
    try:
        document = parse(text, "yaml")
        scalars = [i for i, field in enumerate(document.fields) if field.kind == "scalar"]
        result, payloads = sealed(document, scalars)
    except DocumentRefused:
        return
    if len(result.fields) == len(document.fields):
        chosen = frozenset(scalars)
        if result.outline(chosen) == document.outline(chosen):
            assert result.with_payloads(payloads) == text


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789.eExXoO+-_:inaINA", max_size=8))
def test_plain_scalars_are_typed_like_their_spelling(text):
    value = resolve(text)
    if isinstance(value, str):
        assert value == text
    else:
        assert resolve(spell(value)) == value or value != value
