"""`sealring init`: make this directory a sealring repository."""

from __future__ import annotations

import os
import time

import click

from sealring.api import identities as sources
from sealring.cli.context import Context, command_options
from sealring.cli.identity_command import create_identity, identity_text
from sealring.core.groups import check_new
from sealring.core.setup import initial_files, with_attributes
from sealring.crypto import age
from sealring.errors import NotARepository, SealringError, UsageError
from sealring.files.atomic import private_name, read_bytes, remove_tree, sweep, write_atomic
from sealring.files.tree import CONTROL_DIR, find_root
from sealring.git.blobs import git_top, in_git
from sealring.model.members import Member

RECOVERY = "recovery"
ATTRIBUTES = ".gitattributes"


@click.command()
@click.option("--name", help="Your name as a member; default: your login name.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Groups to make; default: dev.")
@click.option(
    "--recovery", metavar="FILE", help="Write a recovery identity to FILE, to print and store offline."
)
@click.option("--no-recovery", is_flag=True, help="No recovery member; do not ask.")
@command_options
def command(
    context: Context, name: str | None, groups: tuple[str, ...], recovery: str | None, no_recovery: bool
) -> int:
    """Make this directory a sealring repository.

    Makes an identity if you have none, `.sealring/` with a policy, you as the first member, and the first
    groups. A group with a single reader is one lost laptop from oblivion, so a recovery member is offered:
    an identity to print or store offline.

    \b
    sealring init --group dev --group prod --recovery ~/sealring-recovery.txt
    """
    _refuse_existing()
    sweep(".")
    if recovery and no_recovery:
        raise UsageError("--recovery and --no-recovery do not go together")
    name = name or _login_name(context)
    check_new([RECOVERY], name, "member")
    wanted = tuple(dict.fromkeys(groups)) or ("dev",)
    for group in wanted:
        check_new((), group, "group")
    recipients = own_recipients(context)
    members = [Member(name, "person", recipients)]
    attributes = _attributes()
    if recovery is None and not no_recovery and context.ui.can_ask:
        context.ui.say(
            "A recovery identity, printed or stored offline, opens everything if your key is lost."
        )
        recovery = context.ui.ask("File to write it to (empty: none):") or None
    if recovery:
        members.append(_recovery_member(context, recovery, recipients))
    files = initial_files(members, wanted, int(time.time()))
    if attributes is not None:
        write_atomic(ATTRIBUTES, attributes)
    _write_whole(files)
    _tell(context, name, wanted, recovery)
    return 0


def _write_whole(files: dict[str, bytes]) -> None:
    """Write `.sealring` beside its place, then rename it, so that a killed `init` leaves none.

    The name is one that the next `init` sweeps. The rename comes last: before it, there is no repository.
    """
    new = private_name()
    try:
        for file, data in files.items():
            path = new + file.removeprefix(CONTROL_DIR)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_atomic(path, data)
        os.rename(new, CONTROL_DIR)
    finally:
        remove_tree(new)


def _login_name(context: Context) -> str:
    from getpass import getuser

    try:
        login = context.environ.get("USER") or getuser()
    except (OSError, KeyError):
        login = ""
    made = "".join(c if c.isascii() and c.isalnum() else "-" for c in login.lower()).strip("-")
    if not made:
        raise UsageError("no login name was found", hints=["`sealring init --name NAME`"])
    return made[:63]


def own_recipients(context: Context) -> tuple[str, ...]:
    """Return the recipients of the first source that the user has; make an identity if there is none."""
    found = sources.find(context.environ, context.ask)
    if not found:
        made = create_identity(context, sources.identity_file(context.environ), post_quantum=False)
        return (made.text,)
    first = [entry for entry in found if entry.source == found[0].source]
    recipients = [entry.identity.recipient() for entry in first]
    texts = tuple(dict.fromkeys(recipient.text for recipient in recipients if recipient))
    if not texts:
        raise UsageError(f"the identity in {first[0].source} has no recipient")
    context.ui.say(f"your identity: {first[0].source}")
    return texts


def _refuse_existing() -> None:
    """Refuse to make a repository where one is, or in one: it would take files from it unnoticed."""
    if os.path.lexists(CONTROL_DIR):
        raise UsageError(
            f"there is a {CONTROL_DIR} here already", hints=["`sealring status` tells its state"]
        )
    try:
        root = find_root(".")
    except NotARepository:
        return
    raise UsageError("this directory is in a sealring repository", notes=[f"its root is {root}"])


def _recovery_member(context: Context, file: str, own: tuple[str, ...]) -> Member:
    """Write a new identity to a file of its own and return the member that it belongs to.

    One that is there already is taken: an `init` that was interrupted made it, or it serves other
    repositories too.

    Raises:
        UsageError: the file is in this directory tree, from where it would be committed one day; or it
            holds the user's own identity.
    """
    here = git_top(os.getcwd()) or os.getcwd()
    if os.path.realpath(file).startswith(os.path.realpath(here).rstrip(os.sep) + os.sep):
        raise UsageError(
            "a recovery identity must not lie in the repository: whoever got it could read everything",
            file=file,
            notes=["nothing was written"],
            hints=["name a file outside of it, such as ~/sealring-recovery.txt"],
        )
    if os.path.lexists(file):
        recipients = tuple(
            recipient.text
            for entry in sources.read_file(file, context.ask)
            if (recipient := entry.identity.recipient())
        )
        if not set(recipients).isdisjoint(own):
            raise UsageError("this is your own identity, which recovers nothing when it is lost", file=file)
        context.ui.say(f"recovery identity: {file} was there already")
        return Member(RECOVERY, "recovery", recipients)
    identity = age.generate_x25519()
    write_atomic(file, identity_text(identity, "recovery identity: print it or store it offline"), mode=0o600)
    return Member(RECOVERY, "recovery", (identity.recipient().text,))


def _attributes() -> bytes | None:
    """Return what `.gitattributes` must become, None if nothing is to change."""
    old = read_bytes(ATTRIBUTES) if os.path.lexists(ATTRIBUTES) else b""
    try:
        new = with_attributes(old.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        raise SealringError(
            "not UTF-8, so the line that it needs cannot be added",
            file=ATTRIBUTES,
            notes=["nothing was written"],
        ) from None
    return None if new == old else new


def _tell(context: Context, name: str, groups: tuple[str, ...], recovery: str | None) -> None:
    if context.ui.json:
        members = [name, RECOVERY] if recovery else [name]
        context.ui.result_json({"member": name, "members": members, "groups": list(groups)})
        return
    shown = " and ".join(groups)
    context.ui.say(f"made {CONTROL_DIR}/: member {name}, group{'s' * (len(groups) > 1)} {shown}")
    if recovery:
        context.ui.say(f"recovery identity: {recovery} (move it offline; it opens every group)")
    else:
        context.ui.note("you are the only reader: add a recovery member, or a colleague, soon")
    if not in_git(os.getcwd()):
        context.ui.note("this is not a git repository yet: `git init`")
    context.ui.say("next: `sealring track FILE`, `sealring encrypt`, `git add . && git commit`")
