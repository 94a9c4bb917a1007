"""`sealring status`: what is sealed, what is not, and what is pending."""

from __future__ import annotations

import time

import click

from sealring.cli.context import Context, command_options
from sealring.core.session import Session
from sealring.core.status import FileStatus, GroupStatus, Status, status
from sealring.core.texts import text_of
from sealring.errors import NoIdentity, PlaintextFound, SealringError
from sealring.model.token import UNKNOWN_TIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

SHOWN_FILES, SHOWN_PROBLEMS = 10, 5


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@command_options
def command(context: Context, files: tuple[str, ...]) -> int:
    """Tell what is sealed, what is not, and what is pending; exit with 1 if something has to be done.

    Without FILES: all that the policy covers, and all that hold sealed values. Needs no key; with one it
    also tells which values are closed to you.

    \b
    sealring status
    sealring status config/ && echo "all is sealed"
    """
    session = session_without_prompt(context, files[0] if files else ".")
    names = context.files(files)
    if not files:
        from sealring.git.blobs import files_with_tokens

        names = sorted({*names, *(files_with_tokens(session.root) or ())})
    result = status(session, _texts(session, context.ui.progress(names, "reading")))
    if context.ui.json:
        context.ui.result_json(_data(result))
    else:
        for line in _lines(context, session, result):
            context.ui.result(line)
    return 0 if result.is_fine else PlaintextFound.exit_code


def session_without_prompt(context: Context, path: str) -> Session:
    """Open the repository that a path is in, with the identities that can be had without a passphrase."""
    from sealring.api import identities as sources
    from sealring.files.tree import find_root

    def load() -> list[Any]:
        try:
            return [entry.identity for entry in sources.find(context.environ, None)]
        except NoIdentity as error:
            context.ui.note(f"going on without your identity: {error}")
            return []

    return Session(find_root(path), load, int(time.time()))


def time_shown(set_time: str) -> str:
    """Spell a set time for people."""
    if set_time == UNKNOWN_TIME:
        return "unknown"
    t = set_time
    return f"{t[:4]}-{t[4:6]}-{t[6:8]} {t[9:11]}:{t[11:13]}:{t[13:15]} UTC"


def _texts(session: Session, names: Iterator[str]) -> Iterator[tuple[str, str | SealringError]]:
    for name in names:
        try:
            yield name, text_of(name, session.read(name))
        except SealringError as error:
            yield name, error


# For people


def _lines(context: Context, session: Session, result: Status) -> Iterator[str]:
    yield from _file_lines(context, result.files)
    for group in result.groups:
        yield from _group_lines(group)
    for error in result.errors:
        yield f"problem: {error}"
        yield from (f"  hint: {hint}" for hint in error.hints)
    if not session.policy.rules:
        yield "the policy has no rule yet: `sealring track FILE` adds one"
    yield from _mending(result)
    if result.is_fine:
        yield "nothing has to be done"


def _file_lines(context: Context, files: Sequence[FileStatus]) -> Iterator[str]:
    fine = [file for file in files if file.is_fine and not file.unmatched]
    many = len(files) > SHOWN_FILES
    for file in files:
        if file in fine and many:
            continue
        shown = context.shown(file.name)
        yield f"{shown}: {_counts_text(file)}"
        for problem in file.problems[:SHOWN_PROBLEMS]:
            yield f"  {shown}:{problem.line}: {problem.message}" if problem.line else f"  {problem.message}"
        if len(file.problems) > SHOWN_PROBLEMS:
            yield f"  and {len(file.problems) - SHOWN_PROBLEMS} more"
        for overdue in file.overdue:
            yield (
                f"  {shown}:{overdue.line}: {overdue.place or 'the value'} was set {overdue.days} days ago; "
                f"the rule allows {overdue.max_days}"
            )
        for rule, pattern in file.unmatched:
            yield f'  warning: pattern "{pattern}" of rule "{rule}" matches no field here: a typing mistake?'
    if fine and many:
        sealed = sum(file.sealed for file in fine)
        closed = sum(file.closed or 0 for file in fine)
        more = f", {closed} of them closed to you" if closed else ""
        yield f"{len(fine)} more files: {sealed} sealed{more}"


def _counts_text(file: FileStatus) -> str:
    words = [f"{count} {word}" for word, count in file.counts.items() if count or word == "sealed"]
    if file.retired:
        words.append(f"{file.retired} under an epoch that somebody who left still holds")
    if file.closed:
        words.append(f"{file.closed} closed to you")
    if not file.is_covered:
        words.append("no rule is for this file")
    return ", ".join(words)


def _group_lines(group: GroupStatus) -> Iterator[str]:
    through = {name: f" (through {' and '.join(via)})" for name, via in group.via.items()}
    shown = ", ".join(name + through.get(name, "") for name in group.members) or "nobody"
    yield f"group {group.name}: {shown}"
    if group.pending:
        yield f"  pending: {group.pending}"
    if group.stale:
        yield f"  pending: {group.stale} values are to be sealed under the newest epoch"
    if group.is_single_reader:
        yield f"  warning: {group.members[0]} alone reads it: one lost key closes it for ever"
        add = "`sealring member add recovery --kind recovery --generate`"
        yield f"  hint: {add}, then `sealring grant {group.name} recovery`"


def _mending(result: Status) -> Iterator[str]:
    """Name the one command that mends what is pending, and who can run it."""
    waiting = [group for group in result.groups if not group.is_fine]
    if any(group.can_rotate or group.can_rotate is None for group in waiting):
        yield "mend: `sealring rotate`"
    for group in waiting:
        if group.can_rotate is False:
            yield f"mend: ask {' or '.join(group.able) or 'nobody'} to run `sealring rotate {group.name}`"
    plain = [file for file in result.files if file.count(PlaintextFound)]
    if plain:
        yield "mend: `sealring encrypt`"
    others = [
        error for file in result.files for error in file.problems if not isinstance(error, PlaintextFound)
    ]
    hints = dict.fromkeys(hint for error in others for hint in error.hints)
    yield from (f"hint: {hint}" for hint in list(hints)[:SHOWN_PROBLEMS])


# For programs


def _data(result: Status) -> dict[str, Any]:
    from sealring.cli.ui import error_data

    return {
        "is_fine": result.is_fine,
        "identities": result.identities,
        "files": [
            {
                "file": file.name,
                "is_covered": file.is_covered,
                **file.counts,
                "stale_by_group": dict(file.stale),
                "retired": file.retired,
                "closed": file.closed,
                "findings": [error_data(problem) for problem in file.problems],
                "unmatched": [{"rule": rule, "pattern": pattern} for rule, pattern in file.unmatched],
                "overdue": [
                    {"field": o.place, "line": o.line, "days": o.days, "max_days": o.max_days}
                    for o in file.overdue
                ],
            }
            for file in result.files
        ],
        "groups": [
            {
                "group": group.name,
                "members": list(group.members),
                "through": {name: list(via) for name, via in group.via.items()},
                "pending": group.pending or None,
                "stale": group.stale,
                "is_single_reader": group.is_single_reader,
                "can_rotate": list(group.able),
                "you_can_rotate": group.can_rotate,
            }
            for group in result.groups
        ],
        "errors": [error_data(error) for error in result.errors],
    }
