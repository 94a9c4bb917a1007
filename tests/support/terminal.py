"""A terminal for a program under test: what it shows is read, and what people type is sent."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
import time

PATIENCE_S = 30


class Terminal:
    """A program that has a terminal of its own as standard streams, or only as controlling terminal.

    pipes: keep standard output and error in pipes, so that only /dev/tty is the terminal.
    """

    def __init__(self, words, *, cwd, environ, pipes=False):
        self.master, slave = pty.openpty()
        stream = subprocess.PIPE if pipes else slave
        self.shown = b""
        self.process = subprocess.Popen(
            words,
            cwd=cwd,
            env=environ,
            stdin=slave,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        os.close(self.master)

    def expect(self, text, *, times=1):
        """Wait until a text has been shown so many times."""
        give_up_at = time.monotonic() + PATIENCE_S
        while self.shown.count(text.encode()) < times:
            if not self._read(give_up_at - time.monotonic()):
                raise AssertionError(f"{text!r} was not shown, but {self.shown!r}")

    def send(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Wait for the end; return the exit status and all that was shown."""
        give_up_at = time.monotonic() + PATIENCE_S
        while self._read(give_up_at - time.monotonic()):
            pass
        return self.process.wait(PATIENCE_S), self.shown.decode("utf-8", "surrogateescape")

    def _read(self, timeout_s):
        ready, _, _ = select.select([self.master], [], [], max(0, timeout_s))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += data
        return bool(data)
