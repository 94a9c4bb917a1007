"""Run all rules over one state of a repository: without keys, and reading only what the policy covers."""

from __future__ import annotations

from sealring.audit import rules
from sealring.audit.compare import Base
from sealring.audit.finding import ERROR, WARNING, Finding
from sealring.audit.meaning import sentences
from sealring.audit.rules import invalid_policy
from sealring.audit.view import View, covered, file_view, load
from sealring.core.session import Session
from sealring.errors import SealringError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sealring.audit.snapshot import Snapshot
    from sealring.audit.view import FileView

    Past = Callable[[Callable[[str], bool]], Iterable[tuple[str, str, bytes | SealringError]]]

POLICY_PREFIX = ".sealring/policy"
GROUPS_PREFIX = ".sealring/groups/"


class Report(Record):
    """What a check has found.

    label: the state that was judged. files: how many were read. meaning: what the change is, in words, when
    there was a base. view: None if the policy could not be read.
    """

    label: str
    findings: tuple[Finding, ...]
    files: int
    meaning: tuple[str, ...]
    base: str
    view: View | None

    def count(self, severity: str) -> int:
        """Return how many findings have a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Tell whether the check has failed: errors, or also warnings."""
        return bool(self.count(ERROR) or (strict and self.count(WARNING)))


class Against(Record):
    """What to judge a change against.

    start: the state that the change began from. judge: the base as it is now, whose policy decides; the
    same state where nothing happened there since.
    """

    label: str
    start: Snapshot
    judge: Snapshot


def check(
    root: str,
    snapshot: Snapshot,
    now_s: int,
    *,
    only: Collection[str] | None = None,
    touched: Collection[str] | None = None,
    against: Against | None = None,
    past: Past | None = None,
) -> Report:
    """Judge a state.

    Args:
        root: the directory of the repository, for messages.
        now_s: seconds since 1970, for what is overdue.
        only: names that were asked for, files or folders; None for all.
        touched: names that a commit is about to change: only these, and all if the policy or an epoch is
            among them.
        against: judge it as a change, too.
        past: yields (commit, name, content) of the files of a range of commits, oldest first; it is given
            which names the policy covers, and reads no others.
    """
    try:
        session = session_of(root, snapshot, now_s)
    except SealringError as error:
        return Report(snapshot.label, (invalid_policy.found(error),), 0, (), "", None)
    names, whole = _wanted(session, snapshot, only, touched)
    if touched is not None and not names and not any(name.startswith(".sealring/") for name in touched):
        return Report(snapshot.label, (), 0, (), "", None)
    view = load(session, snapshot, names, whole=whole)
    if against is not None:
        view.base = _base(root, view, against, now_s, only)
    if past is not None:
        view.past = list(_past(past, [session, *([view.base.judge] if view.base else [])]))
    found = [finding for module in rules.modules() for finding in module.check(view)]
    meaning = tuple(sentences(view.base)) if view.base is not None else ()
    if against is not None and view.base is None:
        meaning = (f"{against.label} has no policy that can be read, so everything is new",)
    label = against.label if against is not None else ""
    ordered = tuple(sorted(found, key=Finding.sort_key))
    return Report(snapshot.label, ordered, len(view.files), meaning, label, view)


def _past(past: Past, judges: list[Session]) -> Iterator[tuple[str, FileView]]:
    """Yield the files of a range as each policy sees them: a change cannot excuse its own commits either."""
    for commit, name, content in past(lambda name: any(judge.policy.covers(name) for judge in judges)):
        for judge in judges:
            if judge.policy.covers(name):
                yield commit, file_view(judge, name, content)


def session_of(root: str, snapshot: Snapshot, now_s: int) -> Session:
    """Return a session without identities that reads policy and groups from a state.

    Raises:
        PolicyError, FileAccess: the policy is missing or malformed there.
    """
    return Session(root, list, now_s, snapshot.source)


def _wanted(
    session: Session, snapshot: Snapshot, only: Collection[str] | None, touched: Collection[str] | None
) -> tuple[list[str], bool]:
    """Return the names to read, and whether these are all that the policy covers."""
    if touched is not None and any(_concerns_all(name) for name in touched):
        touched = None
    if only is not None and any(_concerns_all(name) for name in only):
        only = None
    if only is None and touched is None:
        return covered(session, snapshot), True
    wanted = touched if only is None else _below(snapshot.names, only)
    if touched is not None and only is not None:
        wanted = set(touched) & set(wanted or ())
    few = snapshot.replace(names=sorted(wanted or ()))
    return covered(session, few), False


def _concerns_all(name: str) -> bool:
    """Tell whether a file decides about others: the policy, or an epoch."""
    return name.startswith(POLICY_PREFIX) or (name.startswith(GROUPS_PREFIX) and "/epochs/" in name)


def _below(names: Iterable[str], only: Collection[str]) -> Iterator[str]:
    """Yield the names that were asked for, themselves or by a folder."""
    for name in names:
        above = name
        while above not in only and above:
            above = above.rpartition("/")[0]
        if above in only:
            yield name


def _base(root: str, new: View, against: Against, now_s: int, only: Collection[str] | None) -> Base | None:
    """Read the base: its policy, and the files that differ.

    Where a change began is chosen by who makes it, also before there was a policy; so the base decides.
    """
    begun, start = against.start, None
    try:
        judge = session_of(root, against.judge, now_s)
    except SealringError:
        return None
    if against.start is not against.judge:
        try:
            start = session_of(root, against.start, now_s)
        except SealringError:
            begun = against.judge
    start = start or judge
    snapshot = new.snapshot
    names = {*covered(start, begun), *(name for name in begun.names if new.session.policy.covers(name))}
    if only is not None:
        names &= set(_below(sorted(names), only))
    differing = [
        name
        for name in sorted(names)
        if not begun.version(name) or begun.version(name) != snapshot.version(name)
    ]
    old = load(start, begun, differing, whole=False)
    here = {file.name for file in new.files}
    extra = [name for name in covered(judge, snapshot) if name not in here]
    if only is not None:
        extra = list(_below(extra, only))
    return Base(against.label, old, judge, new, load(new.session, snapshot, extra, whole=False).files)
