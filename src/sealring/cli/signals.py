"""Signals while a child runs: ours end us cleanly, so that private files are removed."""

from __future__ import annotations

import signal
import subprocess
import sys

from sealring.cli import core_dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def run_child(words: Sequence[str], *, environ: Mapping[str, str]) -> int:
    """Run a child to its end, pass signals on to it, and return its exit status as a shell would.

    An interrupt from the keyboard reaches the child by itself, as it is in our process group; without a
    keyboard it is passed on as well. We go on until the child ends, so that what has to be removed is
    removed. The child gets back the limit on core dumps that we were started with.

    Raises:
        OSError: it cannot be started.
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    has_keyboard = sys.stdin.isatty()
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN if has_keyboard else pass_on)
    try:
        # What the child must not inherit of ours is undone between fork and exec.
        child = subprocess.Popen(words, env=dict(environ), preexec_fn=_as_started)
        for number in early:
            child.send_signal(number)
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - status if status < 0 else status


def _as_started() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    core_dumps.restore()
