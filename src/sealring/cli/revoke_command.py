"""`sealring revoke`: take a member out of a group."""

from __future__ import annotations

import click

from sealring.api import teams
from sealring.cli.completing import groups, members
from sealring.cli.context import Context, command_options
from sealring.cli.teams import approver, outcome_data, progress, stale_asker, tell, waiting_of
from sealring.core.members import bury
from sealring.core.rotation import Outcome, touched_by_removal
from sealring.errors import NoIdentity, SealringError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


@click.command()
@click.argument("group", shell_complete=groups)
@click.argument("member", shell_complete=members)
@click.option("--yes", is_flag=True, help="Agree in advance.")
@click.option("--no-rotate", is_flag=True, help="Only write the removal; somebody rotates later.")
@click.option(
    "--trust",
    multiple=True,
    metavar="MEMBER",
    help="Accept the keys of MEMBER though nobody has vouched for them.",
)
@click.option("--wrap-gone", is_flag=True, help="MEMBER held the group, but their wrap was deleted.")
@command_options
def command(
    context: Context,
    group: str,
    member: str,
    yes: bool,
    no_rotate: bool,
    trust: tuple[str, ...],
    wrap_gone: bool,
) -> int:
    """Take MEMBER out of GROUP.

    Writes the removal, which anybody may do. If you hold the group, a new epoch follows, and the values
    are sealed anew under it; the same for groups that include this one. What you cannot rotate stays
    pending, and nothing is sealed to such a group until a holder has done it.

    What MEMBER could read they may have kept: change the values themselves, too.

    \b
    sealring revoke prod bob
    """
    refuse_last(context, [group], member)
    is_self = member in own_names(context)
    question = f"Take {'yourself' if is_self else member} out of group {group}?"
    context.ui.confirm(question, yes=yes)
    bury(context.session, [group], member, is_gone=wrap_gone)
    context.ui.say(f"{member} is removed from group {group}")
    status, data = finish(context, [group], member, rotate=not no_rotate, trust=trust)
    if context.ui.json:
        context.ui.result_json({"member": member, **data})
    else:
        context.ui.say("next: `git add -A && git commit`")
    return status


def finish(
    context: Context, groups: Sequence[str], member: str, *, rotate: bool, trust: Sequence[str] = ()
) -> tuple[int, dict[str, Any]]:
    """Rotate what the removal of a member touches, as far as the user can, and tell the rest.

    Returns:
        the exit status, and what was done as plain data.
    Raises:
        UnvouchedRecipient, UsageError: the rotation was refused; the removal itself is written.
    """
    session = context.session
    session.forget()
    touched = list(dict.fromkeys(name for group in groups for name in touched_by_removal(session, group)))
    outcome = Outcome()
    if rotate and touched:
        try:
            outcome = teams.rotate(
                session,
                touched,
                pending_only=True,
                trust=trust,
                approve=approver(context),
                accept_stale=stale_asker(context, accept=False),
                progress=progress(context),
            )
        except SealringError as error:
            kept = [note for note in error.notes if note != "nothing was written"]
            error.notes = (*kept, "the removal is written; the rotation is pending")
            error.hints = (*error.hints, "`sealring rotate` carries it out")
            raise
    waiting = waiting_of(context, touched)
    status = tell(context, outcome, waiting)
    context.ui.note(
        f"{member} may have kept what they could read, and history keeps it: change the values, too"
    )
    return status, outcome_data(outcome, waiting)


def refuse_last(context: Context, groups: Sequence[str], member: str) -> None:
    """Refuse to remove the last member of a group, before anything is written.

    Raises:
        UsageError: nobody would be left.
    """
    for group in groups:
        if set(context.session.standing(group).members) <= {member}:
            raise UsageError(
                f"nobody would be left in group {group}",
                notes=["its values would be lost; nothing was written"],
                hints=[f"`sealring grant {group} NAME` first", f"`sealring group delete {group}`"],
            )


def own_names(context: Context) -> list[str]:
    """Return the names of the members that the user is; none without an identity."""
    try:
        return context.session.roots.names()
    except NoIdentity:
        return []
