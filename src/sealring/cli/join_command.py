"""`sealring join`: ask for access."""

from __future__ import annotations

import click

from sealring.cli.completing import groups as group_names
from sealring.cli.context import Context, command_options
from sealring.cli.init_command import own_recipients
from sealring.cli.teams import show_member
from sealring.core.members import canonical_recipients, new_member, request_files
from sealring.errors import UsageError
from sealring.keyring.change import member_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.model.members import Member


@click.command()
@click.argument("name")
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="GROUP",
    shell_complete=group_names,
    help="A group to ask for; may be left out if there is only one.",
)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="RECIPIENT",
    help="Your keys; default: your identity's.",
)
@command_options
def command(context: Context, name: str, groups: tuple[str, ...], recipients: tuple[str, ...]) -> int:
    """Ask to be let into groups, as the member NAME.

    Makes an identity if you have none, and writes a member file and a request for each group. Commit
    them on a branch; a holder of the group runs `sealring approve`. Tell them your fingerprint on another
    way, so that they can compare.

    \b
    sealring join carol --group dev
    """
    session = context.session
    known = session.keyring.group_names()
    if not groups and len(known) != 1:
        raise UsageError(
            "name the groups to ask for with --group", hints=[f"there are {', '.join(known) or 'none'}"]
        )
    wanted = tuple(dict.fromkeys(groups)) or tuple(known)
    for group in wanted:
        session.keyring.group(group)
    member = _member(context, name, recipients or own_recipients(context))
    files = {**member_files(member), **request_files(session, name, wanted)}
    with session.lock():
        session.write_control(files)
    show_member(context, member)
    if context.ui.json:
        context.ui.result_json(
            {"member": name, "recipients": list(member.recipients), "groups": list(wanted)}
        )
    else:
        context.ui.say(f"asked for {' and '.join(wanted)}; next: commit .sealring on a branch and push it")
        context.ui.say("tell a holder your fingerprint on another way; they run `sealring approve`")
    return 0


def _member(context: Context, name: str, recipients: tuple[str, ...]) -> Member:
    """Return the member, new, or as it is if it is the same person's.

    Raises:
        UsageError: somebody else has the name.
    """
    keyring = context.session.keyring
    if name not in keyring.member_names():
        return new_member(context.session, name, "person", recipients)
    member = keyring.member(name)
    if set(canonical_recipients(recipients)) != set(member.recipients):
        raise UsageError(
            f"there is a member named {name} with other keys",
            hints=["take another name", f"if it is you: `sealring member add-key {name} RECIPIENT`"],
        )
    return member
