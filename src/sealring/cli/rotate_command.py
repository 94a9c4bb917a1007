"""`sealring rotate`: start new epochs, and seal values anew under them."""

from __future__ import annotations

import click

from sealring.api import teams
from sealring.cli.completing import groups as group_names
from sealring.cli.completing import members
from sealring.cli.context import Context, command_options
from sealring.cli.teams import approver, outcome_data, progress, stale_asker, tell, waiting_of
from sealring.core.rotation import plan_rotations, plan_work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.core.groups import Plan


@click.command()
@click.argument("groups", nargs=-1, shell_complete=group_names)
@click.option("--yes", is_flag=True, help="Do not ask; keys that nobody has vouched for need --trust.")
@click.option(
    "--trust",
    multiple=True,
    metavar="MEMBER",
    shell_complete=members,
    help="Accept the keys of MEMBER though nobody has vouched for them: you have compared them.",
)
@click.option(
    "--accept-stale",
    is_flag=True,
    help="Seal values anew that somebody who left can have made: you have looked at them.",
)
@command_options
def command(
    context: Context, groups: tuple[str, ...], yes: bool, trust: tuple[str, ...], accept_stale: bool
) -> int:
    """Start a new epoch of GROUPS, and seal their values anew under it; set times stay.

    Without GROUPS: do all that is pending and that you can do. That is removals, epochs that two branches
    started at once, members who were let in meanwhile, and values under old epochs, which a merge brings.

    Killed in between, run it again: it goes on where it ended.

    \b
    sealring rotate
    sealring rotate prod
    """
    session = context.session
    plans = plan_rotations(session, groups) if groups else plan_work(session)
    for plan in plans:
        _tell_plan(context, plan)
    if context.ui.can_ask and any(plan.starts_epoch for plan in plans):
        context.ui.confirm(_question(plans), yes=yes)
    outcome = teams.rotate(
        session,
        groups or None,
        trust=trust,
        approve=approver(context),
        accept_stale=stale_asker(context, accept=accept_stale),
        progress=progress(context),
    )
    waiting = waiting_of(context)
    status = tell(context, outcome, waiting)
    if context.ui.json:
        context.ui.result_json(outcome_data(outcome, waiting))
    elif not (outcome.epochs or outcome.wrapped or outcome.values):
        context.ui.say("nothing was changed: there is nothing pending that you can do")
    return status


def _question(plans: Sequence[Plan]) -> str:
    named = ", ".join(plan.group for plan in plans if plan.starts_epoch)
    return f"Start new epochs of {named}, and seal their values anew?"


def _tell_plan(context: Context, plan: Plan) -> None:
    if plan.starts_epoch:
        context.ui.say(f"{plan.group}: a new epoch for {', '.join(each.name for each in plan.candidates)}")
        for name, why in plan.leaving.items():
            context.ui.say(f"  without {name}: {why}")
