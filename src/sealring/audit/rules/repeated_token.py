"""One token stands at two places.

Two values that were sealed one by one never look alike, so somebody copied it. It opens at one place at
most; only in one list, where plain elements can be exchanged, does it open at both (a warning).

Fails:

    --- config/prod.yaml
    db:
      password: <sealed once>
    api:
      password: <sealed once>

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>
    api:
      password: <sealed>

Set the value anew at the place it was copied to.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, WARNING, Finding
from sealring.audit.words import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "repeated-token"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each token that stands somewhere else, too, once for each further place."""
    first: dict[bytes, tuple[str, str, int, object]] = {}
    for file, field, token, _index in view.tokens():
        if token.body not in first:
            first[token.body] = (file.name, field.place, file.line(field), field.path)
            continue
        name, place, line, path = first[token.body]
        same_list = name == file.name and path == field.path
        where = f"line {line}" if name == file.name else f"{name}:{line}"
        message = f"{field.place or 'the value'} is a copy of the token at {place or 'the value'}, {where}"
        hints = () if same_list else (f"set it anew: `sealring set {quoted(file.name)} FIELD`",)
        severity = WARNING if same_list else SEVERITY
        yield Finding(ID, severity, message, file.name, file.line(field), field.place, hints)
