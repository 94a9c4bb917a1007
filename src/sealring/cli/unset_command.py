"""`sealring unset`: delete fields."""

from __future__ import annotations

import click

from sealring.cli.context import Context, command_options


@click.command()
@click.argument("file")
@click.argument("fields", nargs=-1, required=True)
@command_options
def command(context: Context, file: str, fields: tuple[str, ...]) -> int:
    """Delete FIELDS of FILE with their keys; everything else keeps its bytes.

    History keeps what they held: change the secret itself too.

    \b
    sealring unset config/prod.yaml legacy.token
    """
    context.repository_at(file).unset(file, *fields)
    context.ui.say(f"deleted {', '.join(fields)} from {file}")
    return 0
