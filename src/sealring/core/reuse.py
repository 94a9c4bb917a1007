"""Which of the previous document's tokens a new plaintext keeps.

Old and new plaintext lines are aligned in order, as diff does. A value on a matched line keeps its
token if its path is equal; what is left draws from the remaining tokens of equal path and value. Each
token is used once. Matching by list position instead would turn an insertion in front of a list of maps
from 3 changed lines into 17, and break merges.

Source: spec.md 7.3.
"""

from __future__ import annotations

from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealring.model.field_path import FieldPath


class Value(Record):
    """One sealable value in a plaintext.

    line: of its first character, from 1. payload: with its quotes and layout. content: what it says,
    however it is written. group: that it is sealed to, or is to be.
    """

    index: int
    line: int
    path: FieldPath
    payload: bytes
    content: str
    group: str

    def __repr__(self) -> str:
        return f"Value({self.path}, line {self.line})"


class Matches(Record):
    """index of a new value -> index of an old one.

    kept: equal path and payload: the token can stay. same: the same value, written another way or moved
    to another path: its time and origin stay.
    """

    kept: Mapping[int, int]
    same: Mapping[int, int]


def match(old: Sequence[Value], new: Sequence[Value], old_text: str, new_text: str) -> Matches:
    """Pair new values with old ones, each old one once.

    Args:
        old: values of the previous document, in order, with lines of old_text.
        new: values of the new document, likewise.
    """
    lines = matching_lines(old_text.splitlines(), new_text.splitlines())
    used: set[int] = set()
    kept = _by_line(old, new, lines, used)
    kept.update(_by_key(old, new, kept, used, lambda value: (value.path, value.payload)))
    same = _by_key(old, new, kept, used, lambda value: (value.path, value.content))
    # A value that was moved: equal content, and nothing stands at its old path any more.
    standing = {value.path for value in new}
    moved = [value for value in old if value.path not in standing]
    same.update(_by_key(moved, new, {**kept, **same}, used, lambda value: (value.group, value.content)))
    return Matches(kept, same)


def _by_line(
    old: Sequence[Value], new: Sequence[Value], lines: Mapping[int, int], used: set[int]
) -> dict[int, int]:
    by_line: dict[int, list[Value]] = {}
    for value in old:
        by_line.setdefault(value.line, []).append(value)
    paired: dict[int, int] = {}
    for value in new:
        for candidate in by_line.get(lines.get(value.line, 0), ()):
            equal = candidate.path == value.path and candidate.payload == value.payload
            if equal and candidate.index not in used:
                paired[value.index] = candidate.index
                used.add(candidate.index)
                break
    return paired


def _by_key(
    old: Sequence[Value],
    new: Sequence[Value],
    done: Mapping[int, int],
    used: set[int],
    key: Callable[[Value], object],
) -> dict[int, int]:
    left: dict[object, list[int]] = {}
    for value in reversed(old):
        if value.index not in used:
            left.setdefault(key(value), []).append(value.index)
    paired: dict[int, int] = {}
    for value in new:
        candidates = left.get(key(value)) if value.index not in done else None
        if candidates:
            paired[value.index] = candidates.pop()
            used.add(paired[value.index])
    return paired


def matching_lines(old: Sequence[str], new: Sequence[str]) -> Mapping[int, int]:
    """Align two texts: line of the new one -> line of the old one, from 1, in order."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    pairs = {n + 1: n + 1 for n in range(head)}
    pairs.update({len(new) - n: len(old) - n for n in range(tail)})
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if middle_old and middle_new:
        from difflib import SequenceMatcher

        blocks = SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks()
        for start_old, start_new, size in blocks:
            pairs.update({head + start_new + n + 1: head + start_old + n + 1 for n in range(size)})
    return pairs
