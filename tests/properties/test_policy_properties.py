"""Laws of the policy: resolving equals its definition, and no pattern is slow or surprising."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealring.model.field_path import FieldPath, FieldPattern
from sealring.policy import globs
from sealring.policy.globs import FileGlob, FileSet
from sealring.policy.rules import Policy, Rule

SECRET = ("d", "Secret", "", "db")
PARTS = st.sampled_from([("k", "a"), ("k", "b"), ("k", "ab"), ("i",), ("i", "name", "x")])
PATHS = st.builds(
    lambda first, rest: FieldPath((*first, *rest)),
    st.sampled_from([(), (SECRET,), (("d", "ConfigMap", "", "db"),)]),
    st.lists(PARTS, min_size=1, max_size=4),
)
PATTERNS = st.lists(
    st.sampled_from(["a", "b", "*", "**", "a*", "a[]", "b[name=x]"]), min_size=1, max_size=3
).map(lambda parts: FieldPattern.parse(".".join(parts)))
FILES = st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=3).map("/".join)
GLOBS = st.lists(st.sampled_from(["a", "b", "*", "?", "[a-b]", "/", "**/"]), min_size=1, max_size=5).map(
    "".join
)


def is_glob(source):
    try:
        FileGlob.parse(source)
    except ValueError:
        return False
    return True


FILE_SETS = st.builds(
    lambda first, rest: FileSet.parse([first, *(mark + glob for mark, glob in rest)]),
    GLOBS.filter(is_glob),
    st.lists(st.tuples(st.sampled_from(["", "!"]), GLOBS.filter(is_glob)), max_size=2),
)
RULES = st.builds(
    Rule,
    name=st.just("r"),
    files=FILE_SETS,
    fields=st.lists(PATTERNS, max_size=2).map(tuple),
    excepts=st.lists(PATTERNS, max_size=2).map(tuple),
    group=st.sampled_from(["dev", "prod", "ops"]),
    document_kinds=st.sampled_from([(), ("Secret",)]),
)


def naively_in(files, file):
    """Whether a file is in a set: go through all patterns in order and remember the last answer."""
    answer = False
    for source in files.source:
        if FileGlob.parse(source.removeprefix("!")).matches(file):
            answer = not source.startswith("!")
    return answer


def naively_resolved(rules, file, path):
    """Return the first rule for which all parts of the definition hold."""
    for rule in rules:
        kind = path.parts[0][1] if path.parts[0][0] == "d" else None
        if rule.document_kinds and kind not in rule.document_kinds:
            continue
        if not naively_in(rule.files, file):
            continue
        is_field = not rule.fields or [pattern for pattern in rule.fields if pattern.covers(path)]
        if is_field and not [pattern for pattern in rule.excepts if pattern.covers(path)]:
            return rule
    return None


@given(st.lists(RULES, max_size=4).map(tuple), FILES, st.lists(PATHS, min_size=1, max_size=6))
@settings(max_examples=200)
def test_resolving_equals_its_definition(rules, file, paths):
    found = Policy("id", rules).for_file(file)
    for path in (*paths, *paths):
        assert found.resolve(path) is naively_resolved(rules, file, path)


@given(st.lists(RULES, max_size=4).map(tuple), FILES)
@settings(max_examples=60)
def test_a_file_is_covered_exactly_when_a_rule_names_it(rules, file):
    policy = Policy("id", rules)
    assert policy.covers(file) == any(naively_in(rule.files, file) for rule in rules)


@given(st.text(max_size=12) | st.text(alphabet="ab*?[]!-^\\/. {}", max_size=12), st.text(max_size=12))
@settings(max_examples=200)
def test_any_text_is_a_file_pattern_or_refused_with_its_column(source, file):
    told = ""
    try:
        FileGlob.parse(source).matches(file)
    except ValueError as error:
        told = str(error)
    assert not told or " at column " in told


@given(st.lists(st.text(alphabet="ab*?[]!\\/. -", min_size=1, max_size=6), min_size=1, max_size=4))
@settings(max_examples=100)
def test_a_name_with_every_character_escaped_matches_itself_only(names):
    names = [name.replace("/", "x") for name in names]
    if {".", ".."} & set(names):
        return
    source = "/" + "/".join("".join("\\" + char for char in name) for name in names)
    glob = FileGlob.parse(source)
    assert glob.matches("/".join(names))
    assert not glob.matches("/".join([*names[:-1], names[-1] + "x"]))


NASTY = st.lists(st.sampled_from(["**/", "*a", "*[ab]", "a", "*?", "/"]), min_size=1, max_size=40).map(
    "".join
)


@given(NASTY.filter(is_glob), st.lists(st.sampled_from(["a", "aaaaaaaa", "b"]), min_size=1, max_size=40))
@example("**/a/" * 30 + "b", ["a"] * 64)
@example("*[ab]" * 30 + "c", ["a" * 200])
@example("**/" * 50 + "x", ["a"] * 64)
@settings(max_examples=60)
def test_matching_takes_no_more_steps_than_the_product_of_lengths(source, names):
    steps = 0

    def counted(inner):
        def count(*args):
            nonlocal steps
            steps += 1
            return inner(*args)

        return count

    glob = FileGlob.parse(source)
    fits, is_at = globs._fits, globs._is_at
    globs._fits, globs._is_at = counted(fits), counted(is_at)
    try:
        glob.matches_names(names)
    finally:
        globs._fits, globs._is_at = fits, is_at
    # A step costs at most its piece of the pattern, so the whole stays below 3 such products.
    assert steps <= 3 * (len(source) + 3) * sum(len(name) + 1 for name in names)
