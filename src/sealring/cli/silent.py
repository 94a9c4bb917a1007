"""Sessions for commands that git calls: nobody can be asked, and a missing key is no failure."""

from __future__ import annotations

import time

from sealring.api import identities as identity_sources
from sealring.core.session import Session
from sealring.errors import SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.cli.context import Context
    from sealring.crypto.age import Identity
    from sealring.files.source import Source


def silent_sessions(context: Context) -> Callable[[str, Source | None], Session]:
    """Return what opens a repository by its root, from a source; identities are read once."""
    loaded: list[list[Identity]] = []

    def identities() -> list[Identity]:
        if not loaded:
            try:
                loaded.append([entry.identity for entry in identity_sources.find(context.environ, None)])
            except SealringError:
                loaded.append([])
        return loaded[0]

    def open_session(root: str, source: Source | None = None) -> Session:
        return Session(root, identities, int(time.time()), source)

    return open_session
