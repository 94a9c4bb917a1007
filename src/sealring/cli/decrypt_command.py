"""`sealring decrypt`: open a file."""

from __future__ import annotations

import os

import click

from sealring.cli.context import Context, command_options
from sealring.core.reading import Opened, open_for_deploy
from sealring.core.texts import bytes_of, text_of
from sealring.errors import UsageError
from sealring.files.atomic import write_atomic


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("-o", "--output", metavar="OUT", help="Write the plaintext to OUT, readable by you alone.")
@click.option("-i", "--in-place", is_flag=True, help="Put the plaintext in place of the sealed files.")
@click.option("--allow-stale", is_flag=True, help="Also values that somebody who left can still forge.")
@click.option("--partial", is_flag=True, help="Leave out fields of groups that you are not in.")
@command_options
def command(
    context: Context,
    files: tuple[str, ...],
    output: str | None,
    in_place: bool,
    allow_stale: bool,
    partial: bool,
) -> int:
    """Open FILES, and print the plaintext, byte for byte as it was encrypted.

    Nothing is printed or written unless every value of every file has opened and everything is as the
    policy says. `sealring encrypt` seals files again that were opened in place; what did not change
    keeps its token.

    \b
    sealring decrypt config/prod.yaml
    sealring decrypt config/prod.yaml -o /run/app/config.yaml
    """
    if output and in_place:
        raise UsageError("-o and --in-place do not go together")
    names = context.files(files)
    if not names:
        raise UsageError("the policy covers no file there")
    if len(names) != 1 and not in_place:
        raise UsageError(f"{len(names)} files need --in-place", hints=["or name one file"])
    if in_place and partial:
        raise UsageError(
            "--partial and --in-place do not go together", notes=["the fields left out would be lost"]
        )
    session = context.session
    opened: dict[str, tuple[bytes, bytes]] = {}
    for name in context.ui.progress(names, "decrypting"):
        data = session.read(name)
        result = open_for_deploy(session, name, text_of(name, data), allow_stale=allow_stale, partial=partial)
        opened[name] = (data, bytes_of(name, _plaintext(context, result)))
    if in_place:
        with session.lock():
            for name, (sealed, plain) in opened.items():
                session.write(name, plain, expected=sealed)
                context.ui.say(f"{context.shown(name)}: opened in place; `sealring encrypt` seals it again")
        return 0
    ((_sealed, plain),) = opened.values()
    if output and output != "-":
        _refuse_same(output, session.path_of(names[0]))
        write_atomic(output, plain, mode=0o600)
    else:
        context.ui.result_bytes(plain)
    return 0


def _plaintext(context: Context, opened: Opened) -> str:
    """Return the text, without the fields that are closed."""
    text = opened.text()
    name = opened.sealed.name
    for index in sorted(opened.closed, reverse=True):
        text = context.session.parse(name, text).removed(index)
    return text


def _refuse_same(output: str, file: str) -> None:
    if os.path.realpath(output) == os.path.realpath(file):
        raise UsageError("-o names the sealed file itself", hints=["--in-place does that"])
