"""`sealring run`: run a command with values in its environment."""

from __future__ import annotations

import errno
import os
import sys

import click

from sealring.api.identities import without_identities
from sealring.cli import core_dumps
from sealring.cli.context import Context, command_options
from sealring.cli.signals import run_child
from sealring.core.environment import variables
from sealring.core.fields import address
from sealring.core.reading import Opened, open_for_deploy
from sealring.core.texts import bytes_of, text_of
from sealring.errors import UsageError
from sealring.files.atomic import write_atomic
from sealring.files.runtime import PrivateDir


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="Sealed file; the later wins.")
@click.option("--only", multiple=True, metavar="FIELD", help="Take only these fields, or what is below them.")
@click.option("--prefix", default="", metavar="TEXT", help="Put in front of each variable's name.")
@click.option(
    "--as-file",
    "as_files",
    multiple=True,
    metavar="VAR=FILE",
    help="Open FILE; VAR names the plaintext's path.",
)
@click.option("--override", is_flag=True, help="Values win over variables that are set already.")
@click.option("--allow-stale", is_flag=True, help="Also values that somebody who left can still forge.")
@click.option("--partial", is_flag=True, help="Leave out fields of groups that you are not in.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@command_options
def command(
    context: Context,
    files: tuple[str, ...],
    only: tuple[str, ...],
    prefix: str,
    as_files: tuple[str, ...],
    override: bool,
    allow_stale: bool,
    partial: bool,
    words: tuple[str, ...],
) -> int:
    """Run COMMAND with the values of files in its environment.

    `db.password` becomes DB_PASSWORD; keys of .env files stay as they are. Variables that are set
    already win, unless --override is given. The command does not see your identity. Its exit status is
    passed on.

    \b
    sealring run -f config/prod.yaml -- ./server
    sealring run -f .env --as-file TLS_KEY=tls.key -- nginx
    """
    if not files and not as_files:
        raise UsageError("name a file with -f or --as-file")
    if not words[0]:
        raise UsageError("cannot run a command without a name")
    environ = without_identities(context.environ)
    patterns = [address(source) for source in only]
    for file in files:
        opened = _opened(context, file, allow_stale, partial)
        for variable in variables(context.session, opened, only=patterns, prefix=prefix):
            if override or variable.name not in context.environ:
                environ[variable.name] = variable.value
    contents = {}
    for spec in as_files:
        target, equals, file = spec.partition("=")
        if not (target and equals and file):
            raise UsageError(f"--as-file takes VAR=FILE, not {spec!r}")
        opened = _opened(context, file, allow_stale, False)
        contents[target] = bytes_of(opened.sealed.name, opened.text())
    try:
        return _run(context, words, environ, contents)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        hints = ["--only takes fewer values, and --as-file any size"] if error.errno == errno.E2BIG else []
        raise UsageError(f"cannot run {words[0]}: {reason}", hints=hints) from None
    except UnicodeEncodeError:
        raise UsageError("a value is not text that an environment can hold", hints=["--as-file"]) from None


def _opened(context: Context, file: str, allow_stale: bool, partial: bool) -> Opened:
    session = context.repository_at(file).session
    name = session.name_of(file)
    text = text_of(name, session.read(name))
    return open_for_deploy(session, name, text, allow_stale=allow_stale, partial=partial)


def _run(
    context: Context, words: tuple[str, ...], environ: dict[str, str], contents: dict[str, bytes]
) -> int:
    """Become the command where nothing has to be removed after it; else run it as a child."""
    if not contents or hasattr(os, "memfd_create"):
        for variable, data in contents.items():
            # By our process id, which stays the command's: programs that it starts see the same file.
            environ[variable] = f"/proc/{os.getpid()}/fd/{_in_memory(data)}"
        _restore_process()
        os.execvpe(words[0], list(words), environ)
    with PrivateDir(context.environ) as private:
        for number, (variable, data) in enumerate(contents.items()):
            environ[variable] = os.path.join(private.path, str(number))
            write_atomic(environ[variable], data, mode=0o400)
        return run_child(words, environ=environ)


def _in_memory(data: bytes) -> int:
    """Return a descriptor of a read-only file in memory, which the command inherits."""
    import fcntl

    descriptor = os.memfd_create("sealring", os.MFD_ALLOW_SEALING)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    os.set_inheritable(descriptor, True)
    return descriptor


def _restore_process() -> None:
    """Give the command what we were started with: the limit on core dumps, and signals Python ignores."""
    import signal

    core_dumps.restore()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    sys.stdout.flush()
    sys.stderr.flush()
