"""What changed between two versions of a sealed file, field by field.

Values are compared as they are where the reader opens them. Where not, a token with the same set time and
origin under another epoch was only sealed anew; any other difference counts as a change.

Source: spec.md 4.1 (set time, origin), 7.4; docs/reference/diff.md.
"""

from __future__ import annotations

from sealring.core.merge_values import places_of
from sealring.core.reuse import matching_lines
from sealring.errors import SealringError
from sealring.model.record import Record
from sealring.model.token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealring.core.session import Session
    from sealring.documents.base import Document, Field
    from sealring.model.field_path import Part

ADDED, REMOVED, CHANGED, REKEYED, REGROUPED = "added", "removed", "changed", "rekeyed", "regrouped"
SEALED, UNSEALED = "sealed", "unsealed"


class Side(Record):
    """One version of one field. value: what it says, or None where it is closed to the reader."""

    place: str
    token: Token | None
    value: str | None

    @property
    def group(self) -> str:
        """The group that it is sealed to; empty for a plain value."""
        return self.token.at.group if self.token else ""


class Change(Record):
    """What happened to one field: one of the kinds above, and both sides of it."""

    kind: str
    old: Side | None
    new: Side | None

    @property
    def place(self) -> str:
        """Where it stands now, or stood last."""
        side = self.new or self.old
        return side.place if side else ""


class Readers(Record):
    """How many values a member can read more, and fewer, than before."""

    member: str
    gained: int
    lost: int


class FileDiff(Record):
    """The changes of one file, in the order of the new version; removed fields stand at the end."""

    name: str
    changes: tuple[Change, ...]
    readers: tuple[Readers, ...]


class Version(Record):
    """One version of a file, with the repository as it was then; a text of None: no such file."""

    session: Session
    name: str
    text: str | None


def compare(old: Version, new: Version) -> FileDiff:
    """Return what changed in one file.

    Raises:
        DocumentRefused: a version does not parse.
    """
    before, after = _Read(old), _Read(new)
    pairs = _paired(before, after)
    taken = set(pairs.values())
    changes = []
    for index in after.indices:
        if index not in pairs:
            changes.append(Change(ADDED, None, after.side(index)))
            continue
        kind = _kind(before, pairs[index], after, index)
        if kind:
            changes.append(Change(kind, before.side(pairs[index]), after.side(index)))
    changes += [Change(REMOVED, before.side(i), None) for i in before.indices if i not in taken]
    return FileDiff(new.name, tuple(changes), _readers(before, after, pairs))


class _Read:
    """A version, opened as far as the identities go."""

    def __init__(self, version: Version) -> None:
        self.session = version.session
        self.document: Document | None = None
        self.tokens: dict[int, Token] = {}
        self.payloads: dict[int, bytes] = {}
        self.indices: list[int] = []
        self._plain: Document | None = None
        if version.text is None:
            return
        self.document = document = version.session.parse(version.name, version.text)
        self.indices = [i for i, field in enumerate(document.fields) if field.kind in ("scalar", "empty")]
        for index, place in places_of(document, version.session.policy.for_file(version.name)).items():
            try:
                token = self.tokens[index] = Token.parse(document.fields[index].token)
                self.payloads[index] = version.session.cipher(token.at).open(token, place)
            except SealringError:
                continue
        plain = document.with_payloads(self.payloads) if self.payloads else document.text
        restored = version.session.parse(version.name, plain)
        self._plain = restored if len(restored.fields) == len(document.fields) else None
        self.text = plain

    def field(self, index: int) -> Field:
        assert self.document is not None
        return self.document.fields[index]

    def value(self, index: int) -> str | None:
        """Return what a field says: content, with a mark that tells `1` from `"1"`."""
        if self._plain is None or (index in self.tokens and index not in self.payloads):
            return None
        field = self._plain.fields[index]
        if field.kind != "scalar":
            return self._plain.slice_of(field)
        return self._plain.content(field)

    def compared(self, index: int) -> object:
        """Return what two fields share that hold one value."""
        value = self.value(index)
        if value is None or self._plain is None:
            return self.field(index).token
        field = self._plain.fields[index]
        return field.kind, value, field.kind == "scalar" and self._plain.is_plain(field)

    def side(self, index: int) -> Side:
        return Side(self.field(index).place, self.tokens.get(index), self.value(index))


def _paired(before: _Read, after: _Read) -> dict[int, int]:
    """Pair fields of equal path: by value first where several have it, then in order."""
    old = _by_path(before)
    pairs: dict[int, int] = {}
    for parts, new in _by_path(after).items():
        left = list(old.get(parts, ()))
        open_ones = []
        for index in new:
            same = next((i for i in left if before.compared(i) == after.compared(index)), None)
            if same is None:
                open_ones.append(index)
            else:
                pairs[index] = same
                left.remove(same)
        if len(left) > 1 or len(open_ones) > 1:
            in_order = matching_lines(
                [_birth(before, i) for i in left], [_birth(after, i) for i in open_ones]
            )
            pairs.update({open_ones[n - 1]: left[o - 1] for n, o in in_order.items()})
            left = [i for n, i in enumerate(left, 1) if n not in in_order.values()]
            open_ones = [i for n, i in enumerate(open_ones, 1) if n not in in_order]
        pairs.update(zip(open_ones, left, strict=False))
    return pairs


def _birth(read: _Read, index: int) -> str:
    token = read.tokens.get(index)
    return f"{token.set_time} {token.origin}" if token else f"plain {index}"


def _by_path(read: _Read) -> dict[tuple[Part, ...], list[int]]:
    found: dict[tuple[Part, ...], list[int]] = {}
    for index in read.indices:
        found.setdefault(read.field(index).path.parts, []).append(index)
    return found


def _kind(before: _Read, i: int, after: _Read, j: int) -> str:
    """Return what happened to a field that both versions have; empty if nothing did."""
    old, new = before.tokens.get(i), after.tokens.get(j)
    is_same = before.compared(i) == after.compared(j)
    if old is None or new is None:
        if old is None and new is None:
            return "" if is_same else CHANGED
        return SEALED if new else UNSEALED
    if before.field(i).token == after.field(j).token:
        return ""
    if before.value(i) is None or after.value(j) is None:
        is_anew = (old.at, old.file_id) != (new.at, new.file_id)
        is_same = is_anew and (old.set_time, old.origin) == (new.set_time, new.origin)
    if not is_same:
        return CHANGED
    return REKEYED if old.at.group == new.at.group else REGROUPED


def _readers(before: _Read, after: _Read, pairs: Mapping[int, int]) -> tuple[Readers, ...]:
    """Count for each member the fields that they read now and did not, and the other way round."""
    old = _readable(before, before.tokens)
    new = _readable(after, after.tokens)
    rows = []
    for member in sorted({*old, *new}):
        had, has = old.get(member, set()), new.get(member, set())
        kept = {index for index in has if pairs.get(index) in had}
        gained, lost = len(has) - len(kept), len(had) - len(kept)
        if gained or lost:
            rows.append(Readers(member, gained, lost))
    return tuple(rows)


def _readable(read: _Read, tokens: Mapping[int, Token]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for index, token in tokens.items():
        for member in _members(read.session, token.at.group):
            found.setdefault(member, set()).add(index)
    return found


def _members(session: Session, group: str) -> Sequence[str]:
    try:
        return session.standing(group).members
    except SealringError:
        return ()


def missing_keys(session: Session, names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (file, place) for each field that one file has and another of them lacks.

    Args:
        names: name and text of each file. Lists count by the fields below them, not by their length.
    """
    listed = []
    for name, text in names:
        places = {}
        for field in session.parse(name, text).fields:
            if field.path.parts and field.path.parts[0][0] != "c":
                places[field.path.parts] = field.path.text()
        listed.append((name, places))
    every: dict[tuple[Part, ...], str] = {}
    for _, places in listed:
        every.update({parts: text for parts, text in places.items() if parts not in every})
    return [(name, text) for name, places in listed for parts, text in every.items() if parts not in places]
