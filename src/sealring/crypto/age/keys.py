"""Recipients and identities from what people paste and keep in files."""

from __future__ import annotations

import binascii

from sealring.crypto import primitives
from sealring.crypto.age.base import DEFAULT_WORK_FACTOR
from sealring.crypto.age.file import decrypt, inspect, is_age_file
from sealring.crypto.age.x25519 import X25519Identity, X25519Recipient
from sealring.errors import IdentityRefused, LimitExceeded, MalformedAge, NoIdentity, SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.crypto.age.base import Identity, Recipient

# Far above the longest real file; what is over it is not an identity file.
MAX_IDENTITY_FILE = 1024 * 1024
MAX_RECIPIENT = 8192


def parse_recipient(text: str) -> Recipient:
    """Read a recipient: age1…, age1pq1…, or a line of an ssh .pub file.

    Raises:
        IdentityRefused: malformed, or of a kind that cannot be encrypted to.
    """
    text = text.strip()
    if len(text) > MAX_RECIPIENT:
        raise IdentityRefused("the recipient is too long to be one")
    if "\n" in text or "\r" in text:
        # The second line would pass as the comment of an ssh key.
        raise IdentityRefused("the recipient has more than one line")
    if text.startswith("age1pq1"):
        from sealring.crypto.age.hybrid import HybridRecipient

        return HybridRecipient.parse(text)
    if text.startswith("age1"):
        return _parse_age(text)
    if text.startswith(("ssh-", "ecdsa-", "sk-")):
        from sealring.crypto.age.ssh import parse_ssh_recipient
        from sealring.crypto.age.ssh_wire import refuse_signing_kind

        refuse_signing_kind(text.split(None, 1)[0])
        return parse_ssh_recipient(text)
    if text.upper().startswith("AGE-SECRET-KEY-"):
        raise IdentityRefused(
            "this is a secret key, not a recipient",
            notes=("if it was shown to others, replace it",),
            hints=("`age-keygen -y` prints the recipient of an identity file",),
        )
    raise IdentityRefused("the recipient is neither an age recipient nor an ssh public key")


def parse_identities(
    data: bytes,
    *,
    passphrase: Callable[[], bytes | str] | None = None,
    max_work_factor: int = DEFAULT_WORK_FACTOR,
) -> list[Identity]:
    """Read an identity file: age identities one a line, or a private ssh key; either may be protected.

    Args:
        passphrase: asked for a protected file. A protected OpenSSH key asks later, and only when
            it is needed. None: protected files are refused.
        max_work_factor: limit for a file that age encrypted with a passphrase; 18 takes a second
            and 256 MiB, each step more doubles both.
    Returns:
        one or more identities, in the order of the file.
    Raises:
        IdentityRefused: malformed, protected, or of an unsupported kind; names the line, and never
            quotes it.
        LimitExceeded: the file is larger, or its passphrase costlier, than allowed.
    """
    if len(data) > MAX_IDENTITY_FILE:
        raise LimitExceeded("the identity file is larger than 1 MiB")
    if is_age_file(data):
        return _parse_lines(_open_protected(data, passphrase, max_work_factor))
    if b"-----BEGIN " in data and b"PRIVATE KEY-----" in data:
        from sealring.crypto.age.ssh_load import load_ssh_identity

        return [load_ssh_identity(data, passphrase)]
    return _parse_lines(data)


def fingerprint(recipient: Recipient) -> str:
    """Return the short name of a recipient to compare by eye, as `ssh-keygen -l` shows it for ssh keys.

    Other recipients have the SHA-256 of their text, in the same spelling.
    """
    digest = binascii.b2a_base64(primitives.sha256(recipient.identifying_bytes()), newline=False)
    return "SHA256:" + digest.rstrip(b"=").decode("ascii")


def _parse_age(text: str) -> Recipient:
    # bech32 data holds no "1", so a second one ends the name of a plugin or of another kind.
    if "1" in text[4:]:
        name = text[4 : text.rindex("1")][:32]
        shown = name if name.isascii() and name.replace("-", "").isalnum() else "?"
        raise IdentityRefused(
            f"the age recipient is of the kind {shown!r}, which sealring cannot encrypt to",
            hints=("use an age1…, age1pq1…, ssh-ed25519 or ssh-rsa recipient",),
        )
    return X25519Recipient.parse(text)


def _parse_lines(data: bytes) -> list[Identity]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise IdentityRefused("the identity file is not text") from None
    identities: list[Identity] = []
    for number, line in enumerate(text.split("\n"), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        try:
            identities.append(_parse_identity(entry))
        except SealringError as error:
            error.line = number
            raise
    if not identities:
        raise IdentityRefused("the identity file holds no identity")
    return identities


def _parse_identity(entry: str) -> Identity:
    if entry.startswith("AGE-SECRET-KEY-PQ-1"):
        from sealring.crypto.age.hybrid import HybridIdentity

        return HybridIdentity.parse(entry)
    if entry.startswith("AGE-SECRET-KEY-1"):
        return X25519Identity.parse(entry)
    if entry.startswith("AGE-PLUGIN-"):
        raise IdentityRefused("identities of age plugins are not supported here")
    if entry.startswith(("age1", "ssh-")):
        raise IdentityRefused("this is a recipient, and an identity is needed here")
    raise IdentityRefused("not an age identity")


def _open_protected(data: bytes, ask: Callable[[], bytes | str] | None, max_work_factor: int) -> bytes:
    from sealring.crypto.age.scrypt import ScryptIdentity

    try:
        if inspect(data) != ("scrypt",):
            raise IdentityRefused("the identity file is encrypted with age, but not with a passphrase")
        if ask is None:
            raise IdentityRefused(
                "the identity file is protected by a passphrase, and nobody is there to ask",
                hints=("run it in a terminal, or use an identity without passphrase",),
            )
        identity = ScryptIdentity(ask(), max_work_factor=max_work_factor)
        return decrypt(data, [identity], max_plaintext=MAX_IDENTITY_FILE)
    except IdentityRefused:
        raise
    except MalformedAge:
        raise IdentityRefused("the protected identity file is damaged") from None
    except NoIdentity:
        raise IdentityRefused("the passphrase does not open the identity file") from None
