"""A member's file is malformed, or a recipient in it cannot be used.

Fails:

    --- .sealring/members/dave.yaml
    name: dave
    recipients: [age1notarecipient]

Fails:

    --- .sealring/members/dave.yaml
    name: alice
    recipients: []

Passes:

    $ member add dave

Correct the file; `sealring identity show` prints the recipient of its owner.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding
from sealring.errors import SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "invalid-member"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each member whose file is not right."""
    if not view.whole:
        return
    from sealring.core.groups import fingerprints

    keyring = view.session.keyring
    for name in keyring.member_names():
        try:
            fingerprints(keyring.member(name))
        except SealringError as error:
            file = error.file or f".sealring/members/{name}.yaml"
            yield Finding(ID, SEVERITY, error.message, file, error.line or 0, "", tuple(error.hints))
