"""A field that the policy requires is not there.

`require` in a rule is how the deletion of a value is noticed: nothing else tells that it was there.

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        fields: ["db.password"]
        group: prod
        require: ["db.password"]
    --- config/prod.yaml
    db:
      host: db.example.org

Passes:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        fields: ["db.password"]
        group: prod
        require: ["db.password"]
    --- config/prod.yaml
    db:
      password: <sealed>

Put the value back with `sealring set FILE FIELD`, or take it out of `require`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import FieldMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "required-field"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each required field that no scalar stands at."""
    for file, sealed in view.documents():
        for error in sealed.general:
            if isinstance(error, FieldMissing):
                hints = ("put it back with `sealring set`, or take it out of `require`",)
                yield Finding(ID, SEVERITY, error.message, file.name, error.line or 0, "", hints)
