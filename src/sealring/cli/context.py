"""What commands share: the repository they run in, files that people name, and options."""

from __future__ import annotations

import os
import sys

from sealring.errors import FileAccess, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from sealring.api.repository import Repository
    from sealring.cli.ui import Ui
    from sealring.core.session import Session


MAX_SECRET_BYTES = 64 * 1024 * 1024


class Context:
    """One run of the program."""

    def __init__(self, ui: Ui, environ: dict[str, str]) -> None:
        """Take the environment as it is, so that nothing below reads it."""
        self.ui = ui
        self.environ = environ
        self._repository: Repository | None = None
        self._passphrases: dict[str, str] = {}

    @property
    def repository(self) -> Repository:
        """The repository that the current directory is in."""
        return self.repository_at(".")

    def repository_at(self, path: str) -> Repository:
        """Return the repository that a path is in; the same one for a whole run."""
        if self._repository is None:
            from sealring.api.repository import open_repository

            self._repository = open_repository(path, ask=self.ask)
        return self._repository

    @property
    def session(self) -> Session:
        """The session of the repository."""
        return self.repository.session

    @property
    def ask(self) -> Callable[[str], str] | None:
        """What asks for the passphrase of an identity file; None where nobody can be asked."""
        return self.passphrase if self.ui.can_ask_secret else None

    def passphrase(self, source: str) -> str:
        """Ask for the passphrase of an identity file, once."""
        if source not in self._passphrases:
            self._passphrases[source] = self.ui.ask_secret(f"Passphrase of {source}:")
        return self._passphrases[source]

    def shown(self, name: str) -> str:
        """Return a repository-relative name as seen from the current directory."""
        return os.path.relpath(self.session.path_of(name))

    def files(self, named: Iterable[str], *, default_all: bool = True) -> list[str]:
        """Return the repository-relative names of files that people named.

        A directory stands for the files below it that the policy covers; nothing named, for all of them.

        Raises:
            FileAccess: a file is missing, or outside of the repository.
        """
        from sealring.files.tree import walk

        listed = list(named)
        session = self.repository_at(listed[0] if listed else ".").session
        covered = session.policy.covers
        if not listed and default_all:
            return list(walk(session.root, "", covered))
        found: dict[str, None] = {}
        for file in listed:
            if not os.path.lexists(file):
                raise FileAccess("no such file", file=file)
            if os.path.isdir(file):
                real = os.path.realpath(file)
                below = "" if real == session.root else session.name_of(file)
                found.update(dict.fromkeys(walk(session.root, below, covered)))
            else:
                found[session.name_of(file)] = None
        return list(found)

    def secret(self, file: str | None, *, raw: bool, prompt: str) -> bytes:
        """Read a secret from a file, from standard input, or from a person; never from an argument.

        Args:
            file: a file's name; "-" for standard input; None asks on a terminal, else reads standard input.
            raw: keep a final line end.
        Raises:
            UsageError: what was typed twice differs; or standard input is too long.
        """
        if file not in (None, "-"):
            from sealring.files.atomic import read_bytes

            data = read_bytes(str(file), limit=MAX_SECRET_BYTES, pipes=True)
        elif file is None and sys.stdin.isatty():
            first = self.ui.ask_secret(f"{prompt}:")
            if first != self.ui.ask_secret("Again:"):
                raise UsageError("the two differ", notes=["nothing was written"])
            return first.encode("utf-8")
        else:
            data = sys.stdin.buffer.read(MAX_SECRET_BYTES + 1)
            if len(data) > MAX_SECRET_BYTES:
                raise UsageError(f"standard input is longer than {MAX_SECRET_BYTES:,} bytes")
        if not raw:
            data = data.removesuffix(b"\n").removesuffix(b"\r")
        return data


def change_directory(directory: str) -> None:
    """Do as -C says.

    Raises:
        UsageError: there is no such directory, or it may not be entered.
    """
    try:
        os.chdir(directory)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise UsageError(f"-C: cannot go there: {reason}", file=directory) from None


def command_options(function: Any) -> Any:
    """Give a command the context as first argument, and what may stand after its name: -C and --json."""
    import functools

    import click

    @click.option("-C", "directory", metavar="DIR", help="Run in DIR.")
    @click.option("--json", "as_json", is_flag=True, help="Results and errors as JSON.")
    @click.pass_context
    @functools.wraps(function)
    def wrapped(
        click_context: Any, /, *args: Any, directory: str | None, as_json: bool, **kwargs: Any
    ) -> Any:
        context: Context = click_context.obj
        if directory is not None:
            change_directory(directory)
        context.ui.json = context.ui.json or as_json
        return function(context, *args, **kwargs)

    return wrapped
