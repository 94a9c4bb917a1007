"""What commands about members and groups show and ask: keys with fingerprints, what was done, what waits."""

from __future__ import annotations

from sealring.api.teams import keys_vouched_before
from sealring.cli.ui import error_data
from sealring.core.groups import NEW_KEYS
from sealring.core.members import short
from sealring.core.rotation import outstanding
from sealring.crypto import age
from sealring.errors import NoIdentity, Pending, SealringError, Tampered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from sealring.api.teams import Approve
    from sealring.cli.context import Context
    from sealring.core.groups import Candidate
    from sealring.core.rotation import Doubtful, Outcome, Outstanding
    from sealring.model.members import Member

SHOWN_FIELDS = 20


def fingerprint(recipient: str) -> str:
    """Return the fingerprint of a recipient, or that it is none."""
    try:
        return age.fingerprint(age.parse_recipient(recipient))
    except SealringError:
        return "cannot be used"


def show_member(context: Context, member: Member) -> None:
    """Show a member's keys with their fingerprints."""
    context.ui.say(f"{member.name} ({member.kind})")
    for recipient in member.recipients:
        context.ui.say(f"  {fingerprint(recipient)}  {short(recipient)}")


def warn_other_keys(context: Context, candidate: Candidate) -> None:
    """Say loudly that a member has other keys than a holder has seen, with both where they are known."""
    if not candidate.why or candidate.why == NEW_KEYS:
        return
    before = keys_vouched_before(context.session, candidate)
    now = ", ".join(print_ for _recipient, print_ in candidate.fingerprints)
    known = ", ".join(fingerprint(recipient) for recipient in before) or "not known any more, but not these"
    context.ui.warn(
        SealringError(
            f"{candidate.name} {candidate.why}; vouched for: {known}; in the file now: {now}",
            file=f".sealring/members/{candidate.name}.yaml",
            hints=[f"`git log -p -- .sealring/members/{candidate.name}.yaml` shows who changed them"],
        )
    )


def approver(context: Context) -> Approve | None:
    """Return what asks about keys that nobody has vouched for; None where nobody can be asked."""
    if not context.ui.can_ask:
        return None

    def approve(candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            context.ui.say(f"{candidate.name} {candidate.why}")
            show_member(context, candidate.holder.member)
            warn_other_keys(context, candidate)
            context.ui.confirm(f"Have you compared the fingerprints with {candidate.name}?", yes=False)

    return approve


def stale_asker(context: Context, *, accept: bool) -> Callable[[Sequence[Doubtful]], bool]:
    """Return what asks about values that somebody who left can have made.

    Args:
        accept: agreed on the command line.
    """

    def ask(doubtful: Sequence[Doubtful]) -> bool:
        context.ui.say(
            f"{counted(len(doubtful), 'value')} under epochs that somebody who left still holds. They were "
            "sealed on another branch before the rotation, or forged since:"
        )
        for each in doubtful[:SHOWN_FIELDS]:
            shown = context.shown(each.file)
            context.ui.say(f"  {shown}: {each.place} (set {each.token.set_time}, {each.token.at})")
        if len(doubtful) > SHOWN_FIELDS:
            context.ui.say(f"  and {len(doubtful) - SHOWN_FIELDS} more")
        if accept or not context.ui.can_ask:
            return accept
        answer = context.ui.ask("Seal them anew? `git log -p` tells who put them there. [y/N]")
        return answer.strip().lower() in ("y", "yes")

    return ask


def counted(count: int, word: str) -> str:
    """Return a count with its word, in the plural where it is one."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def progress(context: Context) -> Callable[[Sequence[str]], Iterator[str]]:
    """Return what shows how far the rekeying of files has come."""
    return lambda names: context.ui.progress(names, "sealing anew")


def tell(context: Context, outcome: Outcome, waiting: Sequence[Outstanding] = ()) -> int:
    """Tell what was done and what remains, and return the exit status."""
    ui = context.ui
    for at in outcome.epochs:
        out = [name for group, name, _why in outcome.left_out if group == at.group]
        ui.say(f"{at.group}: new epoch {at.epoch}" + (f", without {', '.join(out)}" if out else ""))
    for group, name in outcome.wrapped:
        ui.say(f"{group}: {name} can read it now")
    if outcome.values:
        files = counted(len(outcome.files), "file")
        ui.say(f"{counted(outcome.values, 'value')} sealed anew in {files}")
        ui.note("open branches that change these lines will conflict: merge or rebase them first, or soon")
    for group, name, error in outcome.postponed:
        ui.warn(
            SealringError(
                f"{name} belongs to group {group}, but nothing can be wrapped to them: {error}",
                hints=[f"`sealring member add-key {name} RECIPIENT`, or `sealring revoke {group} {name}`"],
            )
        )
    for failure in outcome.failures:
        ui.warn(failure)
    if outcome.doubtful:
        ui.warn(
            Pending(
                f"{counted(len(outcome.doubtful), 'value')} wait for somebody to look at them",
                hints=["`sealring rotate` in a terminal, or `sealring rotate --accept-stale`"],
            )
        )
    tell_waiting(context, waiting)
    return exit_code(outcome)


def tell_waiting(context: Context, waiting: Iterable[Outstanding]) -> None:
    """Say what groups wait for, who can do it, and by which command."""
    for each in waiting:
        able = ", ".join(each.able) or "nobody"
        context.ui.note(f"pending in group {each.group}: {each.what}")
        context.ui.note(f"  {able} can run `{each.command}`")


def exit_code(outcome: Outcome) -> int:
    """Return 12 if a value did not authenticate, else that of another failure, 1 if values wait, else 0.

    A value that only others can open is no failure: it is left to them.
    """
    failed = [error for error in outcome.failures if not isinstance(error, NoIdentity)]
    if any(isinstance(error, Tampered) for error in failed):
        return Tampered.exit_code
    if failed:
        return failed[0].exit_code
    return Pending.exit_code if outcome.doubtful else 0


def outcome_data(outcome: Outcome, waiting: Iterable[Outstanding] = ()) -> dict[str, Any]:
    """Return an outcome as plain data, for --json."""
    return {
        "epochs": [{"group": at.group, "epoch": at.epoch} for at in outcome.epochs],
        "left_out": _rows(outcome.left_out, "group", "member", "reason"),
        "wrapped": _rows(outcome.wrapped, "group", "member"),
        "postponed": [
            {"group": group, "member": name, "error": error_data(error)}
            for group, name, error in outcome.postponed
        ],
        "values": outcome.values,
        "files": _rows(outcome.files, "file", "values"),
        "failures": [error_data(error) for error in outcome.failures],
        "doubtful": [
            {"file": each.file, "field": each.place, "epoch": str(each.token.at)} for each in outcome.doubtful
        ],
        "pending": waiting_data(waiting),
    }


def waiting_data(waiting: Iterable[Outstanding]) -> list[dict[str, Any]]:
    """Return what groups wait for as plain data, for --json."""
    return [
        {"group": each.group, "pending": each.what, "able": list(each.able), "command": each.command}
        for each in waiting
    ]


def waiting_of(context: Context, groups: Iterable[str] | None = None) -> list[Outstanding]:
    """Return what groups wait for, after files were written."""
    context.session.forget()
    return outstanding(context.session, groups)


def _rows(rows: Iterable[Sequence[object]], *names: str) -> list[dict[str, object]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
