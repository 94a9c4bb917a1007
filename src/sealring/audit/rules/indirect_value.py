"""An alias, a merge key or an empty collection brings something else than one token to a sealed place.

A reader refuses it: what an alias stands for is sealed for the place of its anchor alone, and an empty
collection where the policy names a value is a value that is gone.

Fails:

    --- config/prod.yaml
    shared: &shared changeme
    db:
      password: *shared

Fails:

    --- config/prod.yaml
    defaults: &defaults {password: changeme}
    db:
      <<: *defaults

Fails:

    --- config/prod.yaml
    db:
      password: []

Passes:

    --- config/prod.yaml
    shared: &shared changeme
    db:
      password: <sealed>
      host: *shared

Write the value out at its place, then `sealring encrypt FILE`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import PlaintextFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "indirect-value"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each sealed place where something else than a scalar stands."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            field = sealed.document.fields[index]
            if isinstance(error, PlaintextFound) and field.kind != "scalar":
                yield Finding(
                    ID, SEVERITY, error.message, file.name, error.line or 0, field.place, tuple(error.hints)
                )
