"""`sealring member`: add, list, show and remove members and their keys."""

from __future__ import annotations

import sys

import click

from sealring.api.teams import approved
from sealring.cli.completing import members as member_names
from sealring.cli.context import Context, command_options
from sealring.cli.identity_command import identity_text
from sealring.cli.revoke_command import finish, own_names, refuse_last
from sealring.cli.teams import approver, counted, fingerprint, outcome_data, show_member, tell, waiting_of
from sealring.core import members as verbs
from sealring.core.rotation import wrap_planned
from sealring.crypto import age
from sealring.errors import IdentityRefused, UsageError
from sealring.files.atomic import read_bytes
from sealring.model.members import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.crypto.age import HybridIdentity, X25519Identity
    from sealring.model.members import Member

MAX_KEYS_BYTES = 1024 * 1024


@click.group()
def command() -> None:
    """Add, list, show and remove members: people and machines with their public keys.

    \b
    sealring member add bob --recipient age1...
    sealring member add ci --kind machine --generate | gh secret set SEALRING_IDENTITY
    curl https://github.com/bob.keys | sealring member add bob --keys-file -
    """


@command.command()
@click.argument("name")
@click.option(
    "--recipient", "recipients", multiple=True, metavar="RECIPIENT", help="An age or ssh public key."
)
@click.option("--ssh-key", "ssh_keys", multiple=True, metavar="FILE", help="An ssh .pub file.")
@click.option(
    "--keys-file",
    "keys_files",
    multiple=True,
    metavar="FILE",
    help="Ssh keys, one a line, as forges serve them at /NAME.keys; - reads standard input.",
)
@click.option("--kind", type=click.Choice(KINDS), default="person", help="Who it is; default: person.")
@click.option("--generate", is_flag=True, help="Make a new identity, and print it once.")
@click.option("--pq", is_flag=True, help="With --generate: post-quantum (ML-KEM-768 with X25519).")
@command_options
def add(
    context: Context,
    name: str,
    recipients: tuple[str, ...],
    ssh_keys: tuple[str, ...],
    keys_files: tuple[str, ...],
    kind: str,
    generate: bool,
    pq: bool,
) -> int:
    """Add the member NAME with their public keys. They read nothing until they are granted a group.

    \b
    sealring member add bob --recipient age1...
    sealring member add ci --kind machine --generate | gh secret set SEALRING_IDENTITY
    """
    named = [*recipients, *_from_files(ssh_keys), *_from_keys_files(context, keys_files)]
    if generate and named:
        raise UsageError("--generate makes the key itself; name no others")
    if pq and not generate:
        raise UsageError("--pq goes with --generate")
    identity = (age.generate_hybrid() if pq else age.generate_x25519()) if generate else None
    member = verbs.new_member(context.session, name, kind, [identity.recipient().text] if identity else named)
    if identity is not None:
        # The identity goes out before the member exists: if whoever should store it is not there (a closed
        # pipe), no member is left whose key nobody has. An identity without a member opens nothing.
        _print_identity(context, member, identity)
    verbs.write_member(context.session, member)
    if context.ui.json and identity is None:
        context.ui.result_json(_data(context, member))
    show_member(context, member)
    context.ui.say(f"next: `sealring grant GROUP {name}`")
    return 0


def _print_identity(context: Context, member: Member, identity: X25519Identity | HybridIdentity) -> None:
    text = identity_text(identity, f"identity of {member.name}")
    if context.ui.json:
        context.ui.result_json({**_data(context, member), "identity": text.decode("ascii")})
    else:
        context.ui.result_bytes(text)
    sys.stdout.flush()
    context.ui.say("the identity was printed once, and is stored nowhere: keep it where the member needs it")


@command.command("list")
@command_options
def list_members(context: Context) -> int:
    """List the members with their kinds and groups.

    \b
    sealring member list
    """
    keyring = context.session.keyring
    listed = [keyring.member(name) for name in keyring.member_names()]
    if context.ui.json:
        context.ui.result_json([_data(context, member) for member in listed])
        return 0
    own = own_names(context)
    context.ui.table(
        [
            [
                member.name + (" (you)" if member.name in own else ""),
                member.kind,
                counted(len(member.recipients), "key"),
                ", ".join(each.group for each in verbs.belongings(context.session, member.name)) or "-",
            ]
            for member in listed
        ]
    )
    return 0


@command.command()
@click.argument("name", shell_complete=member_names)
@command_options
def show(context: Context, name: str) -> int:
    """Show the keys of the member NAME with their fingerprints, and the groups that they are in.

    \b
    sealring member show bob
    """
    member = context.session.keyring.member(name)
    if context.ui.json:
        context.ui.result_json(_data(context, member))
        return 0
    context.ui.result(f"{name} ({member.kind})")
    for recipient in member.recipients:
        context.ui.result(f"  {fingerprint(recipient)}  {recipient}")
    for each in verbs.belongings(context.session, name):
        notes = [f"through {' and '.join(each.via)}"] if each.via else []
        notes += ["is to leave"] * each.is_leaving + ["to be added"] * each.is_joining
        context.ui.result(f"  group {each.group}" + (f" ({', '.join(notes)})" if notes else ""))
    return 0


@command.command()
@click.argument("name", shell_complete=member_names)
@click.option("--yes", is_flag=True, help="Agree in advance.")
@click.option(
    "--trust",
    multiple=True,
    metavar="MEMBER",
    help="Accept the keys of MEMBER though nobody has vouched for them.",
)
@command_options
def remove(context: Context, name: str, yes: bool, trust: tuple[str, ...]) -> int:
    """Take the member NAME out of every group, then delete the member.

    Groups that you hold are rotated, and their values sealed anew. Where you are no holder, the removal
    is pending until a holder runs `sealring rotate`; the member's file stays until then: run this again.

    \b
    sealring member remove bob
    """
    session = context.session
    session.keyring.member(name)
    mine = verbs.belongings(session, name)
    direct = [each.group for each in mine if not each.via or each.is_leaving]
    refuse_last(context, direct, name)
    where = f" and out of {', '.join(each.group for each in mine)}" if mine else ""
    context.ui.confirm(f"Remove member {name}{where}?", yes=yes)
    verbs.bury(session, direct, name)
    status, data = finish(context, direct, name, rotate=True, trust=trust) if mine else (0, {})
    is_deleted = verbs.delete_member(session, name)
    if is_deleted:
        context.ui.say(f"deleted member {name}")
    else:
        left = ", ".join(each.group for each in verbs.belongings(session, name))
        context.ui.note(f"the file of member {name} stays until {left} was rotated; then run this again")
    if context.ui.json:
        context.ui.result_json({"member": name, "deleted": is_deleted, **data})
    return status


@command.command("add-key")
@click.argument("name", shell_complete=member_names)
@click.argument("recipients", nargs=-1, required=True, metavar="RECIPIENT...")
@click.option("--yes", is_flag=True, help="Agree in advance: you have compared the fingerprints.")
@command_options
def add_key(context: Context, name: str, recipients: tuple[str, ...], yes: bool) -> int:
    """Add public keys to the member NAME, and wrap again what they hold and you can open.

    \b
    sealring member add-key bob "$(cat ~/.ssh/id_ed25519.pub)"
    """
    member = verbs.with_keys(context.session, name, recipients)
    show_member(context, member)
    context.ui.confirm(f"Let all of these keys open what {name} can read?", yes=yes)
    return _rewrap(context, member)


@command.command("remove-key")
@click.argument("name", shell_complete=member_names)
@click.argument("recipients", nargs=-1, required=True, metavar="RECIPIENT...")
@command_options
def remove_key(context: Context, name: str, recipients: tuple[str, ...]) -> int:
    """Take public keys, named by text or fingerprint, from the member NAME; wrap again to the others.

    Whoever has the lost key and an old clone still opens what is there: rotate the groups, too.

    \b
    sealring member remove-key bob SHA256:... && sealring rotate prod
    """
    member = verbs.without_keys(context.session, name, recipients)
    status = _rewrap(context, member)
    groups = [each.group for each in verbs.belongings(context.session, name) if not each.is_joining]
    if groups:
        context.ui.note(
            "the old key, with an old clone, still opens what is there: "
            f"`sealring rotate {' '.join(groups)}`, then change the values"
        )
    return status


def _rewrap(context: Context, member: Member) -> int:
    session = context.session
    plans = verbs.plan_keys(session, member)
    closed = verbs.closed_epochs(session, member)
    outcome = wrap_planned(session, plans, approved(session, plans, (), approver(context)))
    # Last, so that a killed command can be run again: until then nothing has changed for it.
    verbs.write_member(session, member)
    waiting = waiting_of(context, [])
    status = tell(context, outcome.replace(wrapped=()), waiting)
    epochs = counted(len(outcome.wrapped), "epoch")
    context.ui.say(f"{member.name} has {counted(len(member.recipients), 'key')}; {epochs} wrapped again")
    if closed:
        context.ui.note(
            f"you cannot open {', '.join(closed)}: a holder runs `sealring grant GROUP {member.name}`"
        )
    if context.ui.json:
        context.ui.result_json({**_data(context, member), **outcome_data(outcome), "closed": closed})
    return status


def _data(context: Context, member: Member) -> dict[str, Any]:
    return {
        "member": member.name,
        "kind": member.kind,
        "recipients": [{"recipient": text, "fingerprint": fingerprint(text)} for text in member.recipients],
        "groups": [
            {
                "group": each.group,
                "via": list(each.via),
                "leaving": each.is_leaving,
                "joining": each.is_joining,
            }
            for each in verbs.belongings(context.session, member.name)
        ],
    }


def _from_files(files: tuple[str, ...]) -> list[str]:
    found = []
    for file in files:
        text = _text(file, read_bytes(file, limit=MAX_KEYS_BYTES))
        if "PRIVATE KEY" in text:
            raise IdentityRefused("this is a private key; name the .pub file beside it", file=file)
        found.append(text.strip())
    return found


def _from_keys_files(context: Context, files: tuple[str, ...]) -> list[str]:
    """Read keys as forges serve them; those that cannot be encrypted to are passed over with a note.

    Raises:
        IdentityRefused: none can be used.
    """
    found: list[str] = []
    for file in files:
        data = (
            sys.stdin.buffer.read(MAX_KEYS_BYTES) if file == "-" else read_bytes(file, limit=MAX_KEYS_BYTES)
        )
        usable, skipped = verbs.recipients_in(_text(file, data))
        for reason in skipped:
            context.ui.note(f"{file}: passed over {reason}")
        if not usable:
            raise IdentityRefused(
                "there is no key that can be used",
                file=file,
                hints=["ssh-ed25519 and ssh-rsa keys can; `sealring identity new` makes an age key"],
            )
        found += usable
    return found


def _text(file: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise IdentityRefused("the file holds no public keys", file=file) from None
