"""A rule of the policy names a group that does not exist.

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: paymnts

Passes:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: prod

Correct the name, or `sealring group create NAME`.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import PolicyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "undefined-group"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each rule without a group."""
    from sealring.policy.rules import check_groups

    policy, known = view.session.policy, view.session.keyring.group_names()
    for rule in policy.rules:
        try:
            check_groups(policy.replace(rules=(rule,)), known)
        except PolicyError as error:
            yield Finding(ID, SEVERITY, error.message, rule.file, rule.line, hints=tuple(error.hints))
