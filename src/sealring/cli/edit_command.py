"""`sealring edit`: edit a file in plaintext with your editor."""

from __future__ import annotations

import os
import shlex
import signal

import click

from sealring.api.identities import without_identities
from sealring.api.repository import write_version
from sealring.cli.context import Context, command_options
from sealring.cli.signals import run_child
from sealring.core.reading import examine, open_tokens
from sealring.core.sealing import encrypt
from sealring.core.texts import bytes_of, text_of
from sealring.errors import (
    DepositFound,
    FileAccess,
    FileChanged,
    PlaintextFound,
    SealringError,
    Tampered,
    UsageError,
)
from sealring.files.atomic import read_bytes, write_atomic
from sealring.files.runtime import PrivateDir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# Swap, undo and history files would hold plaintext where the user's settings put them.
_VIM = ("-n", "-i", "NONE", "--cmd", "set nobackup nowritebackup noundofile")
_VIM_NAMES = ("vim", "nvim", "gvim", "mvim")


@click.command()
@click.argument("file")
@command_options
def command(context: Context, file: str) -> int:
    """Edit FILE in plaintext, and seal it again when the editor ends.

    The editor is $SEALRING_EDITOR, $VISUAL, $EDITOR or vi. It sees a copy in a private directory, in
    memory where there is one; nothing of it is left. Fields of groups that you are not in stay sealed.
    What does not change keeps its token. A new file is made.

    \b
    sealring edit config/prod.yaml
    """
    session = context.repository_at(file).session
    name = session.name_of(file)
    exists = os.path.lexists(session.path_of(name))
    data = session.read(name) if exists else None
    if not os.path.isdir(os.path.dirname(session.path_of(name))):
        raise FileAccess("its directory does not exist", file=file)
    sealed_text = text_of(name, data or b"")
    if not session.policy.covers(name):
        context.ui.warn(
            f"{name}: no rule covers this file, so nothing in it will be sealed; see `sealring track`"
        )
    plain = _plaintext(context, name, sealed_text) if exists else ""
    old_handlers = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with PrivateDir(context.environ) as private:
            copy = os.path.join(private.path, os.path.basename(name))
            write_atomic(copy, bytes_of(name, plain), mode=0o600)
            result = _edit_until_right(context, name, copy, sealed_text, plain)
            if result is None:
                context.ui.say(f"{file}: not changed")
                return 0
            _save(context, name, bytes_of(name, result), data)
    finally:
        for number, handler in old_handlers.items():
            signal.signal(number, handler)
    context.ui.say(f"{file}: saved and sealed")
    return 0


def _plaintext(context: Context, name: str, sealed_text: str) -> str:
    """Open what can be opened; what is wrong beside that is told, not hidden."""
    session = context.session
    sealed = examine(session, name, sealed_text, any_group=True)
    for error in (*sealed.problems.values(), *sealed.general):
        if isinstance(error, Tampered) and not isinstance(error, DepositFound):
            raise error
        if not isinstance(error, PlaintextFound):
            context.ui.warn(error)
    opened = open_tokens(session, sealed, allow_stale=True)
    if opened.closed:
        context.ui.note(f"{len(opened.closed)} fields of groups that you are not in stay sealed")
    return opened.text()


def _edit_until_right(context: Context, name: str, copy: str, sealed_text: str, plain: str) -> str | None:
    """Return the sealed text, or None if nothing was changed.

    Raises:
        SealringError: the result cannot be sealed, and the person does not want to go on.
    """
    while True:
        _run_editor(context, copy)
        try:
            edited = text_of(name, read_bytes(copy, shown=name))
            if edited == plain:
                return None
            result = encrypt(context.session, name, edited, sealed_text)
        except SealringError as error:
            if not context.ui.can_ask:
                raise
            context.ui.error(error)
            if context.ui.ask("Edit again? [Y/n]").lower() in ("n", "no"):
                raise UsageError("given up", file=name, notes=["the file is as it was"]) from None
            continue
        for warning in result.warnings:
            context.ui.warn(warning)
        return result.text


def _run_editor(context: Context, copy: str) -> None:
    environ = context.environ
    named = environ.get("SEALRING_EDITOR") or environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(named)
    except ValueError:
        words = []
    if not words:
        raise UsageError(f"the editor {named!r} is not a command line")
    try:
        status = run_child([*words, *_vim_options(words[0]), copy], environ=without_identities(environ))
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise UsageError(f"cannot run the editor {words[0]}: {reason}", hints=["set EDITOR"]) from None
    if status:
        raise UsageError(f"the editor ended with status {status}", notes=["the file is as it was"])


def _save(context: Context, name: str, data: bytes, before: bytes | None) -> None:
    """Write the sealed text; when the file was changed meanwhile, keep both.

    Raises:
        FileChanged: says where the sealed text is.
    """
    session = context.session
    with session.lock():
        try:
            write_version(session, name, data, after=before)
        except FileChanged as error:
            kept = f"{name}.edited-{os.getpid()}"
            session.write(kept, data)
            raise FileChanged(
                error.message,
                file=name,
                notes=[f"the file was left so; your version is kept, sealed, in {context.shown(kept)}"],
                hints=["move it over the file to take it, or edit again and delete it"],
            ) from None


def _vim_options(program: str) -> tuple[str, ...]:
    """Return options for an editor that is vim by its name, or by what the link `vi` leads to."""
    from shutil import which

    names = {os.path.basename(program), os.path.basename(os.path.realpath(which(program) or program))}
    if not any(name.startswith(_VIM_NAMES) for name in names):
        return ()
    is_window = any(name.startswith(("gvim", "mvim")) for name in names)
    return (*_VIM, "-f") if is_window else _VIM  # -f: wait until the window is closed


def _end(number: int, _frame: FrameType | None) -> None:
    """End by an exception, so that the private directory is removed on the way out."""
    raise SystemExit(128 + number)
