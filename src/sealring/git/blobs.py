"""The versions of a file that git holds: what the next one follows, and which files hold tokens."""

from __future__ import annotations

import os

from sealring.git.run import git

TOKEN_MARK = "ENC[sr1"  # noqa: S105  the mark of a token, not a secret


def git_top(folder: str) -> str | None:
    """Return the top of the working tree that a directory is in, None outside of git."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def in_git(root: str) -> bool:
    """Tell whether a directory is in the working tree of a git repository."""
    return git_top(root) is not None


def previous_version(root: str, name: str) -> bytes | None:
    """Return the file as git's index has it, else as the last commit does, else None.

    Args:
        root: the directory that holds `.sealring`; may be below the top of the working tree.
        name: relative to it.
    """
    if not in_git(root):
        return None
    staged = git(root, "cat-file", "blob", f":./{name}")
    return staged if staged is not None else git(root, "cat-file", "blob", f"HEAD:./{name}")


def files_with_tokens(root: str) -> list[str] | None:
    """Return the files of the working tree that hold a token, ignored ones left out; None without git."""
    if not in_git(root):
        return None
    found = git(root, "grep", "-l", "-z", "-F", "--untracked", TOKEN_MARK, "--", ".", accept=(0, 1))
    if found is None:
        return None
    names = [name.decode("utf-8", "surrogateescape") for name in found.split(b"\0") if name]
    return [
        name
        for name in names
        if not name.startswith(".sealring/") and os.path.isfile(os.path.join(root, name))
    ]


def earlier_versions(root: str, name: str, count: int) -> list[bytes]:
    """Return the versions of a file that the history of the current branch has, newest first.

    Args:
        count: how many at most.
    """
    if not in_git(root):
        return []
    listed = git(root, "log", f"--max-count={count}", "--format=%H", "--", f"./{name}") or b""
    blobs = (git(root, "cat-file", "blob", f"{rev}:./{name}") for rev in listed.decode("ascii").split())
    return [blob for blob in blobs if blob is not None]
