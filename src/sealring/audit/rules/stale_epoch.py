"""A token is under an epoch that was replaced.

Somebody sealed or edited it on a branch while another branch rotated the group. Git merges that without
a conflict. Nobody who left can forge it, but it should follow the others.

Fails:

    $ rotate prod
    --- config/prod.yaml
    db:
      password: <sealed under the first epoch>

Passes:

    $ rotate prod
    --- config/prod.yaml
    db:
      password: <sealed>

`sealring rotate` or `sealring check --fix`, by a holder, brings it to the current epoch.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.view import STALE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "stale-epoch"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each token under a replaced epoch that only members hold."""
    for file, field, token, _index in view.tokens():
        if view.age(token.at) == STALE:
            message = f"{field.place or 'the value'} is under {token.at}, which was replaced"
            hints = ("`sealring check --fix` or `sealring rotate`, by a holder, seals it anew",)
            yield Finding(ID, SEVERITY, message, file.name, file.line(field), field.place, hints)
