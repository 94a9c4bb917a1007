"""The states that `check` can judge, as the disk or git holds them: git meets audit here."""

from __future__ import annotations

import os

from sealring.audit.check import Against
from sealring.audit.snapshot import COMMIT, INDEX, Snapshot, worktree
from sealring.errors import NotARepository, SealringError, UsageError
from sealring.files.source import DiskSource
from sealring.files.tree import find_root, walk
from sealring.git import snapshot as git_states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sealring.audit.check import Past
    from sealring.cli.ui import Ui
    from sealring.git.objects import ObjectReader
    from sealring.git.snapshot import GitSource

POLICY = ".sealring/policy.yaml"


def find(*, needs_disk: bool) -> str:
    """Return the directory to work in: that with `.sealring`; else a bare repository, or git's top.

    Raises:
        NotARepository: there is none.
    """
    try:
        return find_root(".")
    except NotARepository:
        elsewhere = None if needs_disk else git_states.bare_root(".") or git_states.top(".")
        if elsewhere is None:
            raise
        return elsewhere


def names_of(root: str, files: Sequence[str]) -> frozenset[str] | None:
    """Return files and folders that people named, from the root; None if they named none.

    They need not be on disk, as the index and commits may have others. A link names itself.

    Raises:
        UsageError: one is outside of the repository.
    """
    found = set()
    for file in files:
        folder, base = os.path.split(os.path.abspath(file))
        name = os.path.relpath(os.path.join(os.path.realpath(folder), base), root).replace(os.sep, "/")
        if name == ".." or name.startswith("../"):
            raise UsageError("the file is outside of the repository", file=file)
        found.add("" if name == "." else name)
    return frozenset(found) if files else None


def refuse_missing(root: str, snapshot: Snapshot, only: frozenset[str] | None) -> None:
    """Refuse names that are nowhere, as a misspelt one would pass every check.

    Raises:
        UsageError: a name is neither in the state nor on disk.
    """
    listed = set(snapshot.names)
    for name in sorted(only or ()):
        path = os.path.join(root, name)
        if name in listed or os.path.lexists(path) or any(each.startswith(name + "/") for each in listed):
            continue
        raise UsageError(f"there is no such file in {snapshot.label}", file=os.path.relpath(path))


def tip_of(span: str | None) -> str | None:
    """Return the commit at the end of a range; HEAD where it is left out.

    Raises:
        UsageError: it is no range; git would take a dash in front for an option.
    """
    if span is None:
        return None
    if ".." not in span or span.startswith("-"):
        raise UsageError("--range takes two commits as A..B", hints=["--rev takes one"])
    return span.replace("...", "..").rpartition("..")[2] or "HEAD"


class States:
    """States of one repository; each is listed when it is asked for."""

    def __init__(self, ui: Ui, root: str, reader: ObjectReader, *, rev: str | None) -> None:
        """Name the repository, and the commit to judge if it is one."""
        self.root = root
        self.rev = rev
        self._ui = ui
        self._reader = reader

    def worktree(self) -> Snapshot:
        """Return the files on disk that are tracked or could be added; without git, all."""
        names = git_states.worktree_names(self.root)
        if names is None:
            return worktree(self.root, list(walk(self.root, "", lambda _name: True)), in_git=False)
        return worktree(self.root, names, in_git=True).replace(unmerged=git_states.unmerged_names(self.root))

    def index(self) -> Snapshot:
        """Return what the next commit would hold.

        Before the first commit of `.sealring`, the policy on disk decides, as plaintext must not slip in.
        """
        source = git_states.index_source(self.root, self._reader)
        found = _snapshot(INDEX, source)
        if source.exists(POLICY) or source.unmerged:
            return found
        self._ui.note("the index has no policy yet, so that on disk was used; `git add .sealring` adds it")
        return found.replace(source=DiskSource(self.root))

    def commit(self) -> Snapshot:
        """Return the tree of the commit to judge.

        Raises:
            GitError: there is no such commit.
        """
        return _snapshot(COMMIT, git_states.revision_source(self.root, self.rev or "HEAD", self._reader))

    def staged_names(self) -> list[str]:
        """Return what the next commit changes."""
        return git_states.staged_names(self.root)

    def against(self, base: str) -> Against:
        """Return what to judge a change against: where it began, and the base as it is now."""
        judge = _snapshot(COMMIT, git_states.revision_source(self.root, base, self._reader))
        begun = git_states.merge_base(self.root, base, self.rev or "HEAD")
        if begun is None:
            self._ui.note(f"no commit is known that {base} and the change have in common; fetch more history")
        if begun is None or begun == git_states.commit_id(self.root, base):
            return Against(base, judge, judge)
        start = git_states.revision_source(self.root, begun, self._reader)
        return Against(base, _snapshot(COMMIT, start), judge)

    def past(self, words: Sequence[str]) -> Past:
        """Return what reads the covered files of all commits of a range, each version once."""
        if git_states.is_shallow(self.root):
            self._ui.note("this clone is shallow: older commits were not looked at; `git fetch --unshallow`")

        def read(covers: Callable[[str], bool]) -> Iterator[tuple[str, str, bytes | SealringError]]:
            first: dict[tuple[str, str], str] = {}
            for commit, name, object_id in git_states.range_blobs(self.root, words):
                if covers(name):
                    first.setdefault((name, object_id), commit)
            contents = self._reader.blobs(first)
            for (name, _object_id), (_name, content) in zip(first, contents, strict=True):
                yield first[name, _object_id], name, content

        return read

    def where(self, *, for_people: bool) -> Callable[[str], str]:
        """Return how names are shown: from the current directory, or from the top of the repository."""
        if for_people:
            return lambda name: os.path.relpath(os.path.join(self.root, name))
        prefix = git_states.prefix(self.root)
        return lambda name: prefix + name


def _snapshot(kind: str, source: GitSource) -> Snapshot:
    return Snapshot(
        kind, source.label, source, source.names, source.read_many, source.version, source.unmerged
    )
