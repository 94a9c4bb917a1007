"""`sealring mv`: rename a file or move a field, and keep it sealed."""

from __future__ import annotations

import os

import click

from sealring.cli import completing
from sealring.cli.context import Context, command_options
from sealring.core.moving import moved_field, renamed_text
from sealring.core.texts import bytes_of, text_of
from sealring.errors import FileAccess, UsageError
from sealring.files.atomic import access_error
from sealring.files.tree import walk
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.core.session import Session


class _Move(Record):
    """One file: its names, what it holds, and what it is to hold."""

    old: str
    new: str
    before: bytes
    after: bytes


@click.command()
@click.argument("file", type=click.Path())
@click.argument(
    "words", nargs=-1, required=True, metavar="NEW | FIELD NEW_FIELD", shell_complete=completing.fields
)
@click.option("--after", is_flag=True, help="The file or directory has been renamed already.")
@command_options
def command(context: Context, file: str, words: tuple[str, ...], after: bool) -> int:
    """Rename a FILE or directory to NEW, or move the FIELD of a FILE to NEW_FIELD.

    Sealed values are bound to their file and field, so they are sealed anew; their set times stay. The
    policy must seal the same fields under the new name. Git sees a deleted and a new file: nothing is
    staged for you.

    \b
    sealring mv config/prod.yaml deploy/prod.yaml
    git mv config deploy && sealring mv --after config deploy
    sealring mv config/prod.yaml db.pass db.password
    """
    if len(words) == 2:
        if after:
            raise UsageError("--after goes with the old and the new name of a file")
        context.repository_at(file).change(
            file, lambda session, name, text: moved_field(session, name, text, *words)
        )
        context.ui.say(f"moved {words[0]} to {words[1]} in {file}")
        moved: list[tuple[str, str]] = []
    elif len(words) == 1:
        moved = (_after if after else _rename)(context, file, words[0])
        for old, new in moved:
            context.ui.say(f"{old} -> {new}")
    else:
        raise UsageError("name OLD and NEW, or FILE, FIELD and NEW_FIELD")
    if context.ui.json:
        context.ui.result_json([{"from": old, "to": new} for old, new in moved])
    return 0


def _rename(context: Context, old_file: str, new_file: str) -> list[tuple[str, str]]:
    if not os.path.lexists(old_file):
        raise FileAccess(
            "no such file", file=old_file, hints=["if it was renamed already: `sealring mv --after`"]
        )
    if os.path.islink(old_file):
        raise FileAccess("a symbolic link is renamed by `mv`; name the file that it leads to", file=old_file)
    if os.path.isdir(new_file):
        new_file = os.path.join(new_file, os.path.basename(os.path.normpath(old_file)))
    if os.path.lexists(new_file):
        raise FileAccess("the file is there already", file=new_file, notes=["nothing was moved"])
    session = context.repository_at(old_file).session
    old, new = session.name_of(old_file), session.name_of(new_file)
    with session.lock():
        if os.path.isdir(old_file):
            return _rename_folder(session, old, new)
        move = _planned(session, old, new, session.path_of(old))
        mode = os.stat(session.path_of(old)).st_mode & 0o7777
        try:
            os.makedirs(os.path.dirname(session.path_of(new)), exist_ok=True)
            # New first. Killed in between, both files are there and each opens under its own name, so
            # nothing is lost and `status` finds nothing foreign: delete the old one.
            session.write(new, move.after, mode=mode)
            os.unlink(session.path_of(old))
        except OSError as error:
            raise access_error(old, error, "write") from None
    return [(old, new)]


def _rename_folder(session: Session, old: str, new: str) -> list[tuple[str, str]]:
    """Rename a directory, then write the files in it that hold sealed values.

    All of them are sealed before anything is renamed. Killed in between, files hold tokens of their old
    names; `status` shows them as foreign, and `sealring mv --after OLD NEW` does the rest.
    """
    if f"{new}/".startswith(f"{old}/"):
        raise UsageError("a directory cannot go into itself", file=new, notes=["nothing was moved"])
    pairs = [(name, new + name[len(old) :]) for name in walk(session.root, old, lambda _: True)]
    moves = [
        _planned(session, before, after, session.path_of(before))
        for before, after in pairs
        if _concerns(session, before, after)
    ]
    try:
        os.makedirs(os.path.dirname(session.path_of(new)), exist_ok=True)
        os.rename(session.path_of(old), session.path_of(new))
    except OSError as error:
        raise access_error(old, error, "write") from None
    _write(session, moves)
    return [(old, new), *((move.old, move.new) for move in moves if move.before != move.after)]


def _after(context: Context, old_file: str, new_file: str) -> list[tuple[str, str]]:
    if not os.path.lexists(new_file):
        raise FileAccess(
            "no such file", file=new_file, hints=["--after takes a file that was renamed already"]
        )
    session = context.repository_at(new_file).session
    old, new = session.name_of(old_file), session.name_of(new_file)
    pairs = [(old, new)]
    if os.path.isdir(new_file):
        pairs = [(old + name[len(new) :], name) for name in walk(session.root, new, lambda _: True)]
    with session.lock():
        moves = [
            _planned(session, before, after, session.path_of(after))
            for before, after in pairs
            if len(pairs) == 1 or _concerns(session, before, after)
        ]
        _write(session, moves)
    done = [(move.old, move.new) for move in moves if move.before != move.after]
    if not done:
        context.ui.note("no value was sealed for another name")
    return done


def _concerns(session: Session, old: str, new: str) -> bool:
    """Tell whether the policy covers a file under one of its names; other files are moved as they are."""
    return session.policy.covers(old) or session.policy.covers(new)


def _planned(session: Session, old: str, new: str, path: str) -> _Move:
    name = session.name_of(path)
    data = session.read(name)
    text = text_of(name, data)
    after = renamed_text(session, old, new, text)
    return _Move(old, new, data, bytes_of(new, after) if after != text else data)


def _write(session: Session, moves: list[_Move]) -> None:
    for move in moves:
        if move.before != move.after:
            session.write(move.new, move.after, expected=move.before)
