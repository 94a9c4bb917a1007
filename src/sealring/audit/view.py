"""What rules look at: the files that the policy covers, parsed, with the state of every group.

Everything is worked out once; a rule is a loop over it.
"""

from __future__ import annotations

from sealring.audit.snapshot import INDEX
from sealring.audit.words import quoted
from sealring.core.reading import examine
from sealring.core.texts import text_of
from sealring.errors import SealringError
from sealring.files.tree import CONTROL_DIR
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sealring.audit.compare import Base
    from sealring.audit.snapshot import Snapshot
    from sealring.core.reading import Sealed
    from sealring.core.session import Session
    from sealring.documents.base import Field
    from sealring.keyring.membership import Standing
    from sealring.model.token import EpochRef, Token

CURRENT, STALE, RETIRED, UNKNOWN = "current", "stale", "retired", "unknown"


class FileView(Record):
    """One covered file: its text and what was found in it, or why it could not be read."""

    name: str
    text: str
    sealed: Sealed | None
    error: SealringError | None

    def line(self, field: Field) -> int:
        """Return the line of a field, from 1."""
        return self.text.count("\n", 0, field.start) + 1


class View:
    """One state of the repository, as far as it is to be judged."""

    def __init__(self, session: Session, snapshot: Snapshot, files: list[FileView], *, whole: bool) -> None:
        """Take what was read.

        Args:
            whole: `files` are all that the policy covers, so that absence means something.

        base: what the change is judged against. past: (commit, file) pairs of a range's history.
        """
        self.session = session
        self.snapshot = snapshot
        self.files = files
        self.whole = whole
        self.base: Base | None = None
        self.past: list[tuple[str, FileView]] = []
        self._states: dict[str, Standing | None] = {}
        self._ages: dict[tuple[str, str], str] = {}

    def encrypt_hint(self, name: str) -> str:
        """Return the one command that seals a file, and stages it where that is what counts."""
        seal = f"sealring encrypt {quoted(name)}"
        return f"`{seal} && git add {quoted(name)}`" if self.snapshot.in_git else f"`{seal}`"

    def documents(self) -> Iterator[tuple[FileView, Sealed]]:
        """Yield the files that could be parsed."""
        for file in self.files:
            if file.sealed is not None:
                yield file, file.sealed

    def tokens(self) -> Iterator[tuple[FileView, Field, Token, int]]:
        """Yield every token that is right as far as its own file tells, with its position."""
        for file, sealed in self.documents():
            for index, token in sealed.tokens.items():
                yield file, sealed.document.fields[index], token, index

    def groups(self) -> list[str]:
        """Return the groups that are concerned: all, or where part is looked at, those of its files."""
        known = self.session.keyring.group_names()
        if self.whole:
            return known
        used = {token.at.group for _file, _field, token, _index in self.tokens()}
        used |= {rule.group for _file, sealed in self.documents() for rule in sealed.rules.values()}
        return [name for name in known if name in used]

    def state(self, group: str) -> Standing | None:
        """Return the state of a group, None if it is not there or its files are malformed."""
        if group not in self._states:
            try:
                self._states[group] = self.session.standing(group)
            except SealringError:
                self._states[group] = None
        return self._states[group]

    def age(self, at: EpochRef) -> str:
        """Tell what an epoch is: CURRENT, STALE, RETIRED, UNKNOWN, or empty where its group is malformed.

        Without keys, the statement of an epoch is taken as it stands; readers check it.
        """
        key = (at.group, at.epoch)  # a record's own hash costs more than all the rest, for every value
        if key not in self._ages:
            self._ages[key] = self._age(at)
        return self._ages[key]

    def _age(self, at: EpochRef) -> str:
        if at.group not in self.session.keyring.group_names():
            return UNKNOWN
        state = self.state(at.group)
        if state is None:
            return ""
        epoch = self.session.keyring.group(at.group).epoch(at.epoch)
        if epoch is None:
            return UNKNOWN
        if epoch in state.current:  # what is wrong with it is said once, for the group
            return CURRENT
        is_retired = any(at.epoch in newer.retired for newer in state.current)
        belongs = {*state.members, *state.joining, *state.leaving}
        return RETIRED if is_retired or not set(epoch.holders) <= belongs else STALE


def covered(session: Session, snapshot: Snapshot) -> list[str]:
    """Return the names of files that the policy covers, those in repositories below left out."""
    inner = _repositories_below(snapshot.names)
    found = []
    for name in snapshot.names:
        if session.policy.covers(name) and not (inner and _is_below(name, inner)):
            found.append(name)
    return found


def load(session: Session, snapshot: Snapshot, names: Iterable[str], *, whole: bool) -> View:
    """Read and parse files of a state.

    Args:
        names: those to read; only these are.
    """
    limit = 4 * session.policy.limits.text_chars
    several = snapshot.unmerged if snapshot.kind == INDEX else ()
    wanted = [name for name in names if name not in several]
    files = [file_view(session, name, content) for name, content in snapshot.read_many(wanted, limit)]
    return View(session, snapshot, files, whole=whole)


def file_view(session: Session, name: str, content: bytes | SealringError) -> FileView:
    """Parse one file; what is wrong with it is part of the answer."""
    text = ""
    try:
        if isinstance(content, SealringError):
            raise content
        text = text_of(name, content)
        return FileView(name, text, examine(session, name, text), None)
    except SealringError as error:
        return FileView(name, text, None, error)


def _repositories_below(names: Iterable[str]) -> set[str]:
    """Return the folders that have a `.sealring` of their own: their files are theirs."""
    mark = f"/{CONTROL_DIR}/"
    inner = (name for name in names if mark in name and not name.startswith(CONTROL_DIR + "/"))
    return {name[: name.index(mark)] for name in inner}


def _is_below(name: str, folders: set[str]) -> bool:
    while "/" in name:
        name = name.rpartition("/")[0]
        if name in folders:
            return True
    return False
