"""A value is older than its rule's `max_age` allows.

The time is the one that the token claims; an honest writer wrote it. A value whose time is not known,
as after an import, is told for information. A time in the future is a warning: it would never be due.

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: prod
        max_age: 90d
    --- config/prod.yaml
    password: <sealed at 20250101T000000Z>

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: prod
        max_age: 90d
    --- config/prod.yaml
    password: <sealed at ->

Passes:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        group: prod
        max_age: 90d
    --- config/prod.yaml
    password: <sealed>

Make a new secret where it is used, then `sealring set FILE FIELD`.
"""

from __future__ import annotations

from sealring.audit.finding import INFO, WARNING, Finding
from sealring.audit.words import quoted
from sealring.model.token import UNKNOWN_TIME, time_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "overdue"
SEVERITY = WARNING


_DAY_S = 86_400


def check(view: View) -> Iterator[Finding]:
    """Yield each value that is due, and those of which nobody can tell."""
    now_s = view.session.now_s
    for file, sealed in view.documents():
        for index, token in sealed.tokens.items():
            rule = sealed.rules.get(index)
            if rule is None or rule.max_age_days is None:
                continue
            field = sealed.document.fields[index]
            who = field.place or "the value"
            hints: tuple[str, ...] = (f"make a new secret, then `sealring set {quoted(file.name)} FIELD`",)
            severity = SEVERITY
            if token.set_time == UNKNOWN_TIME:
                message, severity = f"nobody knows when {who} was last set", INFO
            else:
                days = (now_s - time_seconds(token.set_time)) // _DAY_S
                if -1 <= days <= rule.max_age_days:
                    continue
                message = f"{who} was set {days} days ago, and is to change every {rule.max_age_days}"
                if days < 0:
                    message = f"{who} claims to have been set on a day that has not come yet"
            yield Finding(ID, severity, message, file.name, file.line(field), field.place, hints)
