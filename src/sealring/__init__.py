"""Encrypted configuration in git: values sealed one by one to groups of members.

>>> import sealring
>>> config = sealring.load("config/prod.yaml")                  # doctest: +SKIP
>>> repository = sealring.open_repository("config")             # doctest: +SKIP

Names are loaded when they are used, as git starts the program once per file.
"""

from __future__ import annotations

from sealring._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.api.repository import Repository as Repository
    from sealring.api.repository import load as load
    from sealring.api.repository import open_repository as open_repository
    from sealring.errors import SealringError as SealringError

__all__ = ["Repository", "SealringError", "__version__", "load", "open_repository"]


def __getattr__(name: str) -> object:
    if name == "SealringError":
        from sealring.errors import SealringError

        return SealringError
    if name in __all__:
        from sealring.api import repository

        return getattr(repository, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
