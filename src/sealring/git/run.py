"""Run git with an environment and settings that cannot surprise us."""

from __future__ import annotations

import os

from sealring.errors import GitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Variables by which git leads hooks to another repository or index stay: a hook must see the commit's
# own index. What changes meaning or prompts is set for every call.
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
# Settings of the user's own under which the answers would not be the plain names and bytes we read.
_PLAIN = ("color.ui=never", "color.grep=never", "grep.fullName=false", "submodule.recurse=false")


def command(*words: str) -> list[str]:
    """Return a git command line with our settings."""
    return ["git", *(word for setting in _PLAIN for word in ("-c", setting)), *words]


def environment(root: str) -> dict[str, str]:
    """Return the environment of a git command that runs in a directory.

    In the hook of a linked worktree git sets GIT_DIR alone, and then takes the current directory for the
    top of the working tree: below the top, names would be those of other files.
    """
    environ = {**os.environ, **_SETTINGS}
    git_dir = os.path.realpath(environ.get("GIT_DIR") or root)
    if (
        environ.get("GIT_DIR")
        and not environ.get("GIT_WORK_TREE")
        and not f"{root}/".startswith(f"{git_dir}/")
    ):
        top = root
        while not os.path.lexists(os.path.join(top, ".git")):
            above = os.path.dirname(top)
            if above == top:
                return environ
            top = above
        environ["GIT_DIR"] = git_dir
        environ["GIT_WORK_TREE"] = top
    return environ


def git(root: str, *words: str, stdin: bytes | None = None, accept: Sequence[int] = (0,)) -> bytes | None:
    """Return what a git command prints, or None if git is not there or ends with another status.

    Args:
        root: the directory to run in.
        accept: exit statuses that are answers.
    """
    import subprocess

    try:
        done = subprocess.run(
            command(*words),
            cwd=root,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(root),
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode in accept else None


def require_git(root: str, *words: str) -> bytes:
    """Return what a git command prints.

    Raises:
        GitError: git is not there, or it failed.
    """
    output = git(root, *words)
    if output is None:
        raise GitError(f"`git {' '.join(words)}` failed", hints=["run it by hand to see why"])
    return output
