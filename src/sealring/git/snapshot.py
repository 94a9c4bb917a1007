"""One state of the repository as git holds it: the index, or the tree of a commit.

Listing reads names alone. Of contents, only those are read that somebody asks for, by one process.
"""

from __future__ import annotations

import os

from sealring.errors import FileAccess, GitError
from sealring.files.source import Source
from sealring.git.run import git, require_git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sealring.git.objects import ObjectReader

_LINK, _SUBMODULE = "120000", "160000"


class GitSource(Source):
    """The files of one state: names with object ids, contents on demand.

    names: of regular files, sorted. unmerged: names that a merge has left with several versions.
    """

    def __init__(
        self,
        label: str,
        entries: Iterable[tuple[str, str, str]],
        reader: ObjectReader,
        unmerged: Iterable[str] = (),
    ) -> None:
        """Take a listing.

        Args:
            label: how messages call this state, such as "the index".
            entries: (mode, object id, name) triples; symbolic links and submodules are passed over.
        """
        self.label = label
        self._reader = reader
        self._ids = {name: object_id for mode, object_id, name in entries if mode not in (_LINK, _SUBMODULE)}
        self.unmerged = frozenset(unmerged)
        self.names = tuple(sorted({*self._ids, *self.unmerged}))
        self._folders: dict[str, set[str]] | None = None

    def version(self, name: str) -> str:
        """Return the object id of a file; empty if it is not there."""
        return self._ids.get(name, "")

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """Return the content of a file; see `Source.read`."""
        if name not in self._ids:
            raise FileAccess(f"no such file in {self.label}", file=name)
        return self._reader.blob(self._ids[name], name, limit)

    def read_many(
        self, names: Iterable[str], limit: int | None = None
    ) -> Iterator[tuple[str, bytes | FileAccess]]:
        """Yield the contents of files that are there; an error stands for one that is too large."""
        return self._reader.blobs(((name, self._ids[name]) for name in names if name in self._ids), limit)

    def list(self, folder: str) -> list[str]:
        """Return the names in a folder, hidden ones left out."""
        return sorted(name for name in self._below().get(folder, ()) if not name.startswith("."))

    def exists(self, name: str) -> bool:
        """Tell whether there is a file or folder of this name."""
        return name in self._ids or name in self._below()

    def _below(self) -> dict[str, set[str]]:
        if self._folders is None:
            self._folders = {}
            for name in self._ids:
                while "/" in name:
                    name, _, last = name.rpartition("/")
                    inside = self._folders.setdefault(name, set())
                    if last in inside:
                        break
                    inside.add(last)
        return self._folders


def index_source(root: str, reader: ObjectReader) -> GitSource:
    """Return what git's index holds below a directory.

    In a hook this is the index of the commit that is being made.
    """
    listed = require_git(root, "ls-files", "--stage", "-z")
    entries, unmerged = [], set()
    for record in _split(listed):
        head, _, name = record.partition("\t")
        mode, object_id, stage = head.split(" ")
        if stage == "0":
            entries.append((mode, object_id, name))
        else:
            unmerged.add(name)
    return GitSource("the index", entries, reader, unmerged)


def revision_source(root: str, revision: str, reader: ObjectReader) -> GitSource:
    """Return the tree of a commit, below a directory.

    Raises:
        GitError: there is no such commit.
    """
    commit = commit_id(root, revision)
    entries = []
    for record in _split(require_git(root, "ls-tree", "-r", "-z", commit)):
        head, _, name = record.partition("\t")
        mode, _kind, object_id = head.split(" ")
        entries.append((mode, object_id, name))
    return GitSource(revision, entries, reader)


def commit_id(root: str, revision: str) -> str:
    """Return the id of the commit that a revision names.

    Raises:
        GitError: there is none.
    """
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if not found:
        raise GitError(f"there is no commit {revision!r}", hints=["in CI: fetch it, or set `fetch-depth: 0`"])
    return found.decode("ascii").strip()


def merge_base(root: str, one: str, other: str) -> str | None:
    """Return the last commit that two have in common; None if this clone knows none."""
    found = git(root, "merge-base", "--end-of-options", one, other)
    return found.decode("ascii").split()[0] if found else None


def merged(root: str) -> list[str]:
    """Return the commits that the last one has merged, or that are being merged now; none without a merge."""
    merging = git(root, "rev-parse", "--verify", "--quiet", "MERGE_HEAD")
    if merging:
        return ["HEAD", *merging.decode("ascii").split()]
    found = git(root, "rev-list", "--parents", "-n", "1", "HEAD", "--")
    listed = found.decode("ascii").split()[1:] if found else []
    return listed if len(listed) > 1 else []


def staged_names(root: str) -> list[str]:
    """Return the names below a directory that the next commit would change, also by deleting them."""
    words = ("diff", "--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff")
    return _split(require_git(root, *words, "--relative", "--ignore-submodules"))


def worktree_names(root: str) -> list[str] | None:
    """Return the names of files that are tracked or could be added; None without git.

    Ignored files are left out: they are not to be committed, so may be plain.
    """
    found = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if found is None:
        return None
    return sorted({name for name in _split(found) if not name.endswith("/")})


def unmerged_names(root: str) -> frozenset[str]:
    """Return the names of which the index holds several versions."""
    found = git(root, "ls-files", "--unmerged", "-z")
    return frozenset(record.partition("\t")[2] for record in _split(found or b""))


def range_blobs(root: str, words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (commit, name, object id) of each file that a commit of a range makes or changes, oldest first.

    For a merge, of the files that differ from all of its parents.

    Args:
        words: as for `git log`: revisions and ranges.
    Raises:
        GitError: a revision is not there.
    """
    options = ("--reverse", "--topo-order", "--raw", "-z", "--no-abbrev", "--no-renames", "--root", "-c")
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature", "--relative")
    log = require_git(root, "log", *options, *plain, "--format=%x01%H", *words, "--")
    commit, result = "", ""
    for record in _split(log):
        if result:  # the name behind the object id, whatever it looks like
            if result != "-":
                yield commit, record, result
            result = ""
            continue
        head = record.lstrip("\n")
        if head.startswith("\x01"):
            commit = head[1:]
        elif head.startswith(":"):
            colons = len(head) - len(head.lstrip(":"))
            parts = head[colons:].split(" ")
            mode, object_id = parts[colons], parts[2 * colons + 1]
            result = "-" if mode in (_LINK, _SUBMODULE) or not object_id.strip("0") else object_id


def is_shallow(root: str) -> bool:
    """Tell whether this clone lacks the older part of the history."""
    return git(root, "rev-parse", "--is-shallow-repository") == b"true\n"


def bare_root(folder: str) -> str | None:
    """Return the directory to run in, if a directory is in a bare repository; else None."""
    is_bare = git(folder, "rev-parse", "--is-bare-repository") == b"true\n"
    return os.path.realpath(folder) if is_bare else None


def top(folder: str) -> str | None:
    """Return the top of the working tree that a directory is in; None outside of git."""
    found = git(folder, "rev-parse", "--show-toplevel")
    return os.path.realpath(os.fsdecode(found).removesuffix("\n")) if found else None


def prefix(root: str) -> str:
    """Return how the names of a directory begin as seen from the top of the repository: empty, or `a/b/`."""
    found = git(root, "rev-parse", "--show-prefix")
    return os.fsdecode(found).removesuffix("\n") if found else ""


def renamed_from(root: str, name: str) -> list[tuple[str, str]]:
    """Return the earlier names of a file, nearest first, each with a commit that still had it.

    Git decides by likeness; the caller has to prove that contents belong together.
    """
    words = ("log", "--follow", "-M", "--diff-filter=R", "--name-status", "-z", "--relative", "-n", "20")
    found = git(root, *words, "--format=%x01%P", "--", name)
    earlier, commit = [], ""
    records = iter(_split(found or b""))
    for record in records:
        head = record.lstrip("\n")
        if head.startswith("\x01"):
            commit = head[1:].split(" ")[0]
        elif head.startswith("R") and commit:
            old, new = next(records, ""), next(records, "")
            if old and new:
                earlier.append((old, commit))
    return earlier


def _split(data: bytes) -> list[str]:
    return [os.fsdecode(record) for record in data.split(b"\0") if record]
