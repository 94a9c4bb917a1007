"""A member is to leave a group, and nobody has rotated it since.

Until then the member can read what is in the files, nothing new is sealed to the group, and programs
refuse its values, as the member could forge them.

Fails:

    $ revoke prod bob

Passes:

    $ revoke prod bob
    $ rotate prod

`sealring rotate GROUP`, by a holder; commit it together with the removal where you can.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "pending-removal"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each member who still holds a group that they are to leave."""
    for name in view.groups():
        state = view.state(name)
        if state is None or state.is_doubled:
            continue
        for member, reason in state.leaving.items():
            message = f"{member} is to leave group {name}: {reason}"
            hints = (f"`sealring rotate {name}`, by one of {', '.join(state.members) or 'nobody'}",)
            yield Finding(ID, SEVERITY, message, f".sealring/groups/{name}/removed", hints=hints)
