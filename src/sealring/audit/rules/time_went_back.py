"""A value's set time is earlier than it was.

Only with `--base`. Somebody put an older token of the same place back: by `git revert`, or to bring a
leaked password back into use. The token is right; only history can tell.

Fails:

    $ base
    --- config/prod.yaml
    db:
      password: <sealed at 20261101T000000Z>
    $ change
    --- config/prod.yaml
    db:
      password: <sealed at 20261001T000000Z>

Passes:

    $ base
    --- config/prod.yaml
    db:
      password: <sealed at 20261001T000000Z>
    $ change
    --- config/prod.yaml
    db:
      password: <sealed at 20261101T000000Z>

Ask who changed it why.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "time-went-back"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each value that was replaced by an older one."""
    for change in view.base.values if view.base else ():
        if change.went_back:
            message = f"set time of {change.place or 'the value'} went backwards: an older value was put back"
            yield Finding(ID, SEVERITY, message, change.file, change.line, change.place)
