"""One repository, opened: read values, seal files, change fields."""

from __future__ import annotations

import os
import time

from sealring.api import identities as identity_sources
from sealring.core import fields as field_verbs
from sealring.core.reading import Opened, open_for_deploy
from sealring.core.sealing import Encrypted, encrypt
from sealring.core.session import Session
from sealring.core.texts import bytes_of, text_of
from sealring.errors import DocumentRefused, FileChanged, IdentityRefused
from sealring.files.atomic import TEMP_NAME, sweep
from sealring.files.tree import CONTROL_DIR, find_root
from sealring.git.blobs import previous_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from sealring.crypto.age import Identity

    Value = str | int | float | bool | None


class Repository:
    """A directory with `.sealring`, and the identities of whoever uses it.

    Every method takes file names relative to the current directory, or absolute ones.
    """

    def __init__(self, session: Session) -> None:
        """Use `open_repository` instead, unless you bring a session of your own."""
        self.session = session

    @property
    def root(self) -> str:
        """The directory that holds `.sealring`."""
        return self.session.root

    def load(self, file: str, *, allow_stale: bool = False, partial: bool = False) -> Any:
        """Return a sealed file as plain dicts, lists and typed scalars.

        Args:
            allow_stale: take values under epochs that a leaver still holds.
            partial: leave out fields of groups that you are not in, instead of failing.
        Raises:
            NoIdentity: values of a group that you are not in.
            Tampered, PlaintextFound: the file is not as the policy says; nothing is returned.
        """
        opened = self.open(file, allow_stale=allow_stale, partial=partial)
        return field_verbs.data_of(self.session, opened)

    def decrypt(self, file: str, *, allow_stale: bool = False) -> bytes:
        """Return the plaintext of a sealed file, byte for byte as it was encrypted."""
        opened = self.open(file, allow_stale=allow_stale)
        return bytes_of(opened.sealed.name, opened.text())

    def open(self, file: str, *, allow_stale: bool = False, partial: bool = False) -> Opened:
        """Open all values of a file, strictly, for a program that will use them."""
        name = self.session.name_of(file)
        text = text_of(name, self.session.read(name))
        return open_for_deploy(self.session, name, text, allow_stale=allow_stale, partial=partial)

    def get(self, file: str, field: str) -> Value:
        """Return one value; only this field of the file is judged.

        Raises:
            FieldMissing: no such field, or several that the path names.
        """
        name = self.session.name_of(file)
        text = text_of(name, self.session.read(name))
        return field_verbs.get(self.session, name, text, field)

    def encrypt(self, file: str, *, rebind: bool = False, write: bool = True) -> Encrypted:
        """Seal the plaintext values of a file that the policy covers, in place.

        The version in git's index, else the last commit's, tells which values did not change.
        """
        name = self.session.name_of(file)
        if not write:  # nothing to lock, and the repository may be read-only
            return self._encrypted(name, self.session.read(name), rebind)
        with self.session.lock():
            data = self.session.read(name)
            result = self._encrypted(name, data, rebind)
            sealed = bytes_of(name, result.text)
            if sealed != data:
                self.session.write(name, sealed, expected=data)
        return result

    def _encrypted(self, name: str, data: bytes, rebind: bool) -> Encrypted:
        before = previous_version(self.root, name)
        try:
            previous = None if before is None else text_of(name, before)
        except DocumentRefused:
            previous = None  # whatever it was, no token of it can be kept
        return encrypt(self.session, name, text_of(name, data), previous, rebind=rebind)

    def set(self, file: str, field: str, value: Value) -> None:
        """Set one value, and seal it if the policy says so; the rest of the file keeps its bytes.

        A field that is not there is inserted in the style of its siblings.
        """
        name = self.session.name_of(file)
        self._change(name, lambda text: field_verbs.set_value(self.session, name, text, field, value))

    def unset(self, file: str, *fields: str) -> None:
        """Delete fields with their keys."""
        name = self.session.name_of(file)
        self._change(name, lambda text: field_verbs.unset(self.session, name, text, fields))

    def change(self, file: str, change: Callable[[Session, str, str], str]) -> None:
        """Replace a file's text by what a function makes of it, and seal what the policy says to seal.

        Args:
            change: takes the session, the file's name and its text, and returns the new text, in which new
                values are plain; those that did not change keep their tokens.
        """
        name = self.session.name_of(file)
        self._change(name, lambda text: change(self.session, name, text))

    def _change(self, name: str, change: Callable[[str], str]) -> None:
        with self.session.lock():
            exists = os.path.lexists(self.session.path_of(name))
            data = self.session.read(name) if exists else None
            text = text_of(name, data or b"")
            result = encrypt(self.session, name, change(text), text, rebind=True)
            write_version(self.session, name, bytes_of(name, result.text), after=data)


def write_version(session: Session, name: str, data: bytes, *, after: bytes | None) -> None:
    """Write the version of a file that follows another; the caller holds the lock.

    Args:
        after: what the file held when it was read; None if there was none.
    Raises:
        FileChanged: it holds something else now, or somebody else made it meanwhile.
    """
    if after is None and os.path.lexists(session.path_of(name)):
        raise FileChanged("somebody else made the file meanwhile", file=name, notes=["nothing was written"])
    if data != after:
        session.write(name, data, expected=after)


def open_repository(
    path: str = ".",
    *,
    identities: Sequence[Identity] | None = None,
    ask: Callable[[str], str] | None = None,
) -> Repository:
    """Open the repository that a path is in.

    Args:
        identities: those to use; None looks for the user's own, when a value is first opened.
        ask: prompts for the passphrase of a named identity file.
    Raises:
        NotARepository: no `.sealring` here or above, up to the git root.
        PolicyError: the policy is malformed.
    """
    found = find_root(path)
    sweep(os.path.join(found, CONTROL_DIR, TEMP_NAME))

    refused: list[IdentityRefused] = []

    def load_identities() -> Sequence[Identity]:
        if identities is not None:
            return identities
        if refused:  # every value asks: a wrong passphrase must not cost a second for each
            raise refused[0]
        try:
            return [entry.identity for entry in identity_sources.find(os.environ, ask)]
        except IdentityRefused as error:
            refused.append(error)
            raise

    return Repository(Session(found, load_identities, int(time.time())))


def load(file: str, *, allow_stale: bool = False, partial: bool = False) -> Any:
    """Return a sealed file as plain dicts, lists and typed scalars.

    >>> sealring.load("config/prod.yaml")["db"]["password"]        # doctest: +SKIP
    """
    return open_repository(file).load(file, allow_stale=allow_stale, partial=partial)
