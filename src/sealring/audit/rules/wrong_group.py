"""A token is sealed to another group than the policy names for its field.

The policy was changed, or a value was put there by a member of another group. Neither moves the value:
readers and writers refuse it until somebody who holds both groups has said so.

Fails:

    --- config/prod.yaml
    db:
      password: <sealed to dev>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

If the policy was meant to change: `sealring regroup FILE`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import WrongGroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "wrong-group"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each place where a reader would stop for this."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            if isinstance(error, WrongGroup):
                place = sealed.document.fields[index].place
                hints = tuple(error.hints)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, place, hints)
