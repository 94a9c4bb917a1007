"""What shells offer for arguments: fields of the file that was named, groups, members.

Answers come from public files; whatever goes wrong, nothing is offered, as nobody wants an error on Tab.
"""

from __future__ import annotations

import os

from sealring.errors import SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import click

    from sealring.core.session import Session


def fields(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the fields of the argument `file`."""
    from sealring.core.texts import text_of

    file = str(ctx.params.get("file"))
    try:
        session = _session(os.path.dirname(file) or ".")
        name = session.name_of(file)
        document = session.parse(name, text_of(name, session.read(name)))
    except (SealringError, OSError):
        return []
    return [field.place for field in document.fields if field.place.startswith(incomplete)]


def groups(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of groups."""
    try:
        return [name for name in _session(".").keyring.group_names() if name.startswith(incomplete)]
    except (SealringError, OSError):
        return []


def members(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of members."""
    try:
        return [name for name in _session(".").keyring.member_names() if name.startswith(incomplete)]
    except (SealringError, OSError):
        return []


def _session(path: str) -> Session:
    from sealring.core.session import Session
    from sealring.files.tree import find_root

    return Session(find_root(path), list, 0)
