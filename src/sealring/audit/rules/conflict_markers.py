"""A covered file holds conflict markers, or git still has several versions of it.

Fails:

    --- config/prod.yaml
    db:
    <<<<<<< ours
      password: <sealed>
    =======
      password: <sealed>
    >>>>>>> theirs

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

Keep one of the two lines, then `git add FILE`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "conflict-markers"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each file that a merge has left unfinished."""
    hints = ("keep one side of each conflict, then `git add` the file",)
    for name in sorted(view.snapshot.unmerged):
        if view.session.policy.covers(name):
            yield Finding(ID, SEVERITY, "a merge has left several versions of this file", name, hints=hints)
    for file in view.files:
        if "<<<<<<< " in file.text and (line := marker_line(file.text)):
            yield Finding(ID, SEVERITY, "the file holds conflict markers", file.name, line, hints=hints)


def marker_line(text: str) -> int:
    """Return the line of the first of three conflict markers in order, 0 if there are none."""
    start, wanted = 0, ("<<<<<<< ", "=======", ">>>>>>> ")
    found = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(wanted[found]):
            start = start or number
            found += 1
            if found == len(wanted):
                return start
    return 0
