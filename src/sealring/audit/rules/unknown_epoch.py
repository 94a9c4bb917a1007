"""A token names a group or an epoch that the repository does not have.

It was sealed in another repository or on a branch whose files under `.sealring/groups` are missing.

Fails:

    --- config/prod.yaml
    db:
      password: <sealed under 7.aaaaa>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

Bring the files of the epoch along from the branch that has them.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.view import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "unknown-epoch"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each token whose epoch is not there."""
    for file, field, token, _index in view.tokens():
        if view.age(token.at) == UNKNOWN:
            message = f"{field.place or 'the value'} is under {token.at}, which this repository does not have"
            hints = ("bring the files below .sealring/groups along from the branch that has them",)
            yield Finding(ID, SEVERITY, message, file.name, file.line(field), field.place, hints)
