"""A value that the policy seals stands there in plaintext.

What is committed in plaintext stays in the history of every clone. If that has happened already, sealing
is half of the work: the value must be changed, too.

Fails:

    --- config/prod.yaml
    db:
      password: hunter2

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>
      host: db.example.org

Mend it with `sealring encrypt FILE && git add FILE`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import PlaintextFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "plaintext"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each plain scalar in a sealed place."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            field = sealed.document.fields[index]
            if isinstance(error, PlaintextFound) and field.kind == "scalar":
                hints = (view.encrypt_hint(file.name),)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, field.place, hints)
