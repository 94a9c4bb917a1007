"""What changed between two states of a repository, by what tokens and public files say.

Without keys nobody can tell whether a rekeyed token holds the same value; its set time says so, and an
honest writer wrote that.
"""

from __future__ import annotations

from sealring.core.reading import examine
from sealring.errors import SealringError
from sealring.files.tree import CONTROL_DIR
from sealring.model.record import Record
from sealring.model.token import UNKNOWN_TIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.snapshot import Snapshot
    from sealring.audit.view import FileView, View
    from sealring.core.reading import Sealed
    from sealring.core.session import Session
    from sealring.model.field_path import FieldPath
    from sealring.model.token import Token
    from sealring.policy.rules import Rule

ADDED, REMOVED, CHANGED, REKEYED = "added", "removed", "changed", "rekeyed"
REGROUPED, MOVED, SEALED, UNSEALED = "regrouped", "moved", "sealed", "unsealed"
_MAX_CONTROL_BYTES = 1024 * 1024


class ValueChange(Record):
    """What became of one sealed value. went_back: its set time is earlier now. old, new: its groups."""

    file: str
    line: int
    place: str
    how: str
    old: str = ""
    new: str = ""
    went_back: bool = False


class Narrowed(Record):
    """A field that the base's policy seals and the new one does not; is_plain: it is no token now."""

    file: str
    line: int
    place: str
    rule: Rule
    is_plain: bool
    what: str


class Base:
    """What a change is judged against.

    view: the state that the change started from, with the files that differ. judge: the policy of the
    base as it is now.
    """

    def __init__(
        self, label: str, view: View, judge: Session, new: View, extra: list[FileView]
    ) -> None:
        """Compare two states.

        Args:
            new: the state to be judged.
            extra: files of it that only the base's policy covers.
        """
        self.label = label
        self.view = view
        self.judge = judge
        self.new = new
        self.extra = extra
        self.values = list(_values(view, new, extra))
        self.narrowed = list(_narrowed(judge, [*new.files, *extra]))
        self.control = control_changes(view.snapshot, new.snapshot)


def control_changes(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Return the files below `.sealring` that differ: name -> ADDED, REMOVED or CHANGED."""
    before = {name for name in old.names if name.startswith(CONTROL_DIR + "/")}
    after = {name for name in new.names if name.startswith(CONTROL_DIR + "/") and new.source.exists(name)}
    found = dict.fromkeys(after - before, ADDED) | dict.fromkeys(before - after, REMOVED)
    both = sorted(before & after)
    both = [name for name in both if not old.version(name) or old.version(name) != new.version(name)]
    texts = dict(old.read_many(both, _MAX_CONTROL_BYTES))
    for name, content in new.read_many(both, _MAX_CONTROL_BYTES):
        if isinstance(content, SealringError) or texts.get(name) != content:
            found[name] = CHANGED
    return dict(sorted(found.items()))


def _narrowed(judge: Session, files: list[FileView]) -> Iterator[Narrowed]:
    for file in files:
        if file.error is not None and not file.text:
            continue
        try:
            old = examine(judge, file.name, file.text, any_group=True)
        except SealringError:
            continue
        kept = file.sealed.rules if file.sealed is not None else {}
        for index, rule in old.rules.items():
            field = old.document.fields[index]
            if index in kept or (field.kind == "empty" and index not in old.problems):
                continue
            place = field.place or "the value"
            yield Narrowed(file.name, file.line(field), place, rule, not field.token, field.kind)


def _values(old: View, new: View, extra: list[FileView]) -> Iterator[ValueChange]:
    before = {file.name: (file, sealed) for file, sealed in old.documents()}
    now = [*new.files, *extra]
    after = {file.name: (file, file.sealed) for file in now if file.sealed is not None}
    unchanged = {file.name for file in now} - set(after)  # does not parse: a rule says so
    renamed = _renames(before, after, set(new.snapshot.names))
    for name, (file, sealed) in after.items():
        source = renamed.get(name, name)
        if source in before:
            yield from _file_changes(before[source][1], file, sealed)
        elif old.snapshot.version(name) == "" or name not in old.snapshot.names:
            yield from _file_changes(None, file, sealed)
    for name, (_file, sealed) in before.items():
        if name not in after and name not in renamed.values() and name not in unchanged:
            for index, token in sealed.tokens.items():
                place = sealed.document.fields[index].place
                yield ValueChange(name, 0, place, REMOVED, old=token.at.group)


def _renames(
    before: dict[str, tuple[FileView, Sealed]], after: dict[str, tuple[FileView, Sealed]], names: set[str]
) -> dict[str, str]:
    """Return new names with the old ones, for files whose values were all resealed elsewhere."""

    def shape(sealed: Sealed) -> tuple[tuple[FieldPath, str, str], ...]:
        fields = sealed.document.fields
        return tuple((fields[i].path, t.set_time, t.at.group) for i, t in sealed.tokens.items())

    gone = {shape(sealed): name for name, (_file, sealed) in before.items() if name not in names}
    found = {}
    for name, (_file, sealed) in after.items():
        key = shape(sealed)
        if name not in before and key and key in gone:
            found[name] = gone.pop(key)
    return found


def _file_changes(old: Sealed | None, file: FileView, new: Sealed) -> Iterator[ValueChange]:
    left = _by_path(old) if old is not None else {}
    plain = _plain_paths(old) if old is not None else set()
    texts = {token.text(): path for path, tokens in left.items() for token in tokens}
    waiting: list[tuple[int, Token]] = []
    for index, token in new.tokens.items():
        path = new.document.fields[index].path
        if token in left.get(path, ()):
            left[path].remove(token)
        else:
            waiting.append((index, token))
    for index, token in waiting:
        field = new.document.fields[index]
        change = ValueChange(file.name, file.line(field), field.place, ADDED, new=token.at.group)
        at_path = left.get(field.path)
        moved_from = texts.get(token.text())
        if at_path:
            yield _changed(change, at_path.pop(0), token)
        elif moved_from is not None and token in left.get(moved_from, ()):
            left[moved_from].remove(token)
            yield change.replace(how=MOVED, old=token.at.group)
        else:
            yield change.replace(how=SEALED) if field.path in plain else change
    now_plain = _plain_paths(new)
    for path, tokens in left.items():
        for token in tokens:
            how = UNSEALED if path in now_plain else REMOVED
            yield ValueChange(file.name, 0, path.text(), how, old=token.at.group)


def _changed(change: ValueChange, old: Token, new: Token) -> ValueChange:
    known = UNKNOWN_TIME not in (old.set_time, new.set_time)
    went_back = known and new.set_time < old.set_time
    how = CHANGED
    if old.at.group != new.at.group:
        how = REGROUPED
    elif known and (old.set_time, old.origin) == (new.set_time, new.origin):
        how = REKEYED
    return change.replace(how=how, old=old.at.group, went_back=went_back)


def _by_path(sealed: Sealed) -> dict[FieldPath, list[Token]]:
    found: dict[FieldPath, list[Token]] = {}
    for index, token in sealed.tokens.items():
        found.setdefault(sealed.document.fields[index].path, []).append(token)
    return found


def _plain_paths(sealed: Sealed) -> set[FieldPath]:
    return {field.path for field in sealed.document.fields if field.kind == "scalar" and not field.token}
