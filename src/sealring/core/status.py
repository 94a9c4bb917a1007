"""What is sealed, what is not, and what is pending: from public files, and from keys where there are some.

Nothing is opened but the roots of epochs, and those only to tell which fields are closed to the user.
"""

from __future__ import annotations

from sealring.core.groups import able_to_rotate, errors_in
from sealring.core.reading import examine
from sealring.core.session import pending_text
from sealring.errors import (
    DepositFound,
    DocumentRefused,
    ForeignToken,
    PlaintextFound,
    SealringError,
)
from sealring.model.record import Record
from sealring.model.token import UNKNOWN_TIME, time_seconds
from sealring.policy.rules import check_groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealring.core.reading import Sealed
    from sealring.core.session import Session
    from sealring.keyring.membership import Standing
    from sealring.model.token import EpochRef, Token

_DAY_S = 86_400


class Overdue(Record):
    """A value that is older than its rule allows; by the time that its token claims."""

    place: str
    line: int
    days: int
    max_days: int


class FileStatus(Record):
    """What stands in one file.

    sealed: fields that hold a token of this file, also a stale one. stale: tokens of each group under an
    epoch that is not current; retired: tokens under one that somebody who left still holds. problems: what
    `decrypt` would refuse, plaintext among it, in the order of lines. unmatched: (rule, pattern) pairs.
    closed: fields that the user's identities do not open; None if there is no identity.
    """

    name: str
    is_covered: bool
    sealed: int = 0
    stale: Mapping[str, int] = {}
    retired: int = 0
    problems: tuple[SealringError, ...] = ()
    unmatched: tuple[tuple[str, str], ...] = ()
    overdue: tuple[Overdue, ...] = ()
    closed: int | None = None

    def count(self, kind: type[SealringError]) -> int:
        """Count the problems of one kind."""
        return sum(isinstance(problem, kind) for problem in self.problems)

    @property
    def counts(self) -> dict[str, int]:
        """Counts by the words that people see."""
        plaintext, deposits = self.count(PlaintextFound), self.count(DepositFound)
        foreign = self.count(ForeignToken)
        return {
            "sealed": self.sealed,
            "plaintext": plaintext,
            "stale": sum(self.stale.values()),
            "deposits": deposits,
            "foreign": foreign,
            "problems": len(self.problems) - plaintext - deposits - foreign,
        }

    @property
    def is_fine(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.problems or self.stale or self.retired or self.overdue)


class GroupStatus(Record):
    """The state of one group.

    pending: what waits, in words; empty if nothing does. stale: tokens in the files that were looked at.
    able: who can rotate. can_rotate: whether the user can; None if there is no identity.
    """

    name: str
    members: tuple[str, ...]
    via: Mapping[str, tuple[str, ...]]
    pending: str
    stale: int
    is_single_reader: bool
    able: tuple[str, ...]
    can_rotate: bool | None

    @property
    def is_fine(self) -> bool:
        """Whether nothing has to be done; a single reader is only a warning."""
        return not self.pending and not self.stale


class Status(Record):
    """The state of a repository, or of some of its files.

    errors: malformed files of members and groups, and rules that name groups which are not there.
    """

    files: tuple[FileStatus, ...]
    groups: tuple[GroupStatus, ...]
    errors: tuple[SealringError, ...]
    identities: int

    @property
    def is_fine(self) -> bool:
        """Whether nothing has to be done."""
        return not self.errors and (
            all(file.is_fine for file in self.files) and all(group.is_fine for group in self.groups)
        )


def status(session: Session, texts: Iterable[tuple[str, str | SealringError]]) -> Status:
    """Look at files, and at all groups and members.

    Args:
        texts: (name, text) pairs; an error stands for a file that could not be read.
    """
    errors = [*errors_in(session), *_undefined_groups(session)]
    identities = len(session.roots.identities)
    files = []
    for name, text in texts:
        found = _unreadable(session, name, text) if not isinstance(text, str) else _file(session, name, text)
        if found is not None:
            files.append(found)
    stale: dict[str, int] = {}
    for file in files:
        for group, count in file.stale.items():
            stale[group] = stale.get(group, 0) + count
    groups = []
    for group in session.keyring.group_names():
        try:
            state = session.standing(group)
        except SealringError:
            continue  # it is among `errors`
        groups.append(_group(session, state, stale.get(group, 0)))
    return Status(tuple(files), tuple(groups), tuple(errors), identities)


def _undefined_groups(session: Session) -> list[SealringError]:
    found: list[SealringError] = []
    known = session.keyring.group_names()
    for rule in session.policy.rules:
        try:
            check_groups(session.policy.replace(rules=(rule,)), known)
        except SealringError as error:
            found.append(error)
    return found


def _unreadable(session: Session, name: str, error: SealringError) -> FileStatus | None:
    is_covered = session.policy.covers(name)
    return FileStatus(name, is_covered, problems=(error.at(name),)) if is_covered else None


def _file(session: Session, name: str, text: str) -> FileStatus | None:
    """Look at one file; None for one that the policy does not cover and that holds no token."""
    try:
        sealed = examine(session, name, text)
    except DocumentRefused as error:
        return _unreadable(session, name, error)
    if not sealed.file_rules.rules and not any(field.token for field in sealed.document.fields):
        return None
    stale, retired, unknown = _epochs(session, sealed)
    problems = [*sealed.problems.values(), *sealed.general, *unknown]
    return FileStatus(
        name,
        bool(sealed.file_rules.rules),
        len(sealed.tokens) - len(unknown),
        stale,
        retired,
        tuple(sorted(problems, key=lambda error: error.line or 0)),
        tuple(
            (rule.name, pattern.source)
            for rule, pattern in sealed.file_rules.unmatched(f.path for f in sealed.document.fields)
        ),
        tuple(_overdue(session, sealed)),
        _closed(session, sealed),
    )


def _epochs(session: Session, sealed: Sealed) -> tuple[dict[str, int], int, list[SealringError]]:
    """Return stale tokens by group, how many are retired, and the errors of those of unknown epochs."""
    stale: dict[str, int] = {}
    retired, errors = 0, []
    known: dict[EpochRef, tuple[bool, bool] | SealringError] = {}
    for index, token in sealed.tokens.items():
        if token.at not in known:
            known[token.at] = _age_of(session, token)
        age = known[token.at]
        if isinstance(age, SealringError):
            errors.append(sealed.error(index, type(age), f"cannot be opened: {age.message}"))
        else:
            if age[0]:
                stale[token.at.group] = stale.get(token.at.group, 0) + 1
            retired += age[1]
    return stale, retired, errors


def _age_of(session: Session, token: Token) -> tuple[bool, bool] | SealringError:
    """Tell whether an epoch is not current, and whether it is retired."""
    try:
        session.keyring.epoch(token.at)
        is_stale = token.at not in {epoch.at for epoch in session.standing(token.at.group).current}
        return is_stale, session.is_retired(token.at)
    except SealringError as error:
        return error


def _overdue(session: Session, sealed: Sealed) -> Iterable[Overdue]:
    for index, token in sealed.tokens.items():
        rule = sealed.rules.get(index)
        if rule is None or rule.max_age_days is None or token.set_time == UNKNOWN_TIME:
            continue
        days = (session.now_s - time_seconds(token.set_time)) // _DAY_S
        if days >= rule.max_age_days:
            field = sealed.document.fields[index]
            yield Overdue(field.place, sealed.document.line_of(field.start), days, rule.max_age_days)


def _closed(session: Session, sealed: Sealed) -> int | None:
    if not session.roots.identities:
        return None
    return sum(not _opens(session, token.at) for token in sealed.tokens.values())


def _opens(session: Session, at: EpochRef) -> bool:
    try:
        return session.roots.can_open(at)
    except SealringError:  # unknown or tampered with, and told as such elsewhere
        return False


def _group(session: Session, state: Standing, stale: int) -> GroupStatus:
    current = state.current
    pending = "it has no epoch" if not current else "" if state.is_settled else pending_text(state)
    can_rotate = None
    if session.roots.identities:
        can_rotate = bool(current) and all(_opens(session, epoch.at) for epoch in current)
    able = able_to_rotate(state)
    able = tuple(name for name in able if name not in state.leaving) or able
    is_single = len(state.members) == 1
    return GroupStatus(state.group, state.members, state.via, pending, stale, is_single, able, can_rotate)
