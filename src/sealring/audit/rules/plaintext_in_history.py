"""A commit of the range holds a value in plaintext that the policy seals now.

Only with `--range`. That the last commit seals it does not help: whoever has the branch has the value.

Fails:

    $ range
    --- config/prod.yaml
    db:
      password: hunter2
    $ commit
    --- config/prod.yaml
    db:
      password: <sealed>

Passes:

    $ range
    --- config/prod.yaml
    db:
      password: <sealed>
    $ commit
    --- config/prod.yaml
    db:
      password: <sealed>
      host: db.example.org

Before it is pushed: `git rebase -i`, and squash the two commits. After: change the value.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import PlaintextFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "plaintext-in-history"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each sealed place that was plain in a commit, once for each file and place."""
    seen: set[tuple[str, str]] = set()
    for commit, file in view.past:
        if file.sealed is None:
            continue
        for index, error in file.sealed.problems.items():
            field = file.sealed.document.fields[index]
            key = (file.name, field.place)
            if not isinstance(error, PlaintextFound) or field.kind != "scalar" or key in seen:
                continue
            seen.add(key)
            message = f"{field.place or 'the value'} is plaintext in commit {commit[:12]}"
            hints = ("change the value; or, if nobody has the commits yet, squash them with `git rebase -i`",)
            yield Finding(ID, SEVERITY, message, file.name, error.line or 0, field.place, hints)
