"""The policy is missing or malformed, so nothing else can be checked.

Fails:

    --- .sealring/policy.yaml
    rules:
      - fils: ["config/*.yaml"]
        group: prod

Passes:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: prod

The line and the hint say what to correct.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View
    from sealring.errors import SealringError

ID = "invalid-policy"
SEVERITY = ERROR


def check(_view: View) -> Iterator[Finding]:
    """Yield nothing: without a policy there is no view. See `found`."""
    return iter(())


def found(error: SealringError) -> Finding:
    """Return the finding for a policy that could not be read."""
    file = error.file or ".sealring/policy.yaml"
    return Finding(ID, SEVERITY, error.message, file, error.line or 0, "", tuple(error.hints))
