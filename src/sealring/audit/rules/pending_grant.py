"""Somebody belongs to a group, but its secret has not been wrapped to them.

They came into an included group, or were granted the group on a branch while another one rotated it.
They cannot read the group's values until a holder wraps to them. Nobody else is concerned.

Fails:

    $ grant prod carol on a branch while another one rotates

Passes:

    $ grant prod carol

`sealring rotate GROUP` or `sealring grant GROUP MEMBER`, by a holder.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "pending-grant"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each member who waits for a wrap."""
    for name in view.groups():
        state = view.state(name)
        for member, via in state.joining.items() if state is not None else ():
            through = f" through {', '.join(via)}" if via else ""
            message = f"{member} belongs to group {name}{through}, but cannot open it yet"
            hints = (f"`sealring grant {name} {member}`, by a holder",)
            yield Finding(ID, SEVERITY, message, f".sealring/groups/{name}", hints=hints)
