"""`sealring approve`: let newcomers in who have asked."""

from __future__ import annotations

import click

from sealring.cli.completing import members as member_names
from sealring.cli.context import Context, command_options
from sealring.cli.teams import outcome_data, show_member, tell, warn_other_keys
from sealring.core.groups import able_to_rotate, plan_grant
from sealring.core.members import belongings, delete_requests, requests
from sealring.core.rotation import Outcome, key_of, wrap_planned
from sealring.errors import NoIdentity, Pending, PolicyError, SealringError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.core.groups import Plan
    from sealring.core.members import Request


@click.command()
@click.argument("members", nargs=-1, shell_complete=member_names)
@click.option("--yes", is_flag=True, help="Agree in advance: you have compared the fingerprints.")
@command_options
def command(context: Context, members: tuple[str, ...], yes: bool) -> int:
    """Let newcomers in who have asked with `sealring join`; without MEMBERS, all of them.

    Shows the keys of each with their fingerprints, and asks: compare them on another way than this
    repository, as anybody who can push can write a request.

    \b
    sealring approve carol
    """
    asked = requests(context.session)
    for name in members:
        if all(request.member != name for request in asked):
            raise UsageError(f"{name} has not asked for access", hints=["`sealring join` asks"])
    outcome, status = Outcome(), 0
    for name in dict.fromkeys(request.member for request in asked):
        if not members or name in members:
            done, failed = _approve(context, [each for each in asked if each.member == name], yes=yes)
            outcome, status = outcome.joined(done), status or failed
    if context.ui.json:
        context.ui.result_json(outcome_data(outcome))
    elif not asked:
        context.ui.say("nobody has asked for access")
    elif outcome.wrapped:
        context.ui.say("next: `git add -A .sealring && git commit`")
    return status


def _approve(context: Context, asked: list[Request], *, yes: bool) -> tuple[Outcome, int]:
    """Handle the requests of one member; return what was done, and an exit status."""
    session, name = context.session, asked[0].member
    plans: dict[Request, Plan] = {}
    status = 0
    done = []
    for request in asked:
        try:
            if _is_in(context, request):
                done.append(request)
            else:
                plans[request] = plan_grant(session, request.group, name)
        except (NoIdentity, Pending, PolicyError) as error:
            context.ui.warn(_why_not(context, request, error))
            status = Pending.exit_code
    outcome = Outcome()
    if plans:
        candidate = next(iter(plans.values())).candidates[0]
        show_member(context, candidate.holder.member)
        for plan in plans.values():
            warn_other_keys(context, plan.candidates[0])
        if _is_agreed(context, f"Let {name} read {' and '.join(each.group for each in plans)}?", yes=yes):
            outcome = wrap_planned(session, list(plans.values()), frozenset([key_of(candidate)]))
            tell(context, outcome)
        else:
            context.ui.say(f"{name} is not let in; the request stays")
            plans, status = {}, Pending.exit_code
    delete_requests(session, [*done, *plans])
    for request in done:
        context.ui.say(f"{name} is in group {request.group} already; the request is deleted")
    return outcome, status


def _is_agreed(context: Context, question: str, *, yes: bool) -> bool:
    """Ask about one newcomer; a no does not end the questions about the others.

    Raises:
        UsageError: nobody can be asked.
    """
    if yes or not context.ui.can_ask:
        context.ui.confirm(question, yes=yes)
        return True
    return context.ui.ask(f"{question} [y/N]").strip().lower() in ("y", "yes")


def _is_in(context: Context, request: Request) -> bool:
    session = context.session
    session.keyring.group(request.group)
    return any(
        each.group == request.group and not (each.is_leaving or each.is_joining)
        for each in belongings(session, request.member)
    )


def _why_not(context: Context, request: Request, error: SealringError) -> SealringError:
    session = context.session
    hints = list(error.hints)
    if isinstance(error, NoIdentity):
        able = ", ".join(able_to_rotate(session.standing(request.group))) or "nobody"
        hints = [f"{able} can run `sealring approve {request.member}`"]
    return Pending(
        f"the request of {request.member} for group {request.group} stays: {error.message}",
        file=error.file,
        hints=hints,
    )
