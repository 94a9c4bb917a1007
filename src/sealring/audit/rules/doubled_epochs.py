"""Two branches rotated one group, and both epochs are current now.

Nothing is lost: both still open. Nothing is sealed to the group until a holder of both joins them.

Fails:

    $ rotate prod on two branches, and merge them

Passes:

    $ rotate prod

`sealring rotate GROUP`, by somebody who holds both.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "doubled-epochs"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each group with more than one current epoch."""
    for name in view.groups():
        state = view.state(name)
        if state is not None and state.is_doubled:
            epochs = ", ".join(epoch.id for epoch in state.current)
            message = f"group {name} was rotated on two branches: {epochs}"
            holders = set.intersection(*(set(epoch.holders) for epoch in state.current))
            who = ", ".join(sorted(holders)) or "nobody"
            hints = (f"`sealring rotate {name}`, by somebody who holds both: {who}",)
            yield Finding(ID, SEVERITY, message, f".sealring/groups/{name}/epochs", hints=hints)
