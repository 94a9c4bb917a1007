"""`sealring group`: create, list, show and delete groups."""

from __future__ import annotations

import click

from sealring.api.teams import files_with_group
from sealring.cli.completing import groups as group_names
from sealring.cli.completing import members as member_names
from sealring.cli.context import Context, command_options
from sealring.cli.revoke_command import own_names
from sealring.cli.teams import counted, show_member, tell_waiting, waiting_data
from sealring.core.groups import create_group, delete_group, plan_group
from sealring.core.members import delete_group_files
from sealring.core.rotation import outstanding
from sealring.errors import NoIdentity, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.keyring.membership import Standing


@click.group()
def command() -> None:
    """Create, list, show and delete groups: members acting as a role.

    \b
    sealring group create prod --member alice --member bob
    sealring group show prod
    """


@command.command()
@click.argument("name")
@click.option("--description", default="", help="What the group is for.")
@click.option(
    "--include",
    "includes",
    multiple=True,
    metavar="GROUP",
    shell_complete=group_names,
    help="A group whose members belong to this one, too.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="MEMBER",
    shell_complete=member_names,
    help="A member; default: you.",
)
@click.option("--yes", is_flag=True, help="Agree in advance: you have compared the fingerprints.")
@command_options
def create(
    context: Context,
    name: str,
    description: str,
    includes: tuple[str, ...],
    members: tuple[str, ...],
    yes: bool,
) -> int:
    """Create the group NAME with its first epoch.

    Shows the keys of members whom nobody has vouched for, and asks.

    \b
    sealring group create prod --description "production" --member alice --member bob
    sealring group create ops --include prod
    """
    session = context.session
    named = tuple(dict.fromkeys(members)) or (() if includes else tuple(own_names(context)))
    if not named and not includes:
        raise NoIdentity(
            "you are no member yet, and no --member is named", hints=["`sealring member list` shows them"]
        )
    included = tuple(dict.fromkeys(includes))
    candidates = plan_group(session, name, included, named)
    unknown = [candidate for candidate in candidates if candidate.why]
    for candidate in unknown:
        show_member(context, candidate.holder.member)
    if unknown:
        who = ", ".join(candidate.name for candidate in unknown)
        context.ui.confirm(f"Let {who} read group {name}?", yes=yes)
    with session.lock():
        session.write_control(create_group(session, name, description, included, candidates))
    holders = [candidate.name for candidate in candidates]
    if context.ui.json:
        context.ui.result_json({"group": name, "members": holders, "includes": list(included)})
        return 0
    context.ui.say(f"made group {name} for {', '.join(holders)}")
    if len(holders) == 1:
        context.ui.note("a group with a single reader is one lost key from oblivion: grant it to another")
    return 0


@command.command("list")
@command_options
def list_groups(context: Context) -> int:
    """List the groups with their members.

    \b
    sealring group list
    """
    states = [context.session.standing(name) for name in context.session.keyring.group_names()]
    if context.ui.json:
        context.ui.result_json([_data(context, state) for state in states])
    else:
        context.ui.table(
            [
                [
                    state.group,
                    ", ".join(state.members),
                    "" if state.is_settled else "pending",
                    context.session.keyring.group(state.group).description,
                ]
                for state in states
            ]
        )
    return 0


@command.command()
@click.argument("name", shell_complete=group_names)
@command_options
def show(context: Context, name: str) -> int:
    """Show the members of the group NAME, its epochs with their holders, and what is pending.

    \b
    sealring group show prod
    """
    group, state = context.session.keyring.group(name), context.session.standing(name)
    if context.ui.json:
        context.ui.result_json(_data(context, state))
        return 0
    ui = context.ui
    ui.result(f"group {name}" + (f": {group.description}" if group.description else ""))
    if group.includes:
        ui.result(f"includes {', '.join(group.includes)}")
    ui.result("members:")
    for member in state.members:
        via = state.via.get(member) or state.joining.get(member)
        notes = [f"through {' and '.join(via)}"] if via else []
        notes += ["to be added"] if member in state.joining else []
        ui.result(f"  {member}" + (f" ({', '.join(notes)})" if notes else ""))
    for member, why in state.leaving.items():
        ui.result(f"  {member} is to leave: {why}")
    ui.result("epochs:")
    for epoch in group.epochs:
        mark = " (current)" if epoch in state.current else ""
        ui.result(f"  {epoch.id}{mark}, {epoch.created}: {', '.join(epoch.holders)}")
    tell_waiting(context, outstanding(context.session, [name]))
    return 0


@command.command()
@click.argument("name", shell_complete=group_names)
@command_options
def delete(context: Context, name: str) -> int:
    """Delete the group NAME, if no rule, no other group and no file uses it any more.

    Values in the history can then be opened only with the group's files of that time.

    \b
    sealring group delete old-team
    """
    delete_group(context.session, name)
    files = files_with_group(context.session, name)
    if files:
        shown = ", ".join(context.shown(file) for file in files[:5]) + (", ..." if len(files) > 5 else "")
        raise UsageError(
            f"{counted(len(files), 'file')} hold values of group {name}: {shown}",
            notes=["nothing was deleted"],
            hints=["name another group in the policy, then `sealring regroup FILE...`"],
        )
    delete_group_files(context.session, name)
    if context.ui.json:
        context.ui.result_json({"deleted": name})
    else:
        context.ui.say(f"deleted group {name}")
    return 0


def _data(context: Context, state: Standing) -> dict[str, Any]:
    group = context.session.keyring.group(state.group)
    return {
        "group": group.name,
        "description": group.description,
        "includes": list(group.includes),
        "members": [
            {
                "member": member,
                "via": list(state.via.get(member) or state.joining.get(member) or ()),
                "joining": member in state.joining,
            }
            for member in state.members
        ],
        "leaving": state.leaving,
        "epochs": [
            {
                "epoch": epoch.id,
                "created": epoch.created,
                "current": epoch in state.current,
                "holders": list(epoch.holders),
            }
            for epoch in group.epochs
        ],
        "pending": waiting_data(outstanding(context.session, [group.name])),
    }
