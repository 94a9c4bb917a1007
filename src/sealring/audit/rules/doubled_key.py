"""A key that is sealed, or that has sealed values below it, stands there twice.

Two branches that each add the key at another line merge cleanly; then programs differ in which one
they take.

Fails:

    --- config/prod.yaml
    db:
      password: <sealed>
      host: db.example.org
      password: <sealed>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>
    api:
      password: <sealed>

Delete one of the two.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import PlaintextFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "doubled-key"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each doubled key that touches a sealed place."""
    for file, sealed in view.documents():
        for error in sealed.general:
            if isinstance(error, PlaintextFound):
                hints = tuple(error.hints)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, "", hints)
