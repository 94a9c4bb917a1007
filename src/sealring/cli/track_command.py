"""`sealring track`: add a rule for files to the policy."""

from __future__ import annotations

import os

import click

from sealring.cli import completing
from sealring.cli.context import Context, command_options
from sealring.core.session import POLICY_FILE, policy_with
from sealring.core.suggest import added_rules, guess, is_example, rules_for, sealed_by
from sealring.core.texts import text_of
from sealring.documents import decode, format_of
from sealring.errors import FileAccess, SealringError, UsageError
from sealring.policy.write import with_rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.core.session import Session
    from sealring.core.suggest import Found
    from sealring.documents.base import Document
    from sealring.policy.write import NewRule

SHOWN_PLACES = 40


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--group",
    metavar="GROUP",
    shell_complete=completing.groups,
    help="Who reads them; default: the only group.",
)
@click.option(
    "--fields", "patterns", metavar="PATTERN", multiple=True, help="Fields to seal, in place of a guess."
)
@click.option("--except", "excepts", metavar="PATTERN", multiple=True, help="Fields that stay plain.")
@click.option("--preset", metavar="NAME", help="Use a preset: kubernetes-secret, compose, dotenv.")
@click.option("--yes", is_flag=True, help="Agree in advance.")
@command_options
def command(
    context: Context,
    files: tuple[str, ...],
    group: str | None,
    patterns: tuple[str, ...],
    excepts: tuple[str, ...],
    preset: str | None,
    yes: bool,
) -> int:
    """Propose a rule for FILES, show which fields it seals, ask, and add it to the policy.

    All values of .env files are sealed, and whole files of unknown kinds. In YAML, JSON, TOML and INI the
    fields are guessed by their names and values; --fields names them instead. In a directory, files are
    looked for that seem to hold secrets. A file that a rule is for already is left, unless --fields is given.

    \b
    sealring track config/prod.yaml .env --group prod
    sealring track config/prod.yaml --fields 'db.*' --except db.host
    """
    session = context.repository_at(files[0]).session
    chosen = _group(session, group)
    documents = _documents(context, files, is_forced=bool(patterns))
    if not documents:
        return _done(context, (), [], written=False)
    found = [(name, _guessed(name, document)) for name, document in documents.items()]
    rules = rules_for(found, chosen, fields=patterns, excepts=excepts, preset=preset or "")
    if not rules:
        raise UsageError(
            "no field looks secret",
            file=context.shown(next(iter(documents))),
            hints=["name the fields: `--fields 'db.*'`, or all of them: `--fields '**'`"],
        )
    for name, guessed in found:
        if not (patterns or preset or guessed.is_whole or guessed.preset or guessed.patterns):
            context.ui.note(f"{context.shown(name)}: left out, as no field looks secret")
    old = session.read(POLICY_FILE)
    text = decode(old)
    for rule in rules:
        text = with_rule(text, rule)
    policy = policy_with(session.source, text.encode("utf-8"))
    added = added_rules(session.policy, policy, len(rules))
    seals = [
        (name, place)
        for name, document in documents.items()
        for place in sealed_by(policy, added, name, document)
    ]
    _show(context, rules, seals)
    if not seals:
        raise UsageError("the rule would seal nothing", notes=["nothing was written"])
    context.ui.confirm(f"Add {'this rule' if len(rules) == 1 else 'these rules'} to {POLICY_FILE}?", yes=yes)
    with session.lock():
        session.write(POLICY_FILE, text.encode("utf-8"), expected=old)
    return _done(context, rules, seals, written=True)


def _group(session: Session, named: str | None) -> str:
    """Return the group to seal to.

    Raises:
        UsageError: none is named, and there is not just one.
    """
    if named is not None:
        return session.keyring.group(named).name
    known = session.keyring.group_names()
    if len(known) == 1:
        return known[0]
    hints = [f"--group {' or --group '.join(known)}"] if known else ["`sealring group create NAME` makes one"]
    raise UsageError(f"there are {len(known)} groups: say who is to read the values", hints=hints)


def _documents(context: Context, files: tuple[str, ...], *, is_forced: bool) -> dict[str, Document]:
    """Return the files to make a rule for, parsed; those that have one already are named and left."""
    session = context.session
    documents: dict[str, Document] = {}
    for file in files:
        if not os.path.lexists(file):
            raise FileAccess("no such file", file=file, hints=["a rule is made from what is in the file"])
        if os.path.isdir(file):
            documents.update(_secret_looking(context, file))
            continue
        name = session.name_of(file)
        covering = session.policy.for_file(name).rules
        if covering and not is_forced:
            rule = covering[0]
            context.ui.note(
                f'{file}: rule "{rule.name}" ({rule.file}:{rule.line}) is for this file already; '
                "--fields adds another one"
            )
            continue
        documents[name] = session.parse(name, text_of(name, session.read(name)))
    return documents


def _secret_looking(context: Context, folder: str) -> dict[str, Document]:
    """Return the files below a directory that have no rule yet and seem to hold secrets."""
    session = context.session
    found: dict[str, Document] = {}
    for name in context.ui.progress(_candidates(session, folder), "reading"):
        try:
            document = session.parse(name, text_of(name, session.read(name)))
            guessed = guess(document)
        except SealringError as error:
            context.ui.note(f"left out: {error}")
            continue
        if guessed.is_whole or guessed.preset or guessed.patterns:
            found[name] = document
    if not found:
        context.ui.note(f"{folder}: no file without a rule seems to hold secrets")
    return found


def _candidates(session: Session, folder: str) -> list[str]:
    """List files of known formats that have no rule; in git, without those that it ignores."""
    from sealring.files.tree import walk
    from sealring.git.run import git

    real = os.path.realpath(folder)
    below = "" if real == session.root else session.name_of(folder)
    listed = git(session.root, "ls-files", "-z", "-c", "-o", "--exclude-standard", "--", below or ".")
    known = None if listed is None else set(listed.decode("utf-8", "surrogateescape").split("\0"))

    def wanted(name: str) -> bool:
        is_known = format_of(name) != "opaque" and not is_example(name) and not session.policy.covers(name)
        return is_known and (known is None or name in known)

    return list(walk(session.root, below, wanted))


def _guessed(name: str, document: Document) -> Found:
    try:
        return guess(document)
    except SealringError as error:
        raise error.at(name) from None


def _show(context: Context, rules: tuple[NewRule, ...], seals: list[tuple[str, str]]) -> None:
    for rule in rules:
        for line in rule.lines(2):
            context.ui.say(line)
    context.ui.say(f"seals {len(seals)} value{'s' * (len(seals) != 1)}:")
    for name, place in seals[:SHOWN_PLACES]:
        context.ui.say(f"  {context.shown(name)}: {place or 'the whole file'}")
    if len(seals) > SHOWN_PLACES:
        context.ui.say(f"  and {len(seals) - SHOWN_PLACES} more")


def _done(
    context: Context, rules: tuple[NewRule, ...], seals: list[tuple[str, str]], *, written: bool
) -> int:
    if context.ui.json:
        context.ui.result_json(
            {
                "written": written,
                "rules": [
                    {
                        "files": list(r.files),
                        "fields": list(r.fields),
                        "preset": r.preset or None,
                        "group": r.group,
                    }
                    for r in rules
                ],
                "seals": [{"file": name, "field": place} for name, place in seals],
            }
        )
    elif written:
        from sealring.git.run import git

        names = list(dict.fromkeys(name for name, _ in seals))
        context.ui.say(f"next: `sealring encrypt {' '.join(context.shown(name) for name in names)}`")
        for name in names:
            if git(context.session.root, "check-ignore", "-q", "--", name) is not None:
                context.ui.note(f"git ignores {name}: once it is sealed it can be committed")
    return 0
