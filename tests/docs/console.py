"""Run the terminal sessions of a document and hold their output to what the document shows.

A fenced block marked `console` holds lines that start with "$ " (what is typed) and the output that
follows. All blocks of one document run in order, in one fresh directory, with a home of its own.
`...` in an output line stands for anything; a line of only `...` for any lines. A block marked
`console file=NAME` is written to a file first; one marked `console no-run` is for reading.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\S+)?(.*?)\n(.*?)^```$", re.M | re.S)


def sandbox(folder: Path) -> dict[str, str]:
    """Make a home without anything of the user's, and `sealring` on PATH."""
    home = folder / "home"
    bin_dir = folder / "bin"
    home.mkdir()
    bin_dir.mkdir()
    program = bin_dir / "sealring"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sealring "$@"\n')
    program.chmod(0o755)
    git = "[user]\n name = Alice\n email = alice@example.org\n[init]\n defaultBranch = main\n[advice]\n detachedHead = false\n"
    (home / ".gitconfig").write_text(git)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SEALRING", "GIT_", "XDG_"))
    }
    return {
        **kept,
        "HOME": str(home),
        "USER": "alice",
        "PATH": f"{bin_dir}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "COLUMNS": "100",
    }


def sessions(document: Path) -> list[tuple[int, str, str]]:
    """Return (line, command, expected output) of each command of a document, in order."""
    text = document.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        kind, options, body = match.groups()
        if kind != "console" or "no-run" in options:
            continue
        line = text.count("\n", 0, match.start()) + 2
        for chunk in re.split(r"^\$ ", body, flags=re.M)[1:]:
            command, expected = _split(chunk)
            found.append((line, command, expected))
            line += chunk.count("\n")
    return found


def _split(chunk: str) -> tuple[str, str]:
    """Take a command apart from its output; a here-document and a final backslash go on."""
    lines = chunk.split("\n")
    count = 1
    here = re.search(r"<<\s*'?(\w+)'?", lines[0])
    if here:
        count = lines.index(here.group(1)) + 1
    while lines[count - 1].endswith("\\"):
        count += 1
    return "\n".join(lines[:count]), "\n".join(lines[count:])


def run(document: Path, folder: Path) -> list[str]:
    """Run a document and return what differs, as text for people."""
    environ = sandbox(folder)
    work = folder / "work"
    work.mkdir()
    state = folder / "state"
    differences = []
    for line, command, expected in sessions(document):
        script = (
            f'[ -f "{state}" ] && . "{state}"\n{command}\nstatus=$?\n'
            f'{{ echo "cd \'$PWD\'"; export -p; }} > "{state}"\nexit $status\n'
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=work,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        if not matches(expected.strip("\n"), done.stdout.strip("\n")):
            differences.append(
                f"{document.name}:{line}: $ {command}\n--- the document shows\n{expected.strip()}\n"
                f"--- it printed (status {done.returncode})\n{done.stdout.strip()}\n"
            )
    return differences


def matches(expected: str, printed: str) -> bool:
    """Compare outputs; trailing blanks do not count."""
    pattern = []
    for line in expected.split("\n"):
        if line.strip() == "...":
            pattern.append(r"(?:.*\n)*?")
        else:
            pattern.append(".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.fullmatch("".join(pattern), printed + "\n") is not None
