"""`sealring merge-driver`: what git calls to merge a sealed file; not for people."""

from __future__ import annotations

import os
import signal

import click

from sealring.cli.context import Context, command_options
from sealring.cli.silent import silent_sessions
from sealring.core.merge import Labels
from sealring.errors import SealringError
from sealring.files.atomic import read_bytes
from sealring.files.runtime import PrivateDir
from sealring.files.tree import find_root
from sealring.git.merge_driver import Call, Outcome, plain_merge, revisions_of, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from sealring.core.session import Session
    from sealring.files.source import Source

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@click.command(hidden=True)
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
@click.argument("size", type=click.IntRange(1, 1000))
@click.argument("name")
@click.argument("labels", nargs=-1)
@command_options
def command(
    context: Context, base: str, ours: str, theirs: str, size: int, name: str, labels: tuple[str, ...]
) -> int:
    """Merge three versions of a sealed file, as git asks for: %O %A %B %L %P [%S %X %Y].

    The result is left in OURS. Exits with 1 if the two sides changed one value; then both stand there,
    sealed, between markers.
    """
    # Git up to 2.43 passes names that it does not know as they are.
    known = [label for label in labels[1:] if label and not label.startswith("%")]
    names = known if len(known) == 2 else ["ours", "theirs"]
    call = Call(base, ours, theirs, Labels(names[0], names[1], size), name)
    for number in _SIGNALS:
        signal.signal(number, _end)
    before = None
    try:
        before = read_bytes(ours)
        with PrivateDir(context.environ) as private:
            outcome = run(call, _opener(context, name), private.path, revisions_of(context.environ))
    except BaseException as error:  # noqa: BLE001  whatever happens, theirs must not get lost
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if before is None or read_bytes(ours) == before:
            plain_merge(call, before or b"")
        outcome = Outcome(1, (f"merged as text: {_what(error)}",))
    for note in outcome.notes:
        context.ui.warn(f"{name}: {note}")
    if outcome.conflicts:
        shown = ", ".join(outcome.conflicts[:8]) + (", ..." if len(outcome.conflicts) > 8 else "")
        context.ui.warn(f"{name}: both sides changed {shown}")
        context.ui.say(f"sealring: hint: `sealring resolve {name}` asks which to keep")
    return outcome.status


def _what(error: BaseException) -> str:
    return error.message if isinstance(error, SealringError) else type(error).__name__


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _opener(context: Context, name: str) -> Callable[[Source | None], Session]:
    """Return what opens the repository of a file that may not be on disk."""
    open_root = silent_sessions(context)

    def open_session(source: Source | None) -> Session:
        folder = os.path.dirname(name)
        while folder and not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        return open_root(find_root(folder or "."), source)

    return open_session
