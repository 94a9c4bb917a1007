"""The entry: parse the command line, run one command, and turn what happened into an exit status.

Each command is a module of this package with a click command named `command`; it is imported when it
is used, so that `get` does not pay for `rotate`.
"""

from __future__ import annotations

import io
import os
import sys

import click

from sealring._version import __version__
from sealring.cli import core_dumps
from sealring.cli.context import Context, change_directory
from sealring.cli.ui import Ui
from sealring.errors import SealringError, UsageError
from sealring.files.runtime import sweep_runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

COMPLETION_VARIABLE = "_SEALRING_COMPLETE"

# name -> (module, one line of help). Sections as `sealring --help` shows them.
SECTIONS: dict[str, dict[str, str]] = {
    "Start": {
        "init": "make this directory a sealring repository",
        "join": "ask for access: write your member file and requests",
        "approve": "let newcomers in who have asked",
        "identity": "make, list and show identities (private keys)",
        "status": "what is sealed, what is not, what is pending",
        "explain": "why a field is sealed, to which group, and who reads it",
        "check": "find plaintext and what is pending, without keys: for hooks and CI",
    },
    "Values": {
        "track": "add a rule for files to the policy",
        "encrypt": "seal plaintext values in place",
        "decrypt": "open a file",
        "edit": "edit a file in plaintext with your editor",
        "get": "print one value",
        "set": "set one value",
        "unset": "delete fields",
        "mv": "rename a file or move a field, and keep it sealed",
        "regroup": "seal values to the group that the policy names now",
        "run": "run a command with values in its environment",
        "generate": "make a random secret",
    },
    "Members and groups": {
        "member": "add, list, show and remove members and their keys",
        "group": "create, list, show and delete groups",
        "grant": "let a member read a group",
        "revoke": "take a member out of a group",
        "rotate": "start new epochs and rekey; without a group: all that is pending",
    },
    "Other": {
        "completion": "print the completion script of a shell",
    },
}
_SUMMARIES = {name: text for section in SECTIONS.values() for name, text in section.items()}


class _Commands(click.Group):
    """Commands that are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUMMARIES:
            return None
        from importlib import import_module

        module = import_module(f"sealring.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _SUMMARIES and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _SUMMARIES, 1)
            hints = [f"did you mean `sealring {near[0]}`?"] if near else []
            raise UsageError(
                f"there is no command {args[0]!r}", hints=[*hints, "`sealring --help` lists them"]
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.command(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="sealring", message="%(prog)s %(version)s")
@click.option("-C", "directory", metavar="DIR", help="Run in DIR.")
@click.option("--json", "as_json", is_flag=True, help="Results and errors as JSON.")
@click.option("--quiet", is_flag=True, help="Only results, warnings and errors.")
@click.pass_context
def cli(ctx: click.Context, directory: str | None, as_json: bool, quiet: bool) -> None:
    """Keep secrets in git: values sealed one by one, to groups of members.

    \b
    sealring init                    make this directory a sealring repository
    sealring track config/prod.yaml  say which values are secret
    sealring encrypt                 seal them
    sealring run -f config/prod.yaml -- ./server
    """
    if directory is not None:
        change_directory(directory)
    sweep_runtime(os.environ)
    ctx.obj = Context(Ui(json=as_json, quiet=quiet), dict(os.environ))


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit status (see docs/reference/errors.md)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    own_words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    ui = Ui(json="--json" in own_words)
    try:
        core_dumps.forbid()
        status = _invoke(arguments)
        sys.stdout.flush()
    except SealringError as error:
        ui.error(error)
        return error.exit_code
    except click.ClickException as error:
        return _usage(ui, error)
    except (KeyboardInterrupt, click.Abort):
        ui.error(SealringError("interrupted"))
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:
        ui.error(SealringError((error.strerror or "the system refused").lower(), file=_safe_name(error)))
        return SealringError.exit_code
    except MemoryError:
        ui.error(SealringError("not enough memory"))
        return SealringError.exit_code
    return status if isinstance(status, int) else 0


def _invoke(arguments: list[str]) -> object:
    """Run the command; `click`'s own main would turn a closed pipe into exit status 1."""
    if COMPLETION_VARIABLE in os.environ:  # the shell asks for completions: click answers and exits
        return cli.main(args=arguments, prog_name="sealring", standalone_mode=False)
    try:
        with cli.make_context("sealring", list(arguments)) as ctx:
            return cli.invoke(ctx)
    except click.exceptions.Exit as error:
        return error.exit_code


def entry() -> None:
    """Run as the program `sealring`."""
    sys.excepthook = report_bug
    _open_streams()
    try:
        status = main()
    except BrokenPipeError:  # nobody reads our errors either
        status = 141
    _drop_unwritten()
    sys.exit(status)


def report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Report a bug of ours by place alone: no message, no locals, no source, as they may hold secrets."""
    lines = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"  {os.path.basename(code.co_filename)}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    shown = "\n".join(lines)
    report = (
        f"sealring: error: this is a bug in sealring {__version__}: {kind.__name__}\n{shown}\n"
        "sealring: note: files are written whole or not at all; values are left out of this report\n"
        "sealring: hint: please report it with these lines\n"
    )
    try:
        os.write(2, report.encode("utf-8", "backslashreplace"))
    finally:
        os._exit(70)  # what is still in stdout's buffer is no result


def _usage(ui: Ui, error: click.ClickException) -> int:
    """Report how the command line was wrong; a command group alone gets its help."""
    ctx = getattr(error, "ctx", None)
    if ctx and isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        print(ctx.get_help(), file=sys.stderr)  # noqa: T201  help is what was asked for
        return UsageError.exit_code
    hints = [f"`{ctx.command_path} --help`"] if ctx else []
    message = error.format_message().rstrip(".")
    ui.error(UsageError(message[:1].lower() + message[1:], hints=hints))
    return UsageError.exit_code


def _open_streams() -> None:
    """Make the three standard streams usable, however we were started.

    A closed one would be None here, and its number would go to the next file that is opened, which then
    got our results. A closed input or output still fails when it is used.
    """
    for number, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # the lowest free number is this one
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    # Names of files may be any bytes: they come in and go out as they are.
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def _drop_unwritten() -> None:
    """Let the interpreter's last flush of a stream that takes no more pass without a word."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _safe_name(error: OSError) -> str | None:
    return os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None
