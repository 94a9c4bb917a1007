"""Write the pages of docs/reference that say what the program itself says: commands, errors and checks.

python docs/generate.py            # write them
python docs/generate.py --check    # write nothing; exit with 1 if a page is not up to date
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import click

from sealring import errors
from sealring.audit.rules import modules
from sealring.cli.main import SECTIONS, cli

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 96
NOTICE = "<!-- written by docs/generate.py: edit the source that it names, then run it -->\n"

OTHER_EXITS = (
    (0, "it is done"),
    (70, "a bug in sealring: it prints where, without values"),
    (130, "interrupted"),
    (141, "nobody reads the output any more"),
)

CHECKS_INTRO = """\
Each rule is a module of src/sealring/audit/rules, and this page its docstring.
Errors make `sealring check` exit with 1, warnings only with `--strict`; infos never do.

In the samples `--- NAME` begins a file, `$` is something that happens, and `<sealed>` stands for a token.
Where no policy is shown, it is

```yaml
rules:
  - name: prod
    files: ["config/*.yaml"]
    fields: ["**.password", "**.token"]
    group: prod
```

for the members alice and bob of group prod, and alice, bob and carol of group dev.
"""


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    return {
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "checks.md": checks_page(),
    }


# Commands


def root_context() -> click.Context:
    """Return the context of the program, at one width everywhere."""
    options = cli.context_settings["help_option_names"]
    return click.Context(cli, info_name="sealring", terminal_width=WIDTH, help_option_names=options)


def commands_page() -> str:
    """Return all commands with their help."""
    root = root_context()
    intro = "From the program's help. Global options go in front of the command; -C and --json also behind."
    parts = [f"# Commands\n\n{NOTICE}\n{intro}\n", _fenced(cli.get_help(root))]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        for name in names:
            command = cli.get_command(root, name)
            assert command is not None
            for path, help_text in helps(command, name, root):
                parts.append(f"### {path}\n\n{_fenced(help_text)}")
    return "\n".join(parts)


def helps(command: click.Command, name: str, parent: click.Context) -> list[tuple[str, str]]:
    """Return (path, help) of a command and of those below it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    found = [(context.command_path, command.get_help(context))]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner is not None
            found += helps(inner, below, context)
    return found


def _fenced(text: str) -> str:
    lines = (line.rstrip() for line in text.rstrip("\n").split("\n"))
    return "```text\n" + "\n".join(lines) + "\n```\n"


# Errors


def error_classes() -> list[type[errors.SealringError]]:
    """Return the classes of errors, in the order of their source."""
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.SealringError)
    ]


def errors_page() -> str:
    """Return the tables of exit codes and errors."""
    found = error_classes()
    by_code: dict[int, list[str]] = {}
    for kind in found:
        by_code.setdefault(kind.exit_code, []).append(f"`{kind.slug}`")
    exits = {code: ", ".join(slugs) for code, slugs in by_code.items()} | dict(OTHER_EXITS)
    lines = [
        "# Errors and exit codes",
        "",
        NOTICE,
        "From src/sealring/errors.py. Programs should go by the exit code, or by the `slug` of the object",
        "`error` that `--json` prints on stderr; it also holds `exit_code`, `message`, `file`, `line`,",
        "`notes` and `hints`.",
        "",
        "| exit code | when |",
        "|---|---|",
        *(f"| {code} | {when} |" for code, when in sorted(exits.items())),
        "",
        "`run` passes on the exit code of the command that it ran.",
        "",
        "| class | slug | exit code | meaning |",
        "|---|---|---|---|",
        *(f"| `{kind.__name__}` | `{kind.slug}` | {kind.exit_code} | {_meaning(kind)} |" for kind in found),
        "",
    ]
    return "\n".join(lines)


def _meaning(kind: type[errors.SealringError]) -> str:
    text = inspect.getdoc(kind) or ""
    return " ".join(text.split("\n\n", 1)[0].split()).replace("|", "\\|")


# Checks


def checks_page() -> str:
    """Return the rules of `check`, made of their docstrings."""
    found = list(modules())
    rows = [f"| [`{m.ID}`](#{m.ID}) | {m.SEVERITY} | {_title(m.__doc__ or '')} |" for m in found]
    table = ["| rule | severity | finds |", "|---|---|---|", *rows, ""]
    parts = ["# Rules of `sealring check`", "", NOTICE, CHECKS_INTRO, *table]
    for module in found:
        parts += [f"## {module.ID}", "", f"Severity: {module.SEVERITY}.", "", *_body(module.__doc__ or "")]
    return "\n".join(parts).rstrip("\n") + "\n"


def _title(page: str) -> str:
    return page.strip().split("\n\n", 1)[0].replace("\n", " ").replace("|", "\\|")


def _body(page: str) -> list[str]:
    """Turn indented samples into fenced ones, so that nothing in them is markup."""
    out: list[str] = []
    is_open = False
    lines = page.strip().split("\n")
    for number, line in enumerate(lines):
        is_sample = line.startswith("    ")
        rest = next((later for later in lines[number:] if later), "")
        if is_open and not is_sample and not (line == "" and rest.startswith("    ")):
            out.append("```")
            is_open = False
        if is_sample and not is_open:
            out.append("```text")
            is_open = True
        out.append(line[4:] if is_sample else line)
    return [*out, *(["```"] if is_open else []), ""]


def main(arguments: list[str]) -> int:
    """Write or check the pages."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    REFERENCE.mkdir(exist_ok=True)
    outdated = []
    for name, text in pages().items():
        file = REFERENCE / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            outdated.append(name)
            if not arguments:
                file.write_text(text, encoding="utf-8")
    if arguments and outdated:
        sys.stderr.write(f"not up to date: {', '.join(outdated)}; run `python docs/generate.py`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
