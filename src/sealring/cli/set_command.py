"""`sealring set`: set one value."""

from __future__ import annotations

import json

import click

from sealring.cli.context import Context, command_options
from sealring.errors import UsageError


@click.command("set")
@click.argument("file")
@click.argument("field")
@click.option("--file", "source", metavar="SOURCE", help="Read the value from a file.")
@click.option("--stdin", is_flag=True, help="Read the value from standard input, also on a terminal.")
@click.option(
    "--type", "kind", type=click.Choice(["string", "json"]), default="string", help="How to read the value."
)
@click.option("--raw", is_flag=True, help="Keep a final line end of the value.")
@command_options
def command(
    context: Context, file: str, field: str, source: str | None, stdin: bool, kind: str, raw: bool
) -> int:
    """Set the value of one FIELD of FILE, and seal it if the policy says so.

    The value is read from standard input, or asked for on a terminal; never from an argument, which
    others can see. Everything else in the file keeps its bytes. A new field is inserted in the style of
    its siblings.

    \b
    sealring set config/prod.yaml db.password
    openssl rand -hex 32 | sealring set config/prod.yaml api.token
    sealring set config/prod.yaml tls.key --file key.pem
    """
    if source and stdin:
        raise UsageError("--file and --stdin do not go together")
    data = context.secret("-" if stdin else source, raw=raw, prompt=f"New value of {field}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the value is not UTF-8", notes=["nothing was written"]) from None
    if not text:
        # Most often a command in front of us failed; `openssl ... | sealring set` must not seal nothing.
        raise UsageError("the value is empty", notes=["nothing was written"], hints=['--type json takes ""'])
    value = _from_json(text) if kind == "json" else text
    context.repository_at(file).set(file, field, value)
    context.ui.say(f"set {field} in {file}")
    return 0


def _from_json(text: str) -> str | int | float | bool | None:
    """Read a JSON scalar.

    Raises:
        UsageError: not JSON, or a collection; the value itself is never shown.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("the value is not JSON", notes=["nothing was written"]) from None
    if isinstance(value, dict | list):
        raise UsageError(
            "the value is a collection; set its fields one by one", notes=["nothing was written"]
        )
    return value  # type: ignore[no-any-return]
