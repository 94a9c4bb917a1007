"""Who belongs to a group, and what is still to be done, from public files alone.

A merge of two branches can leave more than one current epoch, a removal that no rotation has carried
out, or a grant to an epoch that was replaced meanwhile. Nothing of it is lost: it is pending.

Source: spec.md 6.4.
"""

from __future__ import annotations

from sealring.errors import PolicyError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.keyring.load import Keyring
    from sealring.model.members import Epoch, Group, Removal


class Standing(Record):
    """The state of one group.

    current: its current epochs; more than one after two rotations were merged.
    members: names of those who belong to it now.
    via: for members who belong only through included groups: the groups, by name of the member.
    leaving: holders who are to be left out at the next rotation, with the reason.
    joining: members who should hold the newest epoch and do not yet, with the groups they come through.
    """

    group: str
    current: tuple[Epoch, ...]
    members: tuple[str, ...]
    via: dict[str, tuple[str, ...]]
    leaving: dict[str, str]
    joining: dict[str, tuple[str, ...]]

    @property
    def is_doubled(self) -> bool:
        """Whether two rotations were merged, so that one more must join them."""
        return len(self.current) > 1

    @property
    def needs_rotation(self) -> bool:
        """Whether something is pending that only a rotation does."""
        return self.is_doubled or bool(self.leaving)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is pending."""
        return not self.needs_rotation and not self.joining


def standing(keyring: Keyring, name: str, _above: tuple[str, ...] = ()) -> Standing:
    """Work out the state of a group.

    Raises:
        PolicyError: groups include each other in a circle, or a file is malformed.
    """
    if name in _above:
        circle = " > ".join((*_above[_above.index(name) :], name))
        raise PolicyError(
            f"groups include each other in a circle: {circle}", file=f".sealring/groups/{name}/group.yaml"
        )
    group = keyring.group(name)
    current = group.current()
    if not current:
        return Standing(name, (), (), {}, {}, {})
    through = _through_includes(keyring, group, (*_above, name))
    # Removal wins: whoever one of several current epochs left out is out.
    holders = set.intersection(*(set(epoch.holders) for epoch in current))
    some = set.union(*(set(epoch.holders) for epoch in current))
    via: dict[str, tuple[str, ...]] = {}
    leaving = dict.fromkeys(sorted(some - holders), "left out by a rotation on another branch")
    for removal in group.removals:
        named = next((epoch for epoch in current if epoch.id == removal.epoch), None)
        if named is not None and removal.member not in named.holders:
            leaving[removal.member] = "removed; their wrap is gone already"
    for member in sorted(holders):
        if any(
            _is_outstanding(group, epoch, removal)
            for epoch in current
            for removal in group.removals
            if removal.member == member
        ):
            leaving[member] = "removed, and the group was not rotated since"
            continue
        routes = [keyring.wrap(epoch.at, member).via for epoch in current]
        if all(routes):
            via[member] = tuple(sorted(through.get(member, ())))
            if not via[member]:
                leaving[member] = f"no longer in {' or '.join(sorted(set().union(*routes)))}"
                del via[member]
    members = {member for member in holders if member not in leaving}
    joining = _missed_grants(keyring, group, current, members | set(leaving))
    for member, routes_in in through.items():
        if member not in members and member not in leaving:
            joining[member] = tuple(sorted(routes_in))
    return Standing(name, current, tuple(sorted(members | set(joining))), via, leaving, joining)


def _through_includes(keyring: Keyring, group: Group, above: tuple[str, ...]) -> dict[str, set[str]]:
    """Return the members of included groups, with the directly included groups they come through."""
    through: dict[str, set[str]] = {}
    for included in group.includes:
        for member in standing(keyring, included, above).members:
            through.setdefault(member, set()).add(included)
    return through


def _is_outstanding(group: Group, current: Epoch, removal: Removal) -> bool:
    """Tell whether a removal still has to be carried out in a current epoch.

    It has been when an epoch between the one it names and this one dropped the member on purpose;
    a member who was granted again after that is not touched by the old removal.
    """
    lineage = group.lineage(current)
    if removal.member not in current.holders or all(epoch.id != removal.epoch for epoch in lineage):
        return False
    for epoch in lineage:
        older = group.lineage(epoch)[1:]
        if removal.member in epoch.dropped and any(before.id == removal.epoch for before in older):
            return False
    return True


def _missed_grants(
    keyring: Keyring, group: Group, current: tuple[Epoch, ...], known: set[str]
) -> dict[str, tuple[str, ...]]:
    """Return members who were granted an epoch while another branch replaced it."""
    missed: dict[str, tuple[str, ...]] = {}
    for epoch in current:
        for older in group.lineage(epoch)[1:]:
            later = [e for e in group.lineage(epoch) if older in group.lineage(e)[1:]]
            for member in older.holders:
                dropped = any(member in e.dropped for e in later)
                if member not in known and not dropped and not _is_removed(group, member, older):
                    missed[member] = keyring.wrap(older.at, member).via
    return missed


def _is_removed(group: Group, member: str, older: Epoch) -> bool:
    return any(r.member == member and _is_outstanding(group, older, r) for r in group.removals)
