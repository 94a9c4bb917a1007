"""A covered file does not parse, or is too large, so nobody can tell what it holds.

Helm templates and other files that are no YAML yet are refused on purpose: a value that cannot be
found cannot be sealed.

Fails:

    --- config/prod.yaml
    db: [1, 2

Passes:

    --- config/prod.yaml
    db: [1, 2]

Mend the file, or take it out of the rule's `files`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.rules.conflict_markers import marker_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "unreadable"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each file that could not be read, but those with conflict markers, which have a rule."""
    for file in view.files:
        if file.error is not None and not marker_line(file.text):
            error = file.error
            yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, "", tuple(error.hints))
