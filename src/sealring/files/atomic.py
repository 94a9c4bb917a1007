"""Write a file whole or not at all, and let one process write to a repository at a time.

New content goes to a private temporary file on the same file system, is flushed to disk, and takes the
old one's place in one rename. Killed at any moment, each file is old or new.

Temporary files live in `.sealring/tmp` (0700, ignored by git), which the next command sweeps, so that
plaintext on its way to `decrypt --in-place` is never left beside the file. Where that is another file
system, they lie beside the file, and the next write there sweeps them.
"""

from __future__ import annotations

import os
from errno import EXDEV

from sealring.errors import FileAccess, FileChanged, SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

TEMP_NAME = "tmp"
_TEMP_PREFIX = ".sealring-"
_TEMP_HEX = 12
LOCK_NAME = "lock"
LOCK_TIMEOUT_S = 30.0


def access_error(file: str, error: OSError, doing: str) -> FileAccess:
    """Turn an OSError into the error that people see; it never holds content."""
    reason = (error.strerror or "unknown error").lower()
    notes = ["the file is as it was"] if doing == "write" else []
    return FileAccess(f"cannot {doing} the file: {reason}", file=file, notes=notes)


def read_bytes(
    file: str, *, limit: int | None = None, shown: str | None = None, pipes: bool = False
) -> bytes:
    """Read a regular file.

    Args:
        limit: bytes; one more is refused, so that a huge or endless file costs nothing.
        shown: how messages name the file.
        pipes: also read a pipe or a terminal, as a shell's `<(command)` is one. Files of a repository are
            never read so: whoever can push could make us wait for ever.
    Raises:
        FileAccess: missing, unreadable, not a regular file, or larger than the limit.
    """
    from stat import S_ISCHR, S_ISFIFO, S_ISREG

    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | (0 if pipes else os.O_NONBLOCK))
        with open(descriptor, "rb") as stream:
            mode = os.fstat(descriptor).st_mode
            if not (S_ISREG(mode) or (pipes and (S_ISFIFO(mode) or S_ISCHR(mode)))):
                raise FileAccess("not a regular file", file=shown or file)
            data = stream.read() if limit is None else stream.read(limit + 1)
    except OSError as error:
        raise access_error(shown or file, error, "read") from None
    if limit is not None and len(data) > limit:
        raise FileAccess(f"the file is larger than {limit:,} bytes", file=shown or file)
    return data


def write_atomic(
    file: str,
    data: bytes,
    *,
    temp_dir: str | None = None,
    mode: int | None = None,
    expected: bytes | None = None,
    shown: str | None = None,
) -> None:
    """Put new content in place of a file's, or make the file.

    Args:
        temp_dir: private directory for the temporary file; used when it is on the same file system.
        mode: permission bits; None keeps those of the old file, or takes what the umask leaves for a new one.
        expected: what the file held when it was read; None when that does not matter.
        shown: how messages name the file.
    Raises:
        FileChanged: the file no longer holds `expected`.
        FileAccess: the disk is full, the place is read-only, ...; the file is as it was.
    """
    file = os.path.realpath(file)
    folder = os.path.dirname(file)
    try:
        old = _replaceable(file, shown)
        if mode is None and old is not None:
            mode = old.st_mode & 0o7777
        where = temp_dir if temp_dir and _same_device(temp_dir, folder) else folder
        if where == folder:
            sweep(folder)
        temp = os.path.join(where, private_name())
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temp, flags, 0o666 if mode is None else 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                if old is not None:
                    _keep_owner(descriptor, old)
                if mode is not None:
                    os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            if expected is not None and read_bytes(file, shown=shown) != expected:
                raise FileChanged(
                    "somebody else changed the file meanwhile",
                    file=shown or file,
                    notes=["nothing was written"],
                    hints=["run the command again"],
                )
            try:
                os.replace(temp, file)
            except OSError as error:
                if error.errno != EXDEV or where == folder:
                    raise
                write_atomic(file, data, mode=mode, expected=expected, shown=shown)
        finally:
            _unlink_quietly(temp)
        _sync_folder(folder)
    except OSError as error:
        raise access_error(shown or file, error, "write") from None


def make_private_dir(folder: str) -> None:
    """Make a directory that only its owner can enter.

    Raises:
        FileAccess: it cannot be made, or belongs to somebody else.
    """
    try:
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            info = os.lstat(folder)
            if info.st_uid != os.getuid() or info.st_mode & 0o170000 != 0o040000:
                raise FileAccess(
                    "the private directory belongs to somebody else, or is none",
                    file=folder,
                    hints=["remove it, or let its owner do so"],
                ) from None
            if info.st_mode & 0o077:
                os.chmod(folder, 0o700)
    except OSError as error:
        raise access_error(folder, error, "write") from None


def sweep(folder: str) -> None:
    """Remove what killed commands left in a private directory: entries whose process is gone."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        process = _process_of(name)
        if process and not _is_running(process):
            remove_tree(os.path.join(folder, name))


def remove_tree(path: str) -> None:
    """Remove a file, or a directory with all that is in it, without following links."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            for name in os.listdir(path):
                remove_tree(os.path.join(path, name))
            os.rmdir(path)
        else:
            os.unlink(path)
    except OSError:
        return


def private_name() -> str:
    """Return a new name that `sweep` knows as this process's own."""
    return f"{_TEMP_PREFIX}{os.getpid()}-{os.urandom(_TEMP_HEX // 2).hex()}"


class Lock:
    """Hold a repository for writing; a second writer waits, then gives up with an error.

    The lock is on an empty file in the private directory, as NFS locks no directories. The kernel lets go
    of it when the process ends, however it ends.
    """

    def __init__(self, folder: str, timeout_s: float = LOCK_TIMEOUT_S) -> None:
        """Name the `.sealring` directory to lock."""
        self.folder = folder
        self.timeout_s = timeout_s
        self._descriptor = -1

    def __enter__(self) -> Lock:
        import fcntl
        from time import monotonic, sleep

        private = os.path.join(self.folder, TEMP_NAME)
        make_private_dir(private)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(os.path.join(private, LOCK_NAME), flags, 0o600)
        except OSError as error:
            raise access_error(self.folder, error, "write") from None
        give_up_at = monotonic() + self.timeout_s
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if monotonic() > give_up_at:
                    os.close(self._descriptor)
                    raise SealringError(
                        f"another sealring has been writing here for {self.timeout_s:.0f} seconds",
                        file=self.folder,
                        notes=["nothing was written"],
                        hints=["wait for it, or end it, and run the command again"],
                    ) from None
                sleep(0.02)
            except OSError as error:
                os.close(self._descriptor)
                raise access_error(self.folder, error, "lock") from None
            else:
                return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def _same_device(one: str, other: str) -> bool:
    try:
        return os.stat(one).st_dev == os.stat(other).st_dev
    except OSError:
        return False


def _replaceable(file: str, shown: str | None) -> os.stat_result | None:
    """Return what a file is now, None if there is none.

    A rename would put a file in place of a device or a pipe (`-o /dev/null`), and needs no permission of
    the file itself, while people take theirs away to say "leave it alone".
    """
    from errno import EACCES
    from stat import S_ISREG

    try:
        old = os.lstat(file)
    except FileNotFoundError:
        return None
    if not S_ISREG(old.st_mode):
        raise FileAccess("not a regular file", file=shown or file, notes=["nothing was written"])
    if not os.access(file, os.W_OK):
        raise OSError(EACCES, os.strerror(EACCES))
    return old


def _keep_owner(descriptor: int, old: os.stat_result) -> None:
    """Keep the owner of a file that root rewrites, and the group where we may: people expect both."""
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(descriptor, old.st_uid if new.st_uid != old.st_uid else -1, old.st_gid)
        except OSError:
            return


def _sync_folder(folder: str) -> None:
    """Flush a rename to disk. The new content is in place already, so a failure changes nothing."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _process_of(name: str) -> str:
    """Return the process id in a name that `private_name` made, else an empty text."""
    process, dash, made = name.removeprefix(_TEMP_PREFIX).partition("-")
    if not (name.startswith(_TEMP_PREFIX) and dash and process.isascii() and process.isdigit()):
        return ""
    return process if len(made) == _TEMP_HEX and all(c in "0123456789abcdef" for c in made) else ""


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
