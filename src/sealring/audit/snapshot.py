"""One state of a repository's files: the working tree, git's index, or a commit.

This package runs no git. Whoever calls it says how names are listed and contents are read.
"""

from __future__ import annotations

from sealring.errors import FileAccess, SealringError
from sealring.files.source import DiskSource
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sealring.files.source import Source

Content = "bytes | SealringError"

WORKTREE, INDEX, COMMIT = "worktree", "index", "commit"


class Snapshot(Record):
    """The files of one state.

    kind: WORKTREE, INDEX or COMMIT. label: how messages call it. source: reads the policy and the groups.
    names: of all files, `.sealring` included. read_many: yields (name, content) for names that are there;
    an error stands for a file that cannot be read. version: an id of a file's content, or empty if asking
    costs as much as reading. unmerged: names that a merge has left with several versions. in_git: whether
    git has these files.
    """

    kind: str
    label: str
    source: Source
    names: Sequence[str]
    read_many: Callable[[Iterable[str], int], Iterator[tuple[str, bytes | SealringError]]]
    version: Callable[[str], str]
    unmerged: frozenset[str] = frozenset()
    in_git: bool = True

    def read(self, name: str, limit: int) -> bytes | None:
        """Return one file, None if it is not there or cannot be read."""
        for _name, content in self.read_many([name], limit):
            return None if isinstance(content, SealringError) else content
        return None


def worktree(root: str, names: Sequence[str], *, in_git: bool) -> Snapshot:
    """Return the state of the disk.

    Args:
        names: of files that may be there; what is no regular file is passed over when it is read.
    """
    import os

    source = DiskSource(root)

    def read_many(wanted: Iterable[str], limit: int) -> Iterator[tuple[str, bytes | SealringError]]:
        for name in wanted:
            path = os.path.join(root, *name.split("/"))
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    yield name, source.read(name, limit=limit)
                except FileAccess as error:
                    yield name, error

    return Snapshot(WORKTREE, "the working tree", source, names, read_many, lambda _name: "", in_git=in_git)
