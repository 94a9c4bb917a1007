"""`.gitattributes` lacks the line that keeps git from converting the files of `.sealring`.

With `core.autocrlf`, git would change line ends in members' and groups' files.

Fails:

    --- .gitattributes
    *.png binary

Passes:

    --- .gitattributes
    .sealring/** -text

Add the line `.sealring/** -text`.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "missing-attributes"
SEVERITY = WARNING


_LIMIT = 1024 * 1024


def check(view: View) -> Iterator[Finding]:
    """Yield one finding if the line is missing."""
    if not (view.whole and view.snapshot.in_git):
        return
    text = (view.snapshot.read(".gitattributes", _LIMIT) or b"").decode("utf-8", "replace")
    for line in text.splitlines():
        pattern, *attributes = line.split() or [""]
        if pattern in (".sealring/**", "/.sealring/**") and {"-text", "binary"} & set(attributes):
            return
    message = "git may change line ends in the files of .sealring"
    yield Finding(ID, SEVERITY, message, ".gitattributes", hints=("add the line `.sealring/** -text`",))
