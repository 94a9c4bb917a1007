"""`sealring identity`: make, list and show private keys."""

from __future__ import annotations

import os
import time

import click

from sealring.api import identities as sources
from sealring.cli.context import Context, command_options
from sealring.crypto import age
from sealring.errors import NoIdentity, UsageError
from sealring.files.atomic import make_private_dir, write_atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.crypto.age import HybridIdentity, Recipient, X25519Identity


@click.group()
def command() -> None:
    """Make, list and show identities: the private keys that open values.

    They are looked for in SEALRING_IDENTITY (the text), SEALRING_IDENTITY_FILE, SEALRING_IDENTITY_CMD
    (a command that prints it); if none of these is set, in your configuration directory and in
    ~/.ssh/id_ed25519 and ~/.ssh/id_rsa.

    \b
    sealring identity new
    sealring identity show        # the recipient, to give to others
    """


@command.command()
@click.option("--out", metavar="FILE", help="Where to write it; default: your configuration directory.")
@click.option("--pq", is_flag=True, help="Post-quantum: ML-KEM-768 with X25519.")
@command_options
def new(context: Context, out: str | None, pq: bool) -> int:
    """Make an identity, and print its recipient.

    The file is readable by you alone; an existing one is never overwritten.

    \b
    sealring identity new
    sealring identity new --out ci-identity.txt
    """
    file = out or sources.identity_file(context.environ)
    recipient = create_identity(context, file, post_quantum=pq)
    if context.ui.json:
        context.ui.result_json(
            {"file": file, "recipient": recipient.text, "fingerprint": age.fingerprint(recipient)}
        )
    else:
        context.ui.result(recipient.text)
    return 0


@command.command("list")
@command_options
def list_identities(context: Context) -> int:
    """List the identities that are found, in the order in which they are tried.

    \b
    sealring identity list
    """
    rows = []
    for entry in _found(context):
        recipient = entry.identity.recipient()
        rows.append(
            {
                "source": entry.source,
                "kind": entry.identity.kind,
                "recipient": recipient.text if recipient else None,
                "fingerprint": age.fingerprint(recipient) if recipient else None,
            }
        )
    if context.ui.json:
        context.ui.result_json(rows)
    else:
        context.ui.table(
            [[row["source"] or "", row["kind"] or "", row["fingerprint"] or "-"] for row in rows]
        )
    return 0


@command.command()
@command_options
def show(context: Context) -> int:
    """Print your recipients, one a line: what others need to let you in.

    \b
    sealring identity show
    """
    recipients = [entry.identity.recipient() for entry in _found(context)]
    texts = list(dict.fromkeys(recipient.text for recipient in recipients if recipient))
    if context.ui.json:
        context.ui.result_json(texts)
    else:
        for text in texts:
            context.ui.result(text)
    return 0


def create_identity(context: Context, file: str, *, post_quantum: bool) -> Recipient:
    """Write a new identity to a file that only the user can read, and return its recipient.

    Raises:
        UsageError: the file is there already.
    """
    if os.path.lexists(file):
        raise UsageError(
            "there is an identity file already",
            file=file,
            hints=["`sealring identity show` prints its recipient"],
        )
    identity = age.generate_hybrid() if post_quantum else age.generate_x25519()
    folder = os.path.dirname(file)
    if file == sources.identity_file(context.environ):
        make_private_dir(folder)
    write_atomic(file, identity_text(identity, "keep it private"), mode=0o600)
    context.ui.say(f"wrote a new identity to {file}; keep a copy of it in a safe place")
    recipient: Recipient = identity.recipient()
    return recipient


def identity_text(identity: X25519Identity | HybridIdentity, remark: str) -> bytes:
    """Return the text of an identity file, as `age-keygen` writes it."""
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    recipient = identity.recipient().text
    return f"# sealring {remark}\n# created: {made}\n# public key: {recipient}\n{identity.text()}\n".encode(
        "ascii"
    )


def _found(context: Context) -> list[sources.Found]:
    found = sources.find(context.environ, context.ask)
    if not found:
        raise NoIdentity("you have no identity", hints=["`sealring identity new` makes one"])
    return found
