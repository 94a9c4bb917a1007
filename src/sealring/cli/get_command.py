"""`sealring get`: print one value."""

from __future__ import annotations

import click

from sealring.cli.context import Context, command_options
from sealring.core import fields
from sealring.core.texts import text_of


@click.command()
@click.argument("file")
@click.argument("field")
@click.option("--raw", is_flag=True, help="No line end after the value.")
@click.option("--allow-stale", is_flag=True, help="Also a value that somebody who left can still forge.")
@command_options
def command(context: Context, file: str, field: str, raw: bool, allow_stale: bool) -> int:
    """Print the value of one FIELD of FILE; a collection is printed as JSON.

    Only this field is judged: other fields may be sealed for groups that you are not in.

    \b
    sealring get config/prod.yaml db.password
    sealring get deploy.yaml 'env[name=DB_PASSWORD].value'
    """
    session = context.repository_at(file).session
    name = session.name_of(file)
    text = text_of(name, session.read(name))
    value = fields.get_any(session, name, text, field, allow_stale=allow_stale)
    if context.ui.json or isinstance(value, dict | list):
        context.ui.result_json(value)
    else:
        shown = value if isinstance(value, bytes) else fields.shown(value).encode("utf-8")
        context.ui.result_bytes(shown + (b"" if raw else b"\n"))
    return 0
