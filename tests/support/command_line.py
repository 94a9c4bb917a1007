"""The command line, each run in a process of its own, forked from one that has sealring imported already.

A run costs 10 to 20 ms that way instead of 100, so that a command can be killed at each of its writes.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from sealring.cli.main import entry; entry()"]
BUG = 70


class Done(NamedTuple):
    """How a run ended: its status (negative: by that signal), and what it printed."""

    status: int
    out: bytes
    err: str


def environment(home, **more):
    """Return an environment with a home of its own and no settings of the user's."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SEALRING", "GIT_", "XDG_"))
    }
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(Path(home) / ".config"),
        "XDG_RUNTIME_DIR": str(runtime(home)),
        "USER": "alice",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


def runtime(home):
    """Return the private runtime directory of a home."""
    folder = Path(home) / "run"
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    return folder


class Forks:
    """Starts runs of the command line, one after the other."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.environ = environment(self.folder / "home")
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.command_line"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environ,
        )

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()

    def run(self, *args, cwd, stdin=b"", setup="", **environ):
        """Run `sealring ARGS`.

        setup: Python source that runs before it in its process.
        environ: variables beside those of a bare environment; None takes one away.
        """
        request = {
            "args": [os.fspath(arg) for arg in args],
            "cwd": str(cwd),
            "environ": {k: str(v) for k, v in {**self.environ, **environ}.items() if v is not None},
            "stdin": base64.b64encode(stdin).decode("ascii"),
            "setup": setup,
            "folder": str(self.folder),
        }
        self.server.stdin.write(json.dumps(request).encode("ascii") + b"\n")
        self.server.stdin.flush()
        status = json.loads(self.server.stdout.readline())
        out = (self.folder / "stdout").read_bytes()
        err = (self.folder / "stderr").read_text(encoding="utf-8", errors="surrogateescape")
        return Done(status, out, err)


def kill_at(number):
    """Return setup source that kills the process before its write number `number`, from 1."""
    return f"from tests.support.command_line import _arm; _arm({number})"


# What can change a file system. Reading is not counted: `open` only where it makes a file.
_WRITES = ("open", "mkdir", "fsync", "fchmod", "replace", "rename", "link", "unlink", "rmdir", "truncate")


def _arm(number):
    count = 0

    def armed(name, real):
        def call(*args, **options):
            nonlocal count
            if name != "open" or (len(args) > 1 and args[1] & os.O_CREAT):
                count += 1
                if count == number:
                    os.kill(os.getpid(), 9)
            # A kill loses nothing that was written, so that flushing would only cost time here.
            return None if name == "fsync" else real(*args, **options)

        return call

    for name in _WRITES:
        setattr(os, name, armed(name, getattr(os, name)))


def drop_powers():
    """Give up root's power over permissions, so that they count as for anybody; for `setup`."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")


NO_FLUSH = "import os; os.fsync = lambda descriptor: None"
DROP_POWERS = "from tests.support.command_line import drop_powers; drop_powers()"


def _serve():
    """Fork for each request; return the request in the child, and leave in the parent at the end."""
    for source in sys.stdin.buffer:
        request = json.loads(source)
        child = os.fork()
        if child == 0:
            return request
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
    sys.exit()


def _become(request):
    """Turn this process into one that was started with a command line."""
    os.setsid()  # no terminal, whatever the tests run on
    folder = Path(request["folder"])
    (folder / "stdin").write_bytes(base64.b64decode(request["stdin"]))
    streams = ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_WRONLY), (2, "stderr", os.O_WRONLY))
    for number, name, flags in streams:
        descriptor = os.open(folder / name, flags | (0 if number == 0 else os.O_CREAT | os.O_TRUNC), 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="strict", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    sys.argv = ["sealring", *request["args"]]


if __name__ == "__main__":
    import sealring.api.identities
    import sealring.api.repository
    import sealring.cli.decrypt_command
    import sealring.cli.edit_command
    import sealring.cli.encrypt_command
    import sealring.cli.get_command
    import sealring.cli.init_command
    import sealring.cli.main
    import sealring.cli.run_command
    import sealring.cli.set_command
    import sealring.crypto.age.x25519
    import sealring.documents.yaml
    import sealring.documents.yaml_data
    import sealring.documents.yaml_edit

    REQUEST = _serve()
    _become(REQUEST)
    exec(REQUEST["setup"])
    sealring.cli.main.entry()
