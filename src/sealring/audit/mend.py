"""Mend what can be mended with keys, and say what was done; what needs a person's look is left.

Nothing is laundered: a token under an epoch that a leaver holds stays, and a token is sealed for another
place only if git knows that the whole file, or a key above it, was renamed there.
"""

from __future__ import annotations

from sealring.audit.words import counted, listed
from sealring.core.moving import renamed_text
from sealring.core.reading import examine
from sealring.core.rekey import rekey
from sealring.core.sealing import encrypt, prove
from sealring.errors import NoIdentity, PlaintextFound, SealringError, Tampered
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealring.core.reading import Sealed
    from sealring.core.session import Session
    from sealring.crypto.value import Place
    from sealring.model.token import Token

MENDABLE = ("plaintext", "stale-epoch", "foreign-token")


class Known(Record):
    """What git knows of a file.

    previous: its last version. parents: versions that are, or were, merged into it. renamed: (old name, text)
    of files that became this one, and are gone.
    """

    previous: str | None
    parents: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]


class Mended(Record):
    """A text with what was done to it, and the errors of what could not be done."""

    text: str
    done: tuple[str, ...]
    left: tuple[SealringError, ...]


def mend(session: Session, name: str, text: str, known: Known) -> Mended:
    """Mend one file, step by step; a step that fails leaves the text as it was.

    Args:
        name: from the root of the repository.
    """
    done: list[str] = []
    left: list[SealringError] = []

    def step(change: Callable[[str], tuple[str, str]]) -> None:
        nonlocal text
        try:
            text, said = change(text)
        except SealringError as error:
            left.append(error)
            return
        if said:
            done.append(said)

    step(lambda now: _after_rename(session, name, now, known.renamed))
    step(lambda now: _displaced(session, name, now, known.parents))
    step(lambda now: _rekeyed(session, name, now))
    step(lambda now: _encrypted(session, name, now, known.previous))
    return Mended(text, tuple(done), tuple(left))


def _after_rename(
    session: Session, name: str, text: str, renamed: Sequence[tuple[str, str]]
) -> tuple[str, str]:
    """Seal the tokens of a renamed file for its new name, if they stood in the old one, each of them."""
    sealed = examine(session, name, text, any_group=True)
    own = session.file_id(name)
    tokens = {field.token for field in sealed.document.fields if field.token}
    foreign = {token for token in tokens if f",{own}," not in token}
    if not foreign:
        return text, ""
    for old_name, old_text in renamed:
        try:
            before = examine(session, old_name, old_text, any_group=True)
        except SealringError:
            continue
        if foreign <= {before.document.fields[index].token for index in before.tokens}:
            moved = renamed_text(session, old_name, name, text)
            return moved, f"{counted(len(foreign), 'value')} resealed, as the file was {old_name}"
    return text, ""


def _displaced(session: Session, name: str, text: str, parents: Sequence[str]) -> tuple[str, str]:
    """Seal tokens for their present paths that a merge has put under a renamed key.

    Only where a version that was merged holds the token at a path that is gone, with the same last key.
    """
    sealed = examine(session, name, text, any_group=True)
    closed = _not_opening(session, sealed)
    if not closed:
        return text, ""
    standing = {field.path for field in sealed.document.fields}
    new: dict[int, Token] = {}
    for parent in parents:
        try:
            before = examine(session, name, parent, any_group=True)
        except SealringError:
            continue
        for index in [index for index in closed if index not in new]:
            place = _earlier_place(sealed, index, before)
            token = sealed.tokens[index]
            if place is None or place.path in standing or session.is_retired(token.at):
                continue
            try:
                payload = session.cipher(token.at).open(token, place)
            except (Tampered, NoIdentity):
                continue
            cipher = session.cipher(session.sealing_epoch(token.at.group).at)
            new[index] = cipher.seal(
                payload,
                sealed.place(index),
                file_id=token.file_id,
                set_time=token.set_time,
                origin=token.origin,
            )
    if not new:
        return text, ""
    result = sealed.document.with_tokens({index: token.text() for index, token in new.items()})
    prove(session, sealed, result, new)
    places = [sealed.document.fields[index].place for index in sorted(new)]
    return result, f"{listed(places)} resealed, as a key above was renamed by a merge"


def _not_opening(session: Session, sealed: Sealed) -> list[int]:
    found = []
    for index, token in sealed.tokens.items():
        try:
            session.cipher(token.at).open(token, sealed.place(index))
        except NoIdentity:
            continue
        except Tampered:
            found.append(index)
    return found


def _earlier_place(sealed: Sealed, index: int, before: Sealed) -> Place | None:
    """Return where an earlier version has a token, if that path ends as the present one does."""
    field = sealed.document.fields[index]
    for old_index in before.tokens:
        old = before.document.fields[old_index]
        if old.token == field.token and old.path.parts[-1:] == field.path.parts[-1:]:
            return before.place(old_index)
    return None


def _rekeyed(session: Session, name: str, text: str) -> tuple[str, str]:
    sealed = examine(session, name, text, any_group=True)
    groups = frozenset(token.at.group for token in sealed.tokens.values())
    ready = frozenset(group for group in groups if _can_seal(session, group))
    result = rekey(session, name, text, ready)
    return result.text, f"{counted(result.count, 'value')} rekeyed" if result.count else ""


def _can_seal(session: Session, group: str) -> bool:
    try:
        return session.roots.can_open(session.sealing_epoch(group).at)
    except SealringError:
        return False


def _encrypted(session: Session, name: str, text: str, previous: str | None) -> tuple[str, str]:
    sealed = examine(session, name, text, any_group=True)
    if not any(isinstance(error, PlaintextFound) for error in sealed.problems.values()):
        return text, ""
    result = encrypt(session, name, text, previous)
    return result.text, f"{counted(result.sealed, 'value')} sealed" if result.text != text else ""
