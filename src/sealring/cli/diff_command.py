"""`sealring diff`: what changed, field by field; or which keys a file lacks."""

from __future__ import annotations

import os
import time

import click

from sealring.cli.context import Context, command_options
from sealring.core.diff import REKEYED, FileDiff, Side, compare, missing_keys
from sealring.core.session import Session
from sealring.core.texts import text_of
from sealring.errors import SealringError, UsageError
from sealring.git.compare import changed_files, is_revision, states
from sealring.git.objects import ObjectReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sealring.core.diff import Change
    from sealring.files.source import Source

_DASHES = "sealring.dashes"


class _Command(click.Command):
    """A command that knows which of its words stand behind `--`, as those are files."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            ctx.meta[_DASHES] = len(args) - args.index("--") - 1
        return super().parse_args(ctx, args)


@click.command(cls=_Command)
@click.argument("words", nargs=-1, metavar="[A..B | A B | A] [--] [FILES]...")
@click.option("--staged", is_flag=True, help="What the next commit changes: HEAD, or A, against the index.")
@click.option("--values", is_flag=True, help="Show values in plaintext, where you may read them.")
@click.option("--keys", is_flag=True, help="Compare the keys of FILES: which has what another lacks.")
@command_options
def command(context: Context, words: tuple[str, ...], staged: bool, values: bool, keys: bool) -> int:
    """Show what changed in sealed files, field by field.

    Like `git diff`: without a revision the working tree against the index, with one against that, and
    A..B or A B two commits. Tells values that changed from those that were only sealed anew, and who
    can read more or less than before. With --keys, shows which keys some of FILES lack.

    \b
    sealring diff main..HEAD -- config/prod.yaml
    sealring diff --keys config/prod.yaml config/staging.yaml
    """
    if keys:
        return _keys(context, words)
    root = context.session.root
    revisions, files = _split(context, root, words)
    identities = context.session.roots.identities

    def open_session(source: Source) -> Session:
        return Session(root, lambda: identities, int(time.time()), source)

    shown = []
    with ObjectReader(root) as reader:
        old, new = states(root, revisions, reader, open_session, staged=staged)

        def wanted(name: str) -> bool:
            if files:
                return any(file in ("", name) or name.startswith(f"{file}/") for file in files)
            return new.session.policy.covers(name) or old.session.policy.covers(name)

        for before, after in changed_files(old, new, wanted):
            try:
                found = compare(before, after)
            except SealringError as error:
                context.ui.warn(error.at(after.name))
                continue
            if found.changes or found.readers:
                shown.append(found)
    if context.ui.json:
        context.ui.result_json([_data(found, values) for found in shown])
        return 0
    for number, found in enumerate(shown):
        if number:
            context.ui.result()
        _print(context, found, values)
    if not shown:
        context.ui.say("no field differs")
    return 0


def _split(context: Context, root: str, words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Tell revisions from files: what stands behind `--` is a file; else what names a commit and no file."""
    count = click.get_current_context().meta.get(_DASHES)
    if count is not None:
        revisions, named = list(words[: len(words) - count]), list(words[len(words) - count :])
    else:
        revisions, named = [], []
        for word in words:
            is_file = bool(named) or os.path.lexists(word)
            if is_file or not is_revision(root, word):
                named.append(word)
            else:
                revisions.append(word)
    return revisions, [_name(context, root, file) for file in named]


def _name(context: Context, root: str, file: str) -> str:
    """Return the repository's name of a file or folder, which may be gone by now; empty for all of it."""
    return "" if os.path.realpath(file) == root else context.session.name_of(file)


# For people


def _print(context: Context, found: FileDiff, values: bool) -> None:
    ui = context.ui
    ui.result(found.name)
    rekeyed: dict[tuple[str, str], int] = {}
    for change in found.changes:
        if change.kind == REKEYED and change.old and change.new and change.old.token and change.new.token:
            key = (str(change.old.token.at), change.new.token.at.epoch)
            rekeyed[key] = rekeyed.get(key, 0) + 1
            continue
        ui.result(f"  {change.kind:<10}{change.place or 'the value'}{_about(change)}")
        for mark, side in (("-", change.old), ("+", change.new)):
            if side is not None and (values or side.token is None):
                text = "(closed to you)" if side.value is None else side.value
                for line in text.splitlines() or [""]:
                    ui.result(f"    {mark} {line}")
    for (old, new), number in rekeyed.items():
        ui.result(f"  {REKEYED:<10}{_values(number)} from {old} to {new}, not changed")
    for row in found.readers:
        parts = [f"gains {_values(row.gained)}"] if row.gained else []
        parts += [f"loses {_values(row.lost)}"] if row.lost else []
        ui.result(f"  {'readers':<10}{row.member} {' and '.join(parts)}")


def _values(number: int) -> str:
    return f"{number} value{'s' * (number != 1)}"


def _about(change: Change) -> str:
    old, new = change.old, change.new
    if old and new and old.group and new.group and old.group != new.group:
        return f"  {old.group} -> {new.group}"
    side = new if new and new.token else old
    if side is None or side.token is None:
        return "  (plain)"
    went_back = (
        old is not None
        and new is not None
        and old.token is not None
        and new.token is not None
        and new.token.set_time < old.token.set_time
    )
    note = ", set before the one it replaces" if went_back else ""
    return f"  {side.group}, set {side.token.set_time}{note}"


# For programs


def _data(found: FileDiff, values: bool) -> dict[str, Any]:
    return {
        "file": found.name,
        "changes": [
            {
                "kind": change.kind,
                "field": change.place,
                "old": _side(change.old, values),
                "new": _side(change.new, values),
            }
            for change in found.changes
        ],
        "readers": [{"member": row.member, "gained": row.gained, "lost": row.lost} for row in found.readers],
    }


def _side(side: Side | None, values: bool) -> dict[str, Any] | None:
    if side is None:
        return None
    data: dict[str, Any] = {"group": None}
    if side.token is not None:
        token = side.token
        data = {
            "group": token.at.group,
            "epoch": token.at.epoch,
            "set": token.set_time,
            "origin": str(token.origin),
        }
    if values or side.token is None:
        data["value"] = side.value
    return data


def _keys(context: Context, words: tuple[str, ...]) -> int:
    if len(words) < 2:
        raise UsageError("--keys compares two files or more")
    session = context.session
    names = [session.name_of(file) for file in words]
    texts = [(name, text_of(name, session.read(name))) for name in names]
    missing = missing_keys(session, texts)
    if context.ui.json:
        context.ui.result_json([{"file": name, "missing": place} for name, place in missing])
    else:
        for name, place in missing:
            context.ui.result(f"{context.shown(name)} lacks {place}")
        if not missing:
            context.ui.say("all have the same keys")
    return 1 if missing else 0
