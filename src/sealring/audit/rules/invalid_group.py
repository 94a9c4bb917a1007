"""A file of a group is malformed or missing, or a holder of it has no member file.

An epoch without its parent, a wrap without its vouch, or groups that include each other in a circle:
nobody can tell who belongs to the group.

Fails:

    --- .sealring/groups/prod/group.yaml
    description: 7

Fails:

    --- .sealring/groups/prod/group.yaml
    includes: [nobody]

Passes:

    --- .sealring/groups/prod/group.yaml
    description: production
    includes: []

`git log -p -- .sealring/groups` shows what was changed.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "invalid-group"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each group whose state cannot be worked out, and holders whom nobody knows."""
    members = set(view.session.keyring.member_names())
    for name in view.groups():
        try:
            state = view.session.standing(name)
        except SealringError as error:
            file = error.file or f".sealring/groups/{name}"
            hints = error.hints or (f"`git log -p -- .sealring/groups/{name}` shows what was changed",)
            yield Finding(ID, SEVERITY, error.message, file, error.line or 0, "", tuple(hints))
            continue
        for holder in sorted({holder for epoch in state.current for holder in epoch.holders} - members):
            message = f"{holder} holds group {name}, but there is no member of that name"
            hints = (f"`sealring revoke {name} {holder}`, or put the file of the member back",)
            yield Finding(ID, SEVERITY, message, f".sealring/groups/{name}", 0, "", hints)
