"""Find the repository, and name files in it without leaving it."""

from __future__ import annotations

import os

from sealring.errors import FileAccess, NotARepository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONTROL_DIR = ".sealring"


def find_root(start: str) -> str:
    """Return the directory that holds `.sealring`, here or above, but not above the git root.

    A `.sealring` that is a symbolic link is not taken: what is written there must stay in the repository.

    Raises:
        NotARepository: there is none.
    """
    folder = os.path.realpath(start)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    while True:
        control = os.path.join(folder, CONTROL_DIR)
        if os.path.isdir(control) and not os.path.islink(control):
            return folder
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            raise NotARepository(
                "no .sealring directory here or above, up to the git root",
                hints=["`sealring init` makes one", "`-C DIR` runs in another directory"],
            )
        folder = above


def relative(root: str, file: str) -> str:
    """Return the repository-relative name of a file, with `/`, after resolving symbolic links.

    Raises:
        FileAccess: the file, or what it links to, is outside of the repository, or in `.sealring` or `.git`.
    """
    real = os.path.realpath(file)
    base = root.rstrip(os.sep) + os.sep
    if not real.startswith(base):
        raise FileAccess(
            "the file is outside of the repository", file=file, notes=[f"the repository is {root}"]
        )
    name = real[len(base) :].replace(os.sep, "/")
    if not {CONTROL_DIR, ".git"}.isdisjoint(name.split("/")):
        raise FileAccess("files in .sealring and .git are never sealed", file=file)
    return name


def inside(root: str, name: str) -> str:
    """Return where a repository-relative name lies, if that is in the repository whatever links there are.

    Raises:
        FileAccess: a symbolic link on the way leads out of the repository.
    """
    path = os.path.join(root, *name.split("/"))
    if not os.path.realpath(path).startswith(root.rstrip(os.sep) + os.sep):
        raise FileAccess(
            "a symbolic link leads out of the repository", file=name, notes=["nothing was written"]
        )
    return path


def walk(root: str, below: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Yield the repository-relative names of regular files below a directory, sorted.

    Symbolic links, `.git`, `.sealring`, and directories that are repositories of their own are passed over,
    as are directories below that cannot be listed: git passes over them too.

    Raises:
        FileAccess: the directory itself cannot be listed.
    """
    try:
        with os.scandir(os.path.join(root, below)) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise FileAccess(f"cannot list the directory: {reason}", file=below or root) from None
    for entry in entries:
        name = f"{below}/{entry.name}" if below else entry.name
        if entry.is_symlink() or entry.name in (".git", CONTROL_DIR):
            continue
        if entry.is_dir():
            if os.access(entry.path, os.R_OK | os.X_OK) and not _is_repository(entry.path):
                yield from walk(root, name, wanted)
        elif entry.is_file() and wanted(name):
            yield name


def _is_repository(folder: str) -> bool:
    return any(os.path.lexists(os.path.join(folder, mark)) for mark in (".git", CONTROL_DIR))
