"""Everything that people see or are asked: the only place that prints and prompts.

stdout carries results only. Progress, notes, warnings and errors go to stderr. On a terminal, control
and bidirectional characters are escaped, as names and values may come from strangers.
"""

from __future__ import annotations

import os
import sys

from sealring.errors import SealringError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO

_BIDI = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


class Ui:
    """Where a command's words go."""

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        """Choose the form of results and errors."""
        self.json = json
        self.quiet = quiet

    # Results

    def result(self, text: str = "") -> None:
        """Print one line of the result."""
        print(escaped(text, sys.stdout) if sys.stdout.isatty() else _encodable(text, sys.stdout))

    def result_json(self, data: Any) -> None:
        """Print the result as JSON."""
        print(_json(data, sys.stdout, indent=2))

    def result_bytes(self, data: bytes) -> None:
        """Write a result as it is; on a terminal escaped."""
        if sys.stdout.isatty():
            text = data.decode("utf-8", "backslashreplace")
            print(escaped(text, sys.stdout), end="")
        else:
            sys.stdout.buffer.write(data)
        sys.stdout.flush()

    # Words for people

    def say(self, text: str) -> None:
        """Tell what was done."""
        if not self.quiet:
            print(escaped(text, sys.stderr), file=sys.stderr)

    def note(self, text: str) -> None:
        """Tell what people should know."""
        if not self.quiet:
            print(f"sealring: note: {line(text)}", file=sys.stderr)

    def warn(self, error: SealringError | str) -> None:
        """Tell what is not right, though the work went on."""
        print(f"sealring: warning: {line(str(error))}", file=sys.stderr)
        for hint in getattr(error, "hints", ()):
            print(f"sealring: hint: {line(hint)}", file=sys.stderr)

    def error(self, error: SealringError) -> None:
        """Tell why the work was not done, in the form of every message."""
        if self.json:
            print(_json({"error": error_data(error)}, sys.stderr), file=sys.stderr)
            return
        print(f"sealring: error: {line(str(error))}", file=sys.stderr)
        for word, texts in (("note", error.notes), ("hint", error.hints)):
            for text in texts:
                print(f"sealring: {word}: {line(text)}", file=sys.stderr)

    # Questions

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at a terminal."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def can_ask_secret(self) -> bool:
        """Whether there is a terminal to ask on, whatever standard input and output are."""
        try:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        except OSError:
            return False
        return True

    def confirm(self, question: str, *, yes: bool) -> None:
        """Go on only if the person agrees.

        Args:
            yes: they have agreed on the command line.
        Raises:
            UsageError: they did not agree, or nobody can be asked.
        """
        if yes:
            return
        if not self.can_ask:
            raise UsageError(
                "nobody is there to answer", notes=["nothing was written"], hints=["--yes agrees in advance"]
            )
        print(f"{escaped(question, sys.stderr)} [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise UsageError("not agreed", notes=["nothing was written"])

    def ask(self, question: str) -> str:
        """Return a line that the person types, or an empty one."""
        print(f"{line(question)} ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().rstrip("\n")

    def ask_secret(self, question: str) -> str:
        """Return what the person types without showing it.

        Raises:
            UsageError: there is no terminal.
        """
        from getpass import getpass

        if not self.can_ask_secret:
            raise UsageError("a secret is needed, and there is no terminal to ask on")
        try:
            return getpass(f"{line(question)} ")
        except EOFError:
            raise UsageError("nothing was typed") from None
        except UnicodeError:
            raise UsageError("what was typed is not text in this terminal's encoding") from None

    # Long work

    def progress(self, items: Sequence[str], doing: str) -> Iterator[str]:
        """Yield items; on a terminal, show a bar when it lasts over a second."""
        from time import monotonic

        start, shown = monotonic(), False
        for count, item in enumerate(items):
            if not self.quiet and sys.stderr.isatty() and monotonic() - start > 1:
                shown = True
                filled = 30 * count // max(1, len(items))
                bar = "#" * filled + "." * (30 - filled)
                print(f"\r{doing} [{bar}] {count}/{len(items)}", end="", file=sys.stderr, flush=True)
            yield item
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Print rows with aligned columns as the result."""
        listed = [list(row) for row in rows]
        widths = [max(len(row[n]) for row in listed) for n in range(max(map(len, listed), default=0) - 1)]
        for row in listed:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.result("  ".join([*cells, row[-1]]).rstrip())


def escaped(text: str, stream: TextIO) -> str:
    """Escape what could deceive on a terminal, and what the stream cannot show; line feeds and tabs stay."""
    shown = "".join(
        c if c in "\n\t" or (c.isprintable() and c not in _BIDI) else f"\\u{{{ord(c):x}}}" for c in text
    )
    encoding = stream.encoding or "ascii"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def line(text: str) -> str:
    """Escape a text for one line of stderr: a file's name must not add a line that looks like ours."""
    return escaped(text, sys.stderr).replace("\n", "\\n")


def error_data(error: SealringError) -> dict[str, Any]:
    """Return an error as plain data, for --json."""
    return {
        "slug": error.slug,
        "exit_code": error.exit_code,
        "message": error.message,
        "file": error.file,
        "line": error.line,
        "notes": list(error.notes),
        "hints": list(error.hints),
    }


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    return str(value)


def _json(data: Any, stream: TextIO, indent: int | None = None) -> str:
    r"""Return JSON in which what could deceive on a terminal is spelled \uXXXX: it means the same."""
    from json import dumps

    text = dumps(data, indent=indent, ensure_ascii=not _is_utf8(stream), default=_to_json)
    if text.isascii():
        return text
    return "".join(c if c == "\n" or (c.isprintable() and c not in _BIDI) else dumps(c)[1:-1] for c in text)


def _encodable(text: str, stream: TextIO) -> str:
    """Return a text that the stream can take: bytes of file names pass through, other strangers escaped."""
    encoding = stream.encoding or "ascii"
    try:
        text.encode(encoding, stream.errors or "strict")
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
