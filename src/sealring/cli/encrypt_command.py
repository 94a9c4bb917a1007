"""`sealring encrypt`: seal plaintext values in place."""

from __future__ import annotations

import sys

import click

from sealring.cli.context import Context, command_options
from sealring.core.sealing import Encrypted, encrypt
from sealring.core.texts import bytes_of, text_of
from sealring.errors import LimitExceeded, PlaintextFound, UsageError


@click.command()
@click.argument("files", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if something would be sealed.")
@click.option("--rebind", is_flag=True, help="Accept changed neighbours that values are bound to.")
@click.option("--name", metavar="FILE", help="With `-`: the file that standard input is to become.")
@command_options
def command(context: Context, files: tuple[str, ...], check: bool, rebind: bool, name: str | None) -> int:
    """Seal the plaintext values of FILES that the policy covers, in place.

    A directory stands for the files below it that the policy covers; without FILES, all of them. Values
    that did not change keep their tokens, so that diffs are small. `-` reads standard input and writes
    standard output.

    \b
    sealring encrypt config/prod.yaml && git add config/prod.yaml
    """
    if "-" in files:
        return _from_stdin(context, files, name)
    results: dict[str, Encrypted] = {}
    for file in context.ui.progress(context.files(files), "encrypting"):
        path = context.session.path_of(file)
        results[file] = context.repository.encrypt(path, rebind=rebind, write=not check)
    for file, result in results.items():
        for warning in result.warnings:
            context.ui.warn(warning)
        if result.sealed and not context.ui.json:
            verb = "would be sealed" if check else "sealed"
            context.ui.say(f"{context.shown(file)}: {result.sealed} {verb}, {result.kept} kept")
    changed = sum(result.sealed for result in results.values())
    if context.ui.json:
        context.ui.result_json(
            [{"file": file, "sealed": r.sealed, "kept": r.kept} for file, r in results.items()]
        )
    elif not changed:
        context.ui.say(f"nothing to seal in {len(results)} files")
    return PlaintextFound.exit_code if check and changed else 0


def _from_stdin(context: Context, files: tuple[str, ...], name: str | None) -> int:
    if len(files) > 1 or not name:
        raise UsageError("`-` goes alone, with --name FILE")
    file = context.repository_at(name).session.name_of(name)
    limit = 4 * context.session.policy.limits.text_chars
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise LimitExceeded(f"standard input is longer than {limit:,} bytes", file=file)
    text = text_of(file, data)
    result = encrypt(context.session, file, text)
    for warning in result.warnings:
        context.ui.warn(warning)
    context.ui.result_bytes(bytes_of(file, result.text))
    return 0
