"""A value was deposited by somebody who cannot read the group, and no holder has accepted it.

Anybody can make a deposit, so programs do not use it. This version of sealring makes none, and opens
none.

Fails:

    --- config/prod.yaml
    db:
      password: <deposit>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

A holder sets the value anew: `sealring set FILE FIELD`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.words import quoted
from sealring.errors import DepositFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "deposit"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each place where a reader would stop for this."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            if isinstance(error, DepositFound):
                place = sealed.document.fields[index].place
                hints = (f"a holder sets it anew: `sealring set {quoted(file.name)} FIELD`",)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, place, hints)
