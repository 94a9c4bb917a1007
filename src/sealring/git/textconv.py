"""What git shows in a diff of a sealed file: values as short fingerprints, or as they are if asked for.

A fingerprint is keyed, so that nobody can try out values without the key, and made for one field of one
file, so that equal values of two fields do not show. The key is that of the oldest epoch that the reader
opens, so that a value that was only sealed anew keeps its fingerprint.

Source: gitattributes(5), "Performing text diffs of binary files"; docs/reference/diff.md.
"""

from __future__ import annotations

import os

from sealring.core.merge_values import places_of
from sealring.core.texts import text_of
from sealring.crypto.primitives import hkdf_sha256, hmac_sha256
from sealring.documents.base import TOKEN_PREFIX
from sealring.errors import NoIdentity, SealringError, Tampered
from sealring.git.run import git
from sealring.model.encoding import base32, pack_items
from sealring.model.record import Record
from sealring.model.token import EpochRef, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealring.core.session import Session
    from sealring.crypto.value import Place

FINGERPRINT_CHARS = 8
SHOW = "show"


class Converted(Record):
    """The text to show, and what could not be shown: a line for people, or nothing."""

    text: str
    note: str = ""


def wants_values(environ: Mapping[str, str]) -> bool:
    """Tell whether the user asked for plaintext: SEALRING_DIFF=show, or `git -c sealring.diff=show`."""
    asked = environ.get("SEALRING_DIFF")
    if asked is None:
        found = git(".", "config", "--get", "sealring.diff")
        asked = found.decode("utf-8", "replace").strip() if found else ""
    return asked == SHOW


def convert(session: Session, file: str, data: bytes, *, show: bool) -> Converted:
    """Return the text that a diff shows for one version of a file.

    Args:
        file: what git named: a file of the working tree, or a temporary one that ends with its name.
        show: plaintext instead of fingerprints.
    Raises:
        SealringError: the file does not parse.
    """
    name = _name(session, file, data)
    text = text_of(name, data)
    document = session.parse(name, text)
    places = places_of(document, session.policy.for_file(name))
    payloads: dict[int, bytes] = {}
    shown: dict[int, str] = {}
    closed: set[str] = set()
    wrong = 0
    for index, place in places.items():
        try:
            token = Token.parse(document.fields[index].token)
            payloads[index] = session.cipher(token.at).open(token, place)
            if not show:
                shown[index] = masked(session, token, place, payloads[index])
        except NoIdentity:
            closed.add(token.at.group)
        except Tampered:
            wrong += 1
    notes = []
    if closed:
        notes.append(f"values of {', '.join(sorted(closed))} are closed to you")
    if wrong:
        notes.append(f"{wrong} sealed values do not open here")
    note = f"{os.path.basename(file)}: {'; '.join(notes)}; shown as they are" if notes else ""
    if show:
        return Converted(document.with_payloads(payloads) if payloads else text, note)
    if document.format == "opaque" and shown:
        return Converted(shown[0] + "\n", note)
    slices = {}
    for index, mask in shown.items():
        field = document.fields[index]
        slices[index] = document.slice_of(field).replace(field.token, mask)
    return Converted(document.with_slices(slices), note)


def masked(session: Session, token: Token, place: Place, payload: bytes) -> str:
    """Return what stands for a value: group, epoch, set time and fingerprint."""
    at = _oldest(session, token.at)
    root = session.roots.open(at)
    info = pack_items(
        each.encode("utf-8") for each in ("sealring/v1/mask", root.repository, at.group, at.epoch)
    )
    key = hkdf_sha256(root.secret, salt=b"", info=info, length=32)
    message = pack_items((token.file_id.encode("ascii"), place.path.encode(), payload))
    fingerprint = base32(hmac_sha256(key, message))[:FINGERPRINT_CHARS]
    return f"<{token.at} set {token.set_time} value {fingerprint}>"


def _oldest(session: Session, at: EpochRef) -> EpochRef:
    """Return the oldest epoch of a group that the reader opens."""
    epochs = session.keyring.group(at.group).epochs
    return next((epoch.at for epoch in epochs if session.roots.can_open(epoch.at)), at)


# Which file, which repository


def _name(session: Session, file: str, data: bytes) -> str:
    """Return the repository's name of a version that git wrote to a temporary file.

    The tokens say by their file id which of the files of this last name it is. The name decides the
    format and the rule, which matters where neighbours are bound.
    """
    try:
        name = session.name_of(file)
        if os.path.lexists(session.path_of(name)):
            return name
    except SealringError:
        pass
    last = os.path.basename(file)
    ids = file_ids(data)
    listed = git(session.root, "ls-files", "-z", "--", last, f":(glob)**/{last}") or b""
    for each in listed.split(b"\0"):
        name = os.fsdecode(each)
        if name and session.file_id(name) in ids:
            return name
    return last


def file_ids(data: bytes) -> set[str]:
    """Return the file ids of the tokens in some bytes."""
    pieces = data.split(f"{TOKEN_PREFIX}1,".encode("ascii"))[1:]
    parts = [piece[:200].decode("ascii", "replace").replace("\n", "").split(",") for piece in pieces]
    return {part[1] for part in parts if len(part) > 1}


def roots(folder: str) -> list[str]:
    """Return the directories with `.sealring` below the top of a working tree, as git knows them."""
    listed = git(folder, "ls-files", "-z", "--", ":(top,glob)**/.sealring/policy.yaml") or b""
    top = git(folder, "rev-parse", "--show-toplevel") or b""
    names = [os.fsdecode(each) for each in listed.split(b"\0") if each]
    base = os.fsdecode(top).removesuffix("\n")
    return [os.path.join(base, os.path.dirname(os.path.dirname(name))).rstrip("/") for name in names]


def has_epochs(session: Session, data: bytes) -> bool:
    """Tell whether the first token in some bytes is of an epoch that a repository has."""
    piece = data.partition(f"{TOKEN_PREFIX}1,".encode("ascii"))[2][:200].decode("ascii", "replace")
    group, _, epoch = piece.partition(",")[0].partition("@")
    try:
        session.keyring.epoch(EpochRef(group, epoch))
    except SealringError:
        return False
    return True
