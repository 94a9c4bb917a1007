"""A text looks like a token, but is not one in its only accepted spelling.

It was cut off, edited by hand, folded by a formatter, or made by a newer version of sealring. Nothing
reads it.

Fails:

    --- config/prod.yaml
    db:
      password: ENC[sr1,prod@1.aaaaa,oops]

Fails:

    --- config/prod.yaml
    db:
      host: ENC[sr9,prod@1.aaaaa,q7m2x3kd5h2w9abc,-,AAAA]

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>

Take the line from an earlier version: `git log -p -- FILE` shows them.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.audit.words import quoted
from sealring.errors import MalformedToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "malformed-token"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each place where a reader would stop for this."""
    for file, sealed in view.documents():
        for index, error in sealed.problems.items():
            if isinstance(error, MalformedToken):
                place = sealed.document.fields[index].place
                hints = (*error.hints, f"`git log -p -- {quoted(file.name)}` shows earlier versions")
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, place, hints)
