"""Members, groups and epochs as the files under `.sealring/` say. Source: spec.md 6."""

from __future__ import annotations

from sealring.model.record import Record
from sealring.model.token import EPOCH_SUFFIX_CHARS, EpochRef

KINDS = ("person", "machine", "recovery")


class Member(Record):
    """A person or machine with the public keys that are theirs."""

    name: str
    kind: str
    recipients: tuple[str, ...]


class Wrap(Record):
    """What stands beside an epoch's root that is encrypted to one member.

    via: the included groups through which alone the member belongs. mac: the vouch over the recipients.
    bridge: for a member who comes back, "epoch:mac", a link from the last epoch that they held before.
    """

    member: str
    via: tuple[str, ...]
    mac: str
    bridge: str


class Epoch(Record):
    """One generation of a group's secret.

    follows: the epochs that it replaced, each as its generation, a dot, and its whole commitment.
    links: for each of them, a MAC under its root over this epoch: only a holder of an epoch can start
    the next one. dropped: members who held a parent and were left out on purpose. retired: ids of earlier
    epochs that somebody who is not a holder of this one still holds. holders: names with a wrap in its
    directory.
    """

    at: EpochRef
    recipient: str
    commitment: str
    follows: tuple[str, ...]
    links: tuple[str, ...]
    created: str
    dropped: tuple[str, ...]
    retired: tuple[str, ...]
    mac: str
    holders: tuple[str, ...]

    def statement(self) -> tuple[str, ...]:
        """Return what the epoch's MAC covers; counts keep the lists apart."""
        lists = (self.follows, self.dropped, self.retired)
        flat = [text for names in lists for text in (str(len(names)), *names)]
        return (self.id, self.recipient, self.commitment, self.created, *flat)

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids of the epochs that it replaced."""
        ends = (text.index(".") + 1 + EPOCH_SUFFIX_CHARS for text in self.follows)
        return tuple(text[:end] for text, end in zip(self.follows, ends, strict=True))

    @property
    def name_in_full(self) -> str:
        """The generation, a dot, and the whole commitment, as the next epoch names it."""
        return f"{self.generation}.{self.commitment}"

    @property
    def id(self) -> str:
        """The id, such as `4.k7q2m`."""
        return self.at.epoch

    @property
    def generation(self) -> int:
        """The number in front of the id."""
        return int(self.id.partition(".")[0])


class Removal(Record):
    """A tombstone: a member is to be left out of what follows an epoch."""

    member: str
    epoch: str


class Group(Record):
    """Members acting as a role, with all epochs of its secret."""

    name: str
    description: str
    includes: tuple[str, ...]
    epochs: tuple[Epoch, ...]
    removals: tuple[Removal, ...]

    def epoch(self, id: str) -> Epoch | None:
        """Return one epoch, or None."""
        return next((epoch for epoch in self.epochs if epoch.id == id), None)

    def current(self) -> tuple[Epoch, ...]:
        """Return the epochs that none has replaced: one, or more after a merge of two rotations."""
        replaced = {parent for epoch in self.epochs for parent in epoch.parents}
        return tuple(epoch for epoch in self.epochs if epoch.id not in replaced)

    def lineage(self, epoch: Epoch) -> tuple[Epoch, ...]:
        """Return an epoch and all that it descends from, nearest first."""
        found: dict[str, Epoch] = {}
        queue = [epoch]
        while queue:
            nearest = queue.pop(0)
            if nearest.id not in found:
                found[nearest.id] = nearest
                parents = (self.epoch(parent) for parent in nearest.parents)
                queue += [parent for parent in parents if parent is not None]
        return tuple(found.values())
