"""`sealring grant`: let a member read a group."""

from __future__ import annotations

import click

from sealring.cli.completing import groups, members
from sealring.cli.context import Context, command_options
from sealring.cli.teams import outcome_data, show_member, tell, warn_other_keys
from sealring.core.groups import Plan, plan_grant
from sealring.core.members import belongings
from sealring.core.rotation import Outcome, key_of, wrap_planned


@click.command()
@click.argument("group", shell_complete=groups)
@click.argument("member", shell_complete=members)
@click.option("--yes", is_flag=True, help="Agree in advance: you have compared the fingerprints.")
@command_options
def command(context: Context, group: str, member: str, yes: bool) -> int:
    """Let MEMBER read all values of GROUP.

    Shows the member's keys with their fingerprints, and asks: compare them on another way than this
    repository. Only files below .sealring are written; no sealed file changes.

    \b
    sealring grant prod bob
    """
    plan = plan_grant(context.session, group, member)
    candidate = plan.candidates[0]
    show_member(context, candidate.holder.member)
    warn_other_keys(context, candidate)
    if not candidate.why and _is_direct(context, group, member):
        outcome = Outcome()
        context.ui.say(f"{member} is in group {group} already, with these keys")
    else:
        outcome = let_in(context, plan, f"Let {member} read group {group}?", yes=yes)
    if context.ui.json:
        context.ui.result_json(outcome_data(outcome))
    elif outcome.wrapped:
        context.ui.say("next: `git add .sealring && git commit`")
    return 0


def let_in(context: Context, plan: Plan, question: str, *, yes: bool) -> Outcome:
    """Ask, and wrap as planned; what the person agrees to is just these keys."""
    context.ui.confirm(question, yes=yes)
    outcome = wrap_planned(context.session, [plan], frozenset(key_of(each) for each in plan.candidates))
    tell(context, outcome)
    return outcome


def _is_direct(context: Context, group: str, member: str) -> bool:
    return any(
        each.group == group and not (each.via or each.is_joining or each.is_leaving)
        for each in belongings(context.session, member)
    )
