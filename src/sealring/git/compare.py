"""Two states of a repository side by side: which files differ, and their texts."""

from __future__ import annotations

from sealring.core.diff import Version
from sealring.core.texts import text_of
from sealring.errors import FileAccess, SealringError, UsageError
from sealring.files.source import DiskSource
from sealring.git.run import git
from sealring.git.snapshot import GitSource, index_source, merge_base, revision_source, worktree_names
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sealring.core.session import Session
    from sealring.files.source import Source
    from sealring.git.objects import ObjectReader

    OpenSession = Callable[[Source], Session]


class State(Record):
    """One state: its files, and the repository as it was then."""

    source: Source
    session: Session
    names: frozenset[str]

    def text(self, name: str) -> str | None:
        """Return the text of a file, or None if this state does not have it."""
        if name not in self.names:
            return None
        limit = 4 * self.session.policy.limits.text_chars
        try:
            return text_of(name, self.source.read(name, limit=limit))
        except FileAccess:
            if isinstance(self.source, DiskSource):  # deleted, and the index still has it
                return None
            raise

    def version(self, name: str) -> str:
        """Return what tells two versions apart without reading them; empty on disk."""
        return self.source.version(name) if isinstance(self.source, GitSource) else ""


def states(
    root: str, revisions: Sequence[str], reader: ObjectReader, open_session: OpenSession, *, staged: bool
) -> tuple[State, State]:
    """Return the older and the newer state that a command line names, as `git diff` does.

    Args:
        revisions: none: the index and the working tree; one: it and the working tree, or `A..B`, or
            `A...B` from their merge base; two: both.
        staged: the last commit, or the one revision, and the index.
    Raises:
        GitError: there is no such commit.
        UsageError: they do not fit together.
    """
    old, new = _ends(root, revisions, staged=staged)

    def state(end: str) -> State:
        source: Source
        if end == _DISK:
            source, names = DiskSource(root), frozenset(worktree_names(root) or ())
        else:
            source = index_source(root, reader) if end == _INDEX else revision_source(root, end, reader)
            names = frozenset(source.names)
        return State(source, open_session(source), names)

    newer = state(new)
    try:
        return state(old), newer
    except SealringError:
        if old in (_DISK, _INDEX):
            raise
        # Before `sealring init` there was no policy: what the new one says will do to read plaintext.
        source = revision_source(root, old, reader)
        return State(source, newer.session, frozenset(source.names)), newer


_DISK, _INDEX = "", ":"


def _ends(root: str, revisions: Sequence[str], *, staged: bool) -> tuple[str, str]:
    if len(revisions) > 2 or (staged and len(revisions) > 1):
        raise UsageError("too many revisions", hints=["`sealring diff A..B -- FILES`"])
    if len(revisions) == 2:
        return revisions[0], revisions[1]
    only = revisions[0] if revisions else ""
    for dots in ("...", ".."):
        one, found, other = only.partition(dots)
        if not found:
            continue
        if staged:
            raise UsageError("--staged takes one revision at most")
        one, other = one or "HEAD", other or "HEAD"
        if dots == "..":
            return one, other
        base = merge_base(root, one, other)
        if base is None:
            raise UsageError(f"{one} and {other} have no commit in common")
        return base, other
    if staged:
        return only or "HEAD", _INDEX
    return only or _INDEX, _DISK


def changed_files(old: State, new: State, wanted: Callable[[str], bool]) -> Iterator[tuple[Version, Version]]:
    """Yield both versions of each file that differs and that a policy covers, or that was named.

    Args:
        wanted: whether a name counts.
    """
    for name in sorted(old.names | new.names):
        if not wanted(name) or (old.version(name) and old.version(name) == new.version(name)):
            continue
        before, after = old.text(name), new.text(name)
        if before != after:
            yield Version(old.session, name, before), Version(new.session, name, after)


def is_revision(root: str, word: str) -> bool:
    """Tell whether a word names a commit, or a range of them."""
    ends = [end or "HEAD" for end in word.replace("...", "..").split("..")]
    found = [
        git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{end}^{{commit}}") for end in ends
    ]
    return len(ends) <= 2 and all(found)
