"""`sealring explain`: why a field is sealed, to which group, and who reads it."""

from __future__ import annotations

import click

from sealring.cli import completing
from sealring.cli.context import Context, command_options
from sealring.cli.status_command import session_without_prompt, time_shown
from sealring.core.explain import explain, rule_place
from sealring.core.texts import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.core.explain import Explanation, Reader


@click.command()
@click.argument("file", type=click.Path())
@click.argument("field", required=False, shell_complete=completing.fields)
@command_options
def command(context: Context, file: str, field: str | None) -> int:
    """Say why FIELD of FILE is sealed or not, to which group, and who reads it.

    Without FIELD: a table of all fields of the file. Needs no key.

    \b
    sealring explain config/prod.yaml db.password
    sealring explain config/prod.yaml
    """
    session = session_without_prompt(context, file)
    name = session.name_of(file)
    found = explain(session, name, text_of(name, session.read(name)), field)
    if context.ui.json:
        context.ui.result_json([_data(name, entry) for entry in found])
    elif field is not None and len(found) == 1:
        for line in _lines(name, found[0]):
            context.ui.result(line)
    else:
        head = ("FIELD", "STATE", "GROUP", "SET", "RULE")
        context.ui.table([head, *(_row(entry) for entry in found)])
        if not session.policy.covers(name):
            context.ui.note(f"no rule of the policy is for {name}; `sealring track {file}` adds one")
    return 0


def _row(entry: Explanation) -> tuple[str, ...]:
    rule = entry.decision.rule
    state = entry.problem.slug if entry.problem is not None else entry.state
    set_time = time_shown(entry.token.set_time)[:10] if entry.token is not None else "-"
    shown = f"{rule.name} ({rule_place(rule)})" if rule is not None else "-"
    return (entry.place or "(the file)", state, entry.group or "-", set_time, shown)


def _lines(name: str, entry: Explanation) -> list[str]:
    rule, token = entry.decision.rule, entry.token
    lines = [f"{name}:{entry.line}: {entry.place or 'the whole file'}"]

    def line(word: str, text: str) -> None:
        lines.append(f"  {word + ':':<9}{text}")

    state = {"sealed": "sealed", "stale": "sealed under an old epoch", "plain": "plain: no rule seals it"}
    line("state", state.get(entry.state, entry.problem.message if entry.problem is not None else entry.state))
    if rule is not None:
        by = f'by pattern "{entry.decision.pattern}"' if entry.decision.pattern else "every value of the file"
        line("rule", f'"{rule.name}" ({rule_place(rule)}), {by}')
    elif not entry.decision.passed:
        line("why", "no rule is for this file")
    for passed in entry.decision.passed:
        line("why not", f'rule "{passed.rule}" ({passed.place}): {passed.why}')
    if entry.group:
        line("group", entry.group)
    if token is not None:
        line("epoch", token.at.epoch + _epoch_remark(entry))
        line("set", time_shown(token.set_time))
        if token.origin != token.at:
            line("origin", f"{token.origin}: the value was first sealed there, and has not changed since")
    for reader in entry.readers:
        line("reader", _reader_text(reader))
    if entry.problem is not None:
        for hint in entry.problem.hints:
            line("mend", hint)
    elif entry.state == "stale" or entry.is_retired:
        line("mend", "`sealring rotate`, by a holder, seals it anew")
    return lines


def _epoch_remark(entry: Explanation) -> str:
    if entry.is_retired:
        return " (somebody who left still holds it)"
    return " (stale: there is a newer one)" if entry.state == "stale" else ""


def _reader_text(reader: Reader) -> str:
    through = f", through {' and '.join(reader.via)}" if reader.via else ""
    note = f" ({reader.note})" if reader.note else ""
    return f"{reader.name}, {reader.kind}{through}{note}"


def _data(name: str, entry: Explanation) -> dict[str, Any]:
    rule, token = entry.decision.rule, entry.token
    return {
        "file": name,
        "field": entry.place,
        "line": entry.line,
        "state": entry.state,
        "problem": entry.problem.message if entry.problem is not None else None,
        "rule": rule.name if rule is not None else None,
        "rule_place": rule_place(rule) if rule is not None else None,
        "pattern": entry.decision.pattern or None,
        "passed_over": [
            {"rule": passed.rule, "rule_place": passed.place, "why": passed.why}
            for passed in entry.decision.passed
        ],
        "group": entry.group or None,
        "epoch": token.at.epoch if token is not None else None,
        "set": time_shown(token.set_time) if token is not None else None,
        "origin": str(token.origin) if token is not None else None,
        "is_stale": entry.state == "stale",
        "is_retired": entry.is_retired,
        "readers": [
            {"name": r.name, "kind": r.kind, "through": list(r.via), "note": r.note or None}
            for r in entry.readers
        ],
    }
