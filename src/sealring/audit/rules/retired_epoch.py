"""A token is under an epoch that somebody who left the group still holds.

They may have made it themselves, so programs refuse it. It was sealed on a branch before the rotation,
or put there since.

Fails:

    $ revoke prod bob
    $ rotate prod
    --- config/prod.yaml
    db:
      password: <sealed under the first epoch>

Passes:

    $ revoke prod bob
    $ rotate prod
    --- config/prod.yaml
    db:
      password: <sealed>

`sealring rotate`, by a holder, seals it anew after a look at the value. `--fix` does not.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.view import RETIRED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "retired-epoch"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each token that a leaver can have made."""
    for file, field, token, _index in view.tokens():
        if view.age(token.at) == RETIRED:
            who = f"is under {token.at}, which somebody who left the group still holds"
            message = f"{field.place or 'the value'} {who}"
            hints = ("`sealring rotate`, by a holder, seals it anew after a look at the value",)
            yield Finding(ID, SEVERITY, message, file.name, file.line(field), field.place, hints)
