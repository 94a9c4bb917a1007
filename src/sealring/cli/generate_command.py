"""`sealring generate`: make a random secret."""

from __future__ import annotations

import click

from sealring.cli.context import Context, command_options
from sealring.errors import UsageError

DEFAULT_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
DEFAULT_LENGTH, LEAST_LENGTH, LEAST_BYTES, MOST = 32, 8, 16, 4096
WEAK_BITS = 64


@click.command()
@click.option("--length", type=int, metavar="N", help=f"Characters; default {DEFAULT_LENGTH}.")
@click.option("--alphabet", metavar="CHARS", help="The characters to draw from; default: letters and digits.")
@click.option("--bytes", "size", type=int, metavar="N", help="Random bytes instead of characters.")
@click.option(
    "--format", "form", type=click.Choice(["hex", "base64"]), help="How to write bytes; default hex."
)
@click.option(
    "--set",
    "target",
    nargs=2,
    metavar="FILE FIELD",
    help="Put it into a field instead of printing it.",
)
@command_options
def command(
    context: Context,
    length: int | None,
    alphabet: str | None,
    size: int | None,
    form: str | None,
    target: tuple[str, str] | None,
) -> int:
    """Make a random secret: 32 letters and digits, which is 190 bits.

    With --set it goes straight into a field, sealed if the policy says so, and is not shown.

    \b
    sealring generate --set config/prod.yaml db.password
    sealring generate --length 20 --alphabet 'abcdefghijkmnpqrstuvwxyz23456789'
    sealring generate --bytes 32 --format base64
    """
    if size is None:
        if form is not None:
            raise UsageError("--format goes with --bytes")
        value, bits = random_text(DEFAULT_LENGTH if length is None else length, alphabet or DEFAULT_ALPHABET)
    else:
        if length is not None or alphabet is not None:
            raise UsageError("--bytes goes without --length and --alphabet")
        value, bits = random_bytes_text(size, form or "hex")
    if bits < WEAK_BITS:
        context.ui.warn(f"about {bits} bits: who has a hash of it can guess it")
    if target is not None:
        file, field = target
        context.repository_at(file).set(file, field, value)
        context.ui.say(f"set {field} in {file}")
    elif context.ui.json:
        context.ui.result_json({"value": value, "bits": bits})
    else:
        context.ui.result(value)
    return 0


def random_text(length: int, alphabet: str) -> tuple[str, int]:
    """Return random characters, and how many bits they are worth.

    Raises:
        UsageError: too short, too long, or characters that repeat or do not print.
    """
    import secrets
    from math import log2

    if not LEAST_LENGTH <= length <= MOST:
        raise UsageError(f"--length is from {LEAST_LENGTH} to {MOST}")
    if len(set(alphabet)) != len(alphabet) or len(alphabet) < 2:
        raise UsageError("--alphabet takes two characters or more, each once")
    if not alphabet.isprintable():
        raise UsageError("--alphabet takes characters that print")
    return "".join(secrets.choice(alphabet) for _ in range(length)), int(length * log2(len(alphabet)))


def random_bytes_text(size: int, form: str) -> tuple[str, int]:
    """Return random bytes as text, and how many bits they are worth.

    Raises:
        UsageError: too few or too many.
    """
    import secrets

    if not LEAST_BYTES <= size <= MOST:
        raise UsageError(f"--bytes is from {LEAST_BYTES} to {MOST}")
    data = secrets.token_bytes(size)
    if form == "hex":
        return data.hex(), 8 * size
    from base64 import b64encode

    return b64encode(data).decode("ascii"), 8 * size
