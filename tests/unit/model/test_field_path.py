"""Field paths and the patterns that name them: spelling, matching, errors with their column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealring.model import field_path as module
from sealring.model.field_path import FieldPath, FieldPattern, quoted


def path(*parts):
    """Build a path: texts are keys, tuples are parts as they are."""
    return FieldPath(tuple(("k", part) if isinstance(part, str) else part for part in parts))


ELEMENT = ("i",)
DB = ("i", "name", "DB")
SECRET = ("d", "Secret", "prod", "db")

PARSED = {
    "db": (("k", "db"),),
    "db.password": (("k", "db"), ("k", "password")),
    'data."tls.crt"': (("k", "data"), ("k", "tls.crt")),
    '"a\\"b\\\\c"': (("k", 'a"b\\c'),),
    '"\\u{a}\\u{1F600}"': (("k", "\n\U0001f600"),),
    '""': (("k", ""),),
    '"*"': (("k", "*"),),
    "*": (("g", "", ""),),
    "db_*": (("g", "db_", ""),),
    "a*b*c": (("g", "a", "b", "c"),),
    "**": (("**",),),
    "**.password": (("**",), ("k", "password")),
    "a.**.b": (("k", "a"), ("**",), ("k", "b")),
    "users[].name": (("k", "users"), ("i",), ("k", "name")),
    "users[*]": (("k", "users"), ("i",)),
    "users[0].name": (("k", "users"), ("n", "0"), ("k", "name")),
    "env[name=DB].value": (("k", "env"), ("i", "name", "DB"), ("k", "value")),
    'env[name="a]b"]': (("k", "env"), ("i", "name", "a]b")),
    "[].a": (("i",), ("k", "a")),
    "a[][]": (("k", "a"), ("i",), ("i",)),
    "<Secret/db>": (("d", "Secret", "db"),),
    "<Secret/prod/db>.data.a": (("d", "Secret", "prod", "db"), ("k", "data"), ("k", "a")),
    '<"a/b"/c>[]': (("d", "a/b", "c"), ("i",)),
    "a key": (("k", "a key"),),
    "app.kubernetes.io/name": (("k", "app"), ("k", "kubernetes"), ("k", "io/name")),
}


@pytest.mark.parametrize("source", PARSED)
def test_a_pattern_is_read_into_parts(source):
    pattern = FieldPattern.parse(source)
    assert pattern.parts == PARSED[source]
    assert str(pattern) == source


REFUSED = {
    "": (1, "nothing"),
    ".a": (1, "a key is missing"),
    "a.": (3, "a key is missing"),
    "a..b": (3, "a key is missing"),
    "a.[0]": (3, "a key is missing"),
    "a]b[": (5, "a key is missing"),
    "a.b**": (3, "must stand alone"),
    "a.***": (3, "must stand alone"),
    '"a': (1, "not closed"),
    'a."b': (3, "not closed"),
    'tls"crt"': (4, "double quotes"),
    "tls\\.crt": (4, "double quotes"),
    '"a"b': (4, "expected"),
    '"a\\n"': (3, "escapes"),
    '"\\u{}"': (2, "escapes"),
    '"\\u{41"': (2, "escapes"),
    '"\\u{+41}"': (2, "escapes"),
    '"\\u{110000}"': (2, "not a character"),
    '"\\u{d800}"': (2, "not a character"),
    '"a\\': (3, "escapes"),
    "a[": (3, "a key is missing"),
    "a[x]": (2, "expected []"),
    "a[-1]": (2, "expected []"),
    "a[1234567890]": (2, "expected []"),
    "a[nmae=x]": (3, "not by 'nmae'"),
    "a[name=x": (9, "expected ']'"),
    "a[name=]": (8, "a key is missing"),
    "a[name=*_KEY]": (8, "no '*'"),
    "a[]b": (4, "expected '.'"),
    "<Secret>": (8, "expected <kind/name>"),
    "<a/b/c/d>": (9, "expected <kind/name>"),
    "<Secret/db": (11, "expected <kind/name>"),
    "<Secret/*>": (9, "no '*'"),
    "<Secret/db>data": (12, "expected '.'"),
    "<Secret/db>.": (13, "a key is missing"),
    "<Secret/db>.[]": (13, "a key is missing"),
}


@pytest.mark.parametrize("source", REFUSED)
def test_a_malformed_pattern_is_refused_with_its_column(source):
    column, what = REFUSED[source]
    with pytest.raises(ValueError, match="of field pattern") as caught:
        FieldPattern.parse(source)
    assert what in str(caught.value)
    assert f" at column {column} of " in str(caught.value)


COVERED = [
    ("db", path("db"), ()),
    ("db", path("db", "password"), ()),
    ("*", path("anything"), ()),
    ("db_*", path("db_password"), ()),
    ("*_key", path("api_key"), ()),
    ("a*b*c", path("aXbXbXc"), ()),
    ("**", path("a"), ()),
    ("**", path(), ()),
    ("**.password", path("password"), ()),
    ("**.password", path("a", "b", "password"), ()),
    ("**.password", path("password", "x", "y"), ()),
    ("a.**.b", path("a", "b"), ()),
    ("a.**.b", path("a", "x", "b", "y", "b"), ()),
    ("users.password", path("users", ELEMENT, "password"), (3,)),
    ("users.password", path("users", DB, "password"), (3,)),
    ("users[].password", path("users", DB, "password"), (0,)),
    ("users[1].password", path("users", DB, "password"), (1,)),
    ("m[0][1]", path("m", ELEMENT, ELEMENT), (0, 1)),
    ("env[name=DB].value", path("env", DB, "value"), (4,)),
    ("users", path("users", ELEMENT), (0,)),
    ("[].a", path(ELEMENT, "a"), (0,)),
    ("data.*", path(SECRET, "data", "a"), ()),
    ("**.data", path(SECRET, "data", "a"), ()),
    ("<Secret/db>.data", path(SECRET, "data", "a"), ()),
    ("<Secret/prod/db>.data", path(SECRET, "data", "a"), ()),
    ("<Secret/db>", path(SECRET, "data", "a"), ()),
    ("[]", path(SECRET, ELEMENT), (0,)),
    ("**", path(("c",)), ()),
    ("a", path("a", ("c",)), ()),
]

NOT_COVERED = [
    ("db", path("dbx"), ()),
    ("db", path("x", "db"), ()),
    ("db.password", path("db"), ()),
    ("db_*", path("DB_password"), ()),
    ("a*a", path("a"), ()),
    ("*", path(), ()),
    ("*", path(("c",)), ()),
    ("*.b", path("a", "c", "b"), ()),
    ("**.password", path("passwords"), ()),
    ("a.**.b", path("x", "a", "b"), ()),
    ("users[].password", path("users", "password"), ()),
    ("users[1].password", path("users", ELEMENT, "password"), (0,)),
    ("users[1].password", path("users", ELEMENT, "password"), ()),
    ("env[name=DB].value", path("env", ("i", "id", "DB"), "value"), (0,)),
    ("env[name=DB].value", path("env", ("i", "name", "DB2"), "value"), (0,)),
    ("users[][]", path("users", ELEMENT), (0,)),
    ("<Secret/other>.data", path(SECRET, "data"), ()),
    ("<ConfigMap/db>.data", path(SECRET, "data"), ()),
    ("<Secret/dev/db>.data", path(SECRET, "data"), ()),
    ("<Secret/db>.data", path("data"), ()),
    ('"*"', path("a"), ()),
]


@pytest.mark.parametrize(("source", "place", "indices"), COVERED)
def test_a_pattern_covers_the_field_and_all_below(source, place, indices):
    assert FieldPattern.parse(source).covers(place, indices)


@pytest.mark.parametrize(("source", "place", "indices"), NOT_COVERED)
def test_a_pattern_does_not_cover_its_neighbours(source, place, indices):
    assert not FieldPattern.parse(source).covers(place, indices)


@pytest.mark.parametrize(
    ("source", "place", "is_named"),
    [
        ("db", path("db"), True),
        ("db", path("db", "password"), False),
        ("tags", path("tags", ELEMENT), True),
        ("tags", path("tags", ELEMENT, "a"), False),
        ("**.b", path("b", "a", "b"), True),
        ("**.b", path("b", "a"), False),
        ("a.**", path("a", "b", "c"), True),
    ],
)
def test_a_pattern_names_one_field_and_not_those_below(source, place, is_named):
    assert FieldPattern.parse(source).names(place) is is_named


def test_what_a_pattern_says_about_itself():
    def facts(source):
        pattern = FieldPattern.parse(source)
        return pattern.has_wildcard, pattern.has_position, pattern.ends_in_name

    assert facts("a.b") == (False, False, True)
    assert facts("a.*") == (True, False, False)
    assert facts("**.a") == (True, False, True)
    assert facts("a[0]") == (False, True, False)


def test_positions_stand_in_for_elements_without_a_label():
    place = path("a", ELEMENT, DB, "b", ELEMENT)
    assert place.text() == "a[][name=DB].b[]"
    assert place.text((7, 8, 9)) == "a[7][name=DB].b[9]"


def test_two_paths_never_encode_alike():
    places = [path("a", "b"), path("ab"), path("a.b"), path("a", ELEMENT), path(("i", "name", "a")), path()]
    assert len({place.encode() for place in places}) == len(places)


TEXTS = st.text(max_size=6) | st.sampled_from(['a"b', "*", "**", "a.b", "a/b", "<", "a]", "\\", "u{41}", "1"])
KEYS = st.tuples(st.just("k"), TEXTS)
ELEMENTS = st.just(ELEMENT) | st.tuples(st.just("i"), st.sampled_from(module.LABELS), TEXTS)
NAMES = TEXTS.filter(bool)
DOCUMENTS = st.tuples(st.just("d"), NAMES, TEXTS, NAMES)
PATHS = st.builds(
    lambda first, rest: FieldPath((*first, *rest)),
    st.lists(DOCUMENTS, max_size=1),
    st.lists(KEYS | ELEMENTS, min_size=1, max_size=5),
)


@given(PATHS)
@settings(max_examples=200)
def test_the_text_of_a_path_is_a_pattern_that_names_it(place):
    assert FieldPattern.parse(place.text()).names(place)


@given(PATHS, PATHS)
@settings(max_examples=100)
def test_the_text_of_a_path_names_no_other_path(place, other):
    elements = [part for part in place.parts if part[0] == "i" and len(part) == 1]
    namespaces = [part for part in (*place.parts, *other.parts) if part[0] == "d" and not part[2]]
    if place != other and not elements and not namespaces:
        named = FieldPattern.parse(place.text()).names(other)
        keys = [part for part in other.parts if part[0] == "k"]
        assert not named or keys == [part for part in place.parts if part[0] == "k"]


@given(st.text(max_size=12) | st.text(alphabet='ab.*[]"\\<>/=u{}01', max_size=12))
@settings(max_examples=200)
def test_any_text_is_read_or_refused_with_a_column(source):
    try:
        FieldPattern.parse(source)
        told = ""
    except ValueError as error:
        told = str(error)
    assert not told or " at column " in told


@given(st.text(max_size=8))
def test_a_quoted_key_is_printable_and_on_one_line(key):
    assert quoted(key).isprintable()


def naive(wanted, parts, indices, passed, below):
    """Match by trying everything: the meaning, without regard to cost."""
    if not wanted:
        return below or all(part[0] == "i" for part in parts)
    kind, rest = wanted[0][0], wanted[1:]
    if kind == "**":
        if naive(rest, parts, indices, passed, below):
            return True
        return bool(parts) and naive(wanted, parts[1:], indices, passed + (parts[0][0] == "i"), below)
    if not parts:
        return False
    part, passed_now = parts[0], passed + (parts[0][0] == "i")
    if (part[0] == "d" and kind != "d") or (part[0] == "i" and kind in ("k", "g")):
        return naive(wanted, parts[1:], indices, passed_now, below)
    if kind == "k":
        fits = part == wanted[0]
    elif kind == "g":  # the strategy makes `*` and `a*` only
        fits = part[0] == "k" and part[1].startswith(wanted[0][1])
    elif kind == "i":
        fits = part[0] == "i" and (len(wanted[0]) == 1 or part == wanted[0])
    else:
        fits = part[0] == "i" and indices[passed] == int(wanted[0][1])
    return fits and naive(rest, parts[1:], indices, passed_now, below)


SMALL = st.sampled_from([("k", "a"), ("k", "b"), ELEMENT, DB])
WANTED = st.sampled_from(["a", "b", "*", "**", "a*", "a[]", "b[0]", "a[1]", "a[name=DB]"])


@given(
    st.lists(WANTED, min_size=1, max_size=6),
    st.lists(SMALL, max_size=8),
    st.lists(st.integers(0, 1), min_size=8, max_size=8),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=200)
def test_matching_equals_trying_everything(wanted, parts, indices, below, is_document):
    pattern = FieldPattern.parse(".".join(wanted))
    place = FieldPath((*([SECRET] if is_document else []), *parts))
    matched = pattern.covers(place, indices) if below else pattern.names(place, indices)
    assert matched == naive(pattern.parts, place.parts, indices, 0, below)


def test_many_wildcards_cost_no_more_than_the_product_of_lengths(monkeypatch):
    steps = 0
    fits = module._fits

    def counted(*args):
        nonlocal steps
        steps += 1
        return fits(*args)

    monkeypatch.setattr(module, "_fits", counted)
    pattern = FieldPattern.parse("**.a." * 30 + "b")
    place = path(*["a"] * 64)
    assert not pattern.covers(place)
    assert steps <= len(pattern.parts) * len(place.parts)
