"""Where files are read from: the disk, or a state of the repository that git holds.

The policy and the groups of a commit must be read from that same commit, or a change could be judged by
a policy that it does not have.
"""

from __future__ import annotations

import os

from sealring.files.atomic import read_bytes


class Source:
    """Files by their repository-relative names, with `/`."""

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """Return the content of a file.

        Args:
            limit: bytes; one more is refused.
        Raises:
            FileAccess: no such file, not a regular one, or too large.
        """
        raise NotImplementedError

    def list(self, folder: str) -> list[str]:
        """Return the names of what is directly in a folder, sorted; hidden entries left out."""
        raise NotImplementedError

    def exists(self, name: str) -> bool:
        """Tell whether there is a file or folder of this name."""
        raise NotImplementedError


class DiskSource(Source):
    """The files below a directory, as they are now."""

    def __init__(self, root: str) -> None:
        """Name the directory that holds `.sealring`."""
        self.root = root

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """Return the content of a file; see `Source.read`."""
        return read_bytes(self._path(name), limit=limit, shown=name)

    def list(self, folder: str) -> list[str]:
        """Return the names in a folder; none if it is not there."""
        try:
            return sorted(name for name in os.listdir(self._path(folder)) if not name.startswith("."))
        except OSError:
            return []

    def exists(self, name: str) -> bool:
        """Tell whether something of this name is there, also a link that leads nowhere."""
        return os.path.lexists(self._path(name))

    def _path(self, name: str) -> str:
        return os.path.join(self.root, *name.split("/"))
