"""One person alone can open a group.

One lost laptop, and all its values are gone for ever. A recovery member (`kind: recovery`), whose
identity lies printed in a safe, is enough.

Fails:

    $ group create ops --member alice

Passes:

    $ grant prod carol

`sealring member add recovery --kind recovery --generate`, then `sealring grant GROUP recovery`.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "single-reader"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each group with one member."""
    for name in view.groups() if view.whole else ():  # not at every commit
        state = view.state(name)
        if state is not None and len(state.members) == 1:
            message = f"{state.members[0]} alone can open group {name}: one lost key, and its values are gone"
            hints = (f"`sealring grant {name} NAME`; a recovery member is enough",)
            yield Finding(ID, SEVERITY, message, f".sealring/groups/{name}", hints=hints)
