"""A token was sealed for another file or another repository.

The file was renamed or copied without sealring, or somebody exchanged the values of two files. Readers
refuse it.

Fails:

    --- config/prod.yaml
    db:
      password: <sealed for config/staging.yaml>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

After a rename: `sealring mv --after OLD NEW`, or `sealring check --fix`, which finds the old name where
git knows it. After a copy: set the values anew.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import ForeignToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "foreign-token"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each place where a reader would stop for this."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            if isinstance(error, ForeignToken):
                place = sealed.document.fields[index].place
                hints = ("after a rename: `sealring check --fix`", *error.hints)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, place, hints)
