"""The private directory for plaintext that a program of the user's must see: an editor, a child of `run`."""

from __future__ import annotations

import os
from stat import S_ISDIR

from sealring.files.atomic import make_private_dir, private_name, remove_tree, sweep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


def runtime_dir(environ: Mapping[str, str]) -> str:
    """Return the user's private directory in memory where there is one, else in the temporary directory."""
    places = _places(environ)
    usable = (place for place in places if os.access(os.path.dirname(place), os.W_OK | os.X_OK))
    return next(usable, places[-1])


def sweep_runtime(environ: Mapping[str, str]) -> None:
    """Remove what killed commands left, also under other settings than today's."""
    for folder in _places(environ):
        try:
            info = os.lstat(folder)
        except OSError:
            continue
        if S_ISDIR(info.st_mode) and info.st_uid == os.getuid():
            sweep(folder)


def _places(environ: Mapping[str, str]) -> list[str]:
    """Return where the private directory may lie, best first; in memory before on disk."""
    bases = (environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm", environ.get("TMPDIR", ""), "/tmp")  # noqa: S108
    return [os.path.join(base, f"sealring-{os.getuid()}") for base in bases if os.path.isabs(base)]


class PrivateDir:
    """A directory of this process's own, removed with all that is in it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Name the place; it is made on entering."""
        self._base = runtime_dir(environ)
        self.path = os.path.join(self._base, private_name())

    def __enter__(self) -> PrivateDir:
        make_private_dir(self._base)
        make_private_dir(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        remove_tree(self.path)
