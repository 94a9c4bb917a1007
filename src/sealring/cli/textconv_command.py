"""`sealring textconv`: what git calls to show a sealed file in a diff; not for people."""

from __future__ import annotations

import os
import sys

import click

from sealring.cli.context import Context, command_options
from sealring.cli.silent import silent_sessions
from sealring.core.texts import bytes_of
from sealring.documents.base import TOKEN_PREFIX
from sealring.errors import NotARepository, SealringError
from sealring.files.tree import find_root
from sealring.git.textconv import convert, has_epochs, roots, wants_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.core.session import Session


@click.command(hidden=True)
@click.argument("file")
@command_options
def command(context: Context, file: str) -> int:
    """Print FILE as a diff is to show it; whatever happens, the exit status is 0, or git would stop."""
    with open(file, "rb") as stream:
        data = stream.read()
    shown = data
    try:
        if TOKEN_PREFIX.encode("ascii") in data:
            session = _session(context, file, data)
            converted = convert(session, file, data, show=wants_values(context.environ))
            shown = bytes_of(file, converted.text)
            if converted.note:
                context.ui.note(converted.note)
    except SealringError as error:
        context.ui.note(f"{os.path.basename(file)}: shown as it is: {error.message}")
    except Exception as error:  # noqa: BLE001  a diff shows something, always
        context.ui.note(f"{os.path.basename(file)}: shown as it is: {type(error).__name__}")
    sys.stdout.buffer.write(shown)
    return 0


def _session(context: Context, file: str, data: bytes) -> Session:
    """Open the repository that the current directory is in, or the one below it whose tokens these are."""
    open_session = silent_sessions(context)
    first: NotARepository | None = None
    for start in dict.fromkeys((os.path.dirname(file) if not os.path.isabs(file) else "", "")):
        try:
            return open_session(find_root(start or "."), None)
        except NotARepository as error:
            first = first or error
    for root in roots("."):
        session = open_session(root, None)
        if has_epochs(session, data):
            return session
    raise first or NotARepository("no .sealring directory here")
