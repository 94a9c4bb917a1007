"""`sealring regroup`: seal values to the group that the policy names now."""

from __future__ import annotations

import click

from sealring.cli.context import Context, command_options
from sealring.core.rekey import misgrouped, regroup
from sealring.core.texts import bytes_of, text_of
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.core.session import Session


class _Change(Record):
    """A file to write: what it held when it was shown, and (place, old group, new group) of its fields."""

    name: str
    data: bytes
    fields: tuple[tuple[str, str, str], ...]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--yes", is_flag=True, help="Agree in advance.")
@command_options
def command(context: Context, files: tuple[str, ...], yes: bool) -> int:
    """Seal values of FILES to the group that the policy names now.

    A value never changes its group in passing: after a change of the policy this shows what would move,
    and who gains by it, and asks. Set times stay. A directory stands for the files below it.

    \b
    sealring regroup config/prod.yaml
    """
    session = context.repository_at(files[0]).session
    changes = [change for name in context.files(files) if (change := _change(session, name)).fields]
    rows = [(change.name, *field) for change in changes for field in change.fields]
    if changes:
        _tell(context, rows)
        context.ui.confirm(f"Seal {_counted(rows)} to another group?", yes=yes)
        with session.lock():
            done = {
                change: regroup(session, change.name, text_of(change.name, change.data)) for change in changes
            }
            for change, result in done.items():
                session.write(change.name, bytes_of(change.name, result.text), expected=change.data)
    if context.ui.json:
        keys = ("file", "field", "from", "to")
        context.ui.result_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif rows:
        context.ui.say(f"{_counted(rows)} sealed anew")
    else:
        context.ui.say("every value is in the group that the policy names")
    return 0


def _change(session: Session, name: str) -> _Change:
    data = session.read(name)
    text = text_of(name, data)
    fields = tuple(misgrouped(session, name, text))
    return _Change(name, data, fields)


def _tell(context: Context, rows: list[tuple[str, str, str, str]]) -> None:
    """Show each value that would move, and who gains and who loses by it."""
    session = context.session
    for name, place, old, new in rows:
        context.ui.say(f"{context.shown(name)}: {place or 'the whole file'}: {old} -> {new}")
    for old, new in sorted({(old, new) for _, _, old, new in rows}):
        known = old in session.keyring.group_names()
        before = set(session.standing(old).members if known else ())
        after = set(session.standing(new).members)
        if after - before:
            context.ui.say(f"{old} -> {new}: {', '.join(sorted(after - before))} can read these values then")
        if before - after:
            left = ", ".join(sorted(before - after))
            context.ui.say(f"{old} -> {new}: {left} cannot read new values then, but still the present ones")


def _counted(rows: list[tuple[str, str, str, str]]) -> str:
    return f"{len(rows)} value{'s' * (len(rows) != 1)}"
