"""Find the user's identities where design and docs say, and read each only when it is needed.

Order: `SEALRING_IDENTITY` (the text), `SEALRING_IDENTITY_FILE`, `SEALRING_IDENTITY_CMD` (a command that
prints it). If one of these is set, they alone are used. Otherwise the identity file in the user's
configuration directory, then `~/.ssh/id_ed25519` and `~/.ssh/id_rsa`.

Permissions are judged where ssh judges them and nowhere else: the user's own identity file must be closed
to everybody else, as it stays for years and was made so. A file named by SEALRING_IDENTITY_FILE is taken as
it is, as `age -i` and sops take theirs: CI systems and Kubernetes mount secrets readable by all.

Source: spec.md 6.7.
"""

from __future__ import annotations

import os
import sys

from sealring.crypto import age
from sealring.errors import FileAccess, IdentityRefused, SealringError
from sealring.files.atomic import read_bytes
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealring.crypto.age import Identity

INLINE, FILE, COMMAND = "SEALRING_IDENTITY", "SEALRING_IDENTITY_FILE", "SEALRING_IDENTITY_CMD"
VARIABLES = (INLINE, FILE, COMMAND)
COMMAND_TIMEOUT_S = 60.0
MAX_BYTES = 1024 * 1024
SSH_KEYS = ("id_ed25519", "id_rsa")


class Found(Record):
    """One identity and where it came from."""

    source: str
    identity: Identity


def config_dir(environ: Mapping[str, str]) -> str:
    """Return the directory of the user's own configuration, as the platform has it."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if sys.platform == "darwin" and not environ.get("XDG_CONFIG_HOME"):
        return os.path.join(home, "Library", "Application Support", "sealring")
    return os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "sealring")


def identity_file(environ: Mapping[str, str]) -> str:
    """Return where the user's own identity file lies, whether it exists or not."""
    return os.path.join(config_dir(environ), "identity.txt")


def find(environ: Mapping[str, str], ask: Callable[[str], str] | None = None) -> list[Found]:
    """Return the user's identities, in order.

    Args:
        environ: the environment; not changed.
        ask: prompts for the passphrase of a named file; None where nobody can be asked.
    Raises:
        IdentityRefused: a source that was named explicitly, or the user's own identity file, is missing,
            empty or malformed; or others can read or write the user's own.
    """
    explicit = [name for name in VARIABLES if environ.get(name)]
    found: list[Found] = []
    if explicit:
        for name in explicit:
            source, data = _read_explicit(name, environ)
            found += _parsed(data, source, ask)
        return found
    own = identity_file(environ)
    if os.path.lexists(own):
        _refuse_open(own)
        found += _parsed(_read_identity(own), own, ask)
    home = environ.get("HOME") or os.path.expanduser("~")
    for name in SSH_KEYS:
        file = os.path.join(home, ".ssh", name)
        if os.path.isfile(file):
            try:
                found += _parsed(_read_identity(file), file, ask)
            except SealringError:
                continue  # an ssh key of a kind that cannot decrypt is not the user's mistake
    return found


def read_file(file: str, ask: Callable[[str], str] | None = None) -> list[Found]:
    """Return the identities of a file that was named for this run.

    Raises:
        IdentityRefused: missing, unreadable, empty or malformed.
    """
    return _parsed(_read_identity(file, pipes=True), file, ask)


def without_identities(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program that has no business with the user's keys."""
    return {name: value for name, value in environ.items() if not name.startswith(INLINE)}


def _read_explicit(name: str, environ: Mapping[str, str]) -> tuple[str, bytes]:
    value = environ[name]
    if name == INLINE:
        return f"${INLINE}", value.encode("utf-8", "surrogateescape")
    if name == FILE:
        return value, _read_identity(value, pipes=True)
    return f"${COMMAND}", _command_output(value, without_identities(environ))


def _read_identity(file: str, *, pipes: bool = False) -> bytes:
    """Read an identity file; where it was named for this run, also a pipe as a shell's `<(command)`."""
    try:
        return read_bytes(file, limit=MAX_BYTES, pipes=pipes)
    except FileAccess as error:
        raise IdentityRefused(f"no identity from there: {error.message}", file=file) from None


def _refuse_open(file: str) -> None:
    """Refuse a private file of the user's own that is open to others, by the rule of ssh.

    A link to a file of another owner (a read-only store, a mounted secret) is that owner's matter.

    Raises:
        IdentityRefused: somebody else can read or write it.
    """
    try:
        info = os.stat(file)
    except OSError:
        return  # reading it will tell
    if info.st_uid == os.getuid() and info.st_mode & 0o077:
        raise IdentityRefused(
            "the identity file is open to other users", file=file, hints=[f"`chmod 600 {file}`"]
        )


def _command_output(command: str, environ: Mapping[str, str]) -> bytes:
    """Run the command that the user's environment names; its words are split as a shell would."""
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise IdentityRefused(f"{COMMAND} is not a command line")
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=dict(environ),
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise IdentityRefused(
            f"the command of {COMMAND} gave no answer in {COMMAND_TIMEOUT_S:.0f} seconds"
        ) from None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise IdentityRefused(f"the command of {COMMAND} could not be run: {reason}") from None
    if done.returncode:
        raise IdentityRefused(f"the command of {COMMAND} failed with status {done.returncode}")
    return done.stdout


def _parsed(data: bytes, source: str, ask: Callable[[str], str] | None) -> list[Found]:
    passphrase = None if ask is None else (lambda: ask(source))
    try:
        return [Found(source, identity) for identity in age.parse_identities(data, passphrase=passphrase)]
    except SealringError as error:
        raise error.at(source) from None
