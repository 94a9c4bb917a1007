"""Open the root of an epoch with somebody's identities, and check all that its files say of it.

Source: spec.md 6.3.
"""

from __future__ import annotations

from sealring.crypto import age
from sealring.crypto.age import X25519Identity
from sealring.crypto.epoch import Root
from sealring.crypto.primitives import constant_time_equal
from sealring.errors import IdentityRefused, MalformedAge, NoIdentity, Tampered
from sealring.keyring.load import epoch_dir
from sealring.model.token import EpochRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.crypto.age import Identity
    from sealring.keyring.load import Keyring
    from sealring.model.members import Epoch, Member, Wrap


class RootStore:
    """Opens roots on demand with one set of identities, each once."""

    def __init__(self, keyring: Keyring, identities: Sequence[Identity]) -> None:
        """Take the keyring to read and the identities to try; both stay as they are."""
        self.keyring = keyring
        self.identities = identities
        self._roots: dict[EpochRef, Root] = {}
        self._missing: dict[EpochRef, NoIdentity] = {}
        self._names: list[str] | None = None

    def names(self) -> list[str]:
        """Return the members whose recipients these identities have."""
        if self._names is None:
            recipients = [identity.recipient() for identity in self.identities]
            texts = [recipient.text for recipient in recipients if recipient is not None]
            self._names = self.keyring.members_with(texts)
        return self._names

    def can_open(self, at: EpochRef) -> bool:
        """Tell whether these identities open an epoch."""
        try:
            self.open(at)
        except NoIdentity:
            return False
        return True

    def add(self, root: Root) -> None:
        """Take in the root of an epoch that was made just now."""
        self._roots[root.at] = root
        self._missing.pop(root.at, None)

    def open(self, at: EpochRef) -> Root:
        """Return the root of an epoch.

        Raises:
            NoIdentity: no identity opens it.
            UnknownEpoch: the repository does not have it.
            Tampered: what was opened is not what the epoch's files promise.
        """
        if at in self._missing:
            raise self._missing[at]
        if at not in self._roots:
            try:
                self._roots[at] = self._open(self.keyring.epoch(at))
            except NoIdentity as error:
                self._missing[at] = error
                raise
        return self._roots[at]

    def _open(self, epoch: Epoch) -> Root:
        mine = self.names()
        # A member's file may have been renamed, or their old key stand in no file: then try all.
        first = [name for name in epoch.holders if name in mine]
        rest = [name for name in epoch.holders if name not in mine] if not first else []
        refused: IdentityRefused | None = None
        for name in (*first, *rest):
            try:
                plaintext = age.decrypt(self.keyring.wrap_bytes(epoch.at, name), self.identities)
            except IdentityRefused as error:  # it is for this wrap, but has the wrong passphrase, say
                refused = error
                continue
            except NoIdentity:
                continue
            except MalformedAge as error:
                raise error.at(f"{epoch_dir(epoch.at)}/{name}.age") from None
            root = checked_root(plaintext, epoch, self.keyring.repository, name)
            self._check_descent(epoch, name)
            return root
        raise refused or self._nobody(epoch)

    def _check_descent(self, epoch: Epoch, member: str) -> None:
        """Hold an epoch to those before it that these identities open.

        Anybody can make a root and wrap it to public keys. Only a holder of an epoch can start the next
        one, as its link is a MAC under the old root. A member who was out for a while has a bridge from
        the last epoch that they held. A newcomer, who opens none, takes the first one on trust.

        Raises:
            Tampered: an epoch was put there by somebody who held none before it.
        """
        file = f"{epoch_dir(epoch.at)}/epoch.yaml"
        links = [
            (EpochRef(epoch.at.group, parent), link)
            for parent, link in zip(epoch.parents, epoch.links, strict=True)
        ]
        links = [(parent, link) for parent, link in links if self.can_open(parent)]
        if not links:
            lineage = self.keyring.group(epoch.at.group).lineage(epoch)[1:]
            known = next((older for older in lineage if self.can_open(older.at)), None)
            if known is None:
                return
            bridge_from, _, mac = self.keyring.wrap(epoch.at, member).bridge.partition(":")
            links = [(known.at, mac if bridge_from == known.id else "")]
        for parent, link in links:
            own = self.open(parent).link_mac(epoch.id, epoch.statement())
            if not constant_time_equal(own.encode("ascii"), link.encode("utf-8")):
                raise Tampered(
                    f"{epoch.at} was not started by a holder of {parent}",
                    file=file,
                    notes=["somebody may have put it there to read what is sealed next; nothing was opened"],
                    hints=[
                        f"find who did with `git log -- {epoch_dir(epoch.at)}`",
                        f"if you were out of the group since {parent}: a member of then can grant you anew",
                    ],
                )

    def _nobody(self, epoch: Epoch) -> NoIdentity:
        group = epoch.at.group
        count = len(self.identities)
        if not count:
            what = "you have no identity"
        elif count == 1:
            what = "your identity does not open it"
        else:
            what = f"none of your {count} identities opens it"
        names = self.names()
        notes = [f"holders: {', '.join(epoch.holders) or 'nobody'}"]
        if names:
            notes.append(f"you are {' and '.join(names)}")
        hints = [f"ask a holder to run `sealring grant {group} NAME` and commit"]
        if not count:
            hints.insert(0, "`sealring identity new` makes one; `sealring join` asks for access")
        return NoIdentity(f"{epoch.at} is closed to you: {what}", notes=notes, hints=hints)


def checked_root(plaintext: bytes, epoch: Epoch, repository: str, member: str) -> Root:
    """Read the opened wrap of one member, and hold it to everything that is public of the epoch.

    Raises:
        Tampered: names what does not fit.
    """
    file = f"{epoch_dir(epoch.at)}/{member}.age"
    # 1. It says itself which repository, group and epoch it is for.
    try:
        root = Root.load(plaintext, repository, epoch.at)
    except ValueError as error:
        raise Tampered(f"the wrapped secret is not of {epoch.at}: {error}", file=file) from None
    # 2. The published commitment, and so the epoch's id, admit only one root.
    if not root.is_committed(epoch.commitment):
        raise Tampered(f"the wrapped secret is not the one that {epoch.at} is committed to", file=file)
    # 3. What epoch.yaml says of parents and retired epochs was written by somebody who had the root.
    own = root.statement_mac(epoch.statement())
    if not constant_time_equal(own.encode("ascii"), epoch.mac.encode("utf-8")):
        raise Tampered(
            "the statement was changed by somebody who does not hold the group's secret",
            file=f"{epoch_dir(epoch.at)}/epoch.yaml",
            hints=[f"find the change with `git log -p -- {epoch_dir(epoch.at)}`"],
        )
    # 4. Deposits go to this root's own recipient.
    if deposit_identity(root).recipient().text != epoch.recipient:
        raise Tampered("the recipient is not the group's own", file=f"{epoch_dir(epoch.at)}/epoch.yaml")
    return root


def deposit_identity(root: Root) -> X25519Identity:
    """Return the identity that opens deposits of an epoch."""
    return X25519Identity.from_bytes(root.deposit_key())


def is_vouched(root: Root, wrap: Wrap, member: Member) -> bool:
    """Tell whether a holder vouched for just these recipients of a member."""
    own = root.vouch(member.name, member.recipients, wrap.via)
    return constant_time_equal(own.encode("ascii"), wrap.mac.encode("utf-8"))
