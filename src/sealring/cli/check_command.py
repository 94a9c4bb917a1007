"""`sealring check`: judge the working tree, the index, a commit or a change, without keys."""

from __future__ import annotations

import time

import click

from sealring.audit.check import Report, check
from sealring.audit.report import FORMATS, render
from sealring.audit.report.text import summary
from sealring.cli.check_states import States, find, names_of, refuse_missing, tip_of
from sealring.cli.context import Context, command_options
from sealring.errors import UsageError
from sealring.git.objects import ObjectReader


@click.command()
@click.argument("files", nargs=-1)
@click.option("--staged", is_flag=True, help="What is staged, as the pre-commit hook does.")
@click.option("--rev", metavar="REV", help="A commit.")
@click.option("--range", "span", metavar="A..B", help="Commit B, and plaintext in any commit since A.")
@click.option("--history", is_flag=True, help="Also plaintext in any commit of any branch or tag.")
@click.option("--base", metavar="REV", help="Judge the change since REV, by REV's policy, in words.")
@click.option("--fix", is_flag=True, help="Mend what can be mended; needs your identity.")
@click.option("--strict", is_flag=True, help="Exit with 1 also for warnings.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="For people, programs or forges.")
@command_options
def command(
    context: Context,
    files: tuple[str, ...],
    staged: bool,
    rev: str | None,
    span: str | None,
    history: bool,
    base: str | None,
    fix: bool,
    strict: bool,
    form: str | None,
) -> int:
    """Find plaintext, stale and misplaced values, pending work and bad policy, without keys.

    Looks at the files that the policy covers, and reads no others; FILES (or directories) restrict it.
    Exits with 1 if there is an error. In CI this is what to require of a merge: see
    docs/how-to/ci-check.md. Every rule has its page in docs/reference/checks.md.

    \b
    sealring check
    sealring check --staged                     what the next commit would hold
    sealring check --rev HEAD --base origin/main
    """
    if sum(map(bool, (staged, rev, span))) > 1:
        raise UsageError("--staged, --rev and --range do not go together")
    if fix and (staged or rev or span):
        raise UsageError("--fix mends the working tree, so it goes without --staged, --rev and --range")
    root = find(needs_disk=not (staged or rev or span))
    only = names_of(root, files)
    with ObjectReader(root) as reader:
        states = States(context.ui, root, reader, rev=rev or tip_of(span))
        now_s = int(time.time())

        def judge() -> Report:
            snapshot = states.index() if staged else states.commit() if states.rev else states.worktree()
            refuse_missing(root, snapshot, only)
            is_hook = staged and only is None
            return check(
                root,
                snapshot,
                now_s,
                only=only,
                touched=states.staged_names() if is_hook else None,
                against=states.against(base) if base else None,
                past=states.past(["--all"] if history else [span or ""]) if history or span else None,
            )

        report = judge()
        if fix and report.view is not None:
            from sealring.cli.check_fix import mend_files

            if mend_files(context, root, report, reader, base):
                report = judge()
    form = form or ("json" if context.ui.json else "text")
    shown = render(report, form, states.where(for_people=form in ("text", "json")))
    if shown:
        context.ui.result(shown)
    if form == "text":
        context.ui.say(summary(report))
    return 1 if report.fails(strict=strict) else 0
