"""The files by which members, groups and epochs are added: pure, as names with bytes.

An epoch exists once its `epoch.yaml` does, which is therefore written last; a directory without it is
what a killed command left, and is not read. Source: spec.md 6.
"""

from __future__ import annotations

from sealring.crypto import age
from sealring.crypto.epoch import Root
from sealring.keyring.load import GROUPS, epoch_dir, member_file
from sealring.keyring.roots import deposit_identity
from sealring.model.members import Epoch
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealring.model.members import Group, Member

Files = dict[str, bytes]


class Holder(Record):
    """A member to wrap a root to.

    via: the included groups that they come through; none: granted. bridge: as `Wrap.bridge`.
    """

    member: Member
    via: tuple[str, ...] = ()
    bridge: str = ""


def member_files(member: Member) -> Files:
    """Return the file of a member."""
    recipients = "".join(f"  - {recipient}\n" for recipient in member.recipients)
    text = f'name: "{member.name}"\nkind: {member.kind}\nrecipients:\n{recipients}'
    return {member_file(member.name): text.encode("utf-8")}


def group_files(name: str, description: str, includes: Sequence[str]) -> Files:
    """Return the file that describes a group."""
    from json import dumps

    text = f"description: {dumps(description, ensure_ascii=False)}\nincludes: {_listed(includes)}\n"
    return {f"{GROUPS}/{name}/group.yaml": text.encode("utf-8")}


def removal_files(group: Group, member: str, time: str, *, is_gone: bool = False) -> Files:
    """Return the tombstones that remove a member from each current epoch that they hold.

    One who holds only replaced epochs, granted there while another branch rotated, is removed from those.

    Args:
        is_gone: the member held the group, but their wrap was deleted; name every current epoch.
    """
    text = f"# {member} is to be left out at the next rotation; never edit or delete this\nremoved: {time}\n"
    held = [epoch for epoch in group.epochs if member in epoch.holders]
    current = [epoch for epoch in group.current() if is_gone or epoch in held]
    return {
        f"{GROUPS}/{group.name}/removed/{member}@{epoch.id}.yaml": text.encode("utf-8")
        for epoch in current or held
    }


def wrap_files(root: Root, holder: Holder) -> Files:
    """Return a root encrypted to one member, with the vouch beside it.

    Raises:
        IdentityRefused: a recipient of the member cannot be used.
    """
    member = holder.member
    recipients = [age.parse_recipient(text) for text in member.recipients]
    wrapped = age.encrypt(root.dump(deposit_identity(root).text()), recipients, armored=True)
    mac = root.vouch(member.name, member.recipients, holder.via)
    vouch = f'via: {_listed(sorted(holder.via))}\nmac: "{mac}"\nbridge: "{holder.bridge}"\n'
    stem = f"{epoch_dir(root.at)}/{member.name}"
    return {f"{stem}.age": wrapped, f"{stem}.vouch": vouch.encode("ascii")}


def new_epoch(
    secret: bytes,
    repository: str,
    group: str,
    holders: Sequence[Holder],
    *,
    parents: Sequence[tuple[Epoch, Root]] = (),
    lineage: Iterable[Epoch] = (),
    retire: Iterable[str] = (),
    postponed: Iterable[str] = (),
    created: str,
) -> tuple[Root, Files]:
    """Start an epoch and wrap its root to its holders.

    Args:
        secret: 32 random bytes.
        parents: the epochs that it replaces, with their roots.
        lineage: the parents and all that they descend from.
        retire: ids of epochs to retire besides those that somebody who is no holder any more holds.
        postponed: members who stay, but cannot be wrapped to now; they are not dropped.
        created: a set time.
    """
    names = {holder.member.name for holder in holders}
    generation = max((parent.generation for parent, _root in parents), default=0) + 1
    root = Root.new(secret, repository, group, generation)
    staying = {*names, *postponed}
    dropped = {name for parent, _root in parents for name in parent.holders} - staying
    retired = {id for parent, _root in parents for id in parent.retired}
    retired |= {epoch.id for epoch in lineage if not set(epoch.holders) <= staying}
    retired |= set(retire)
    epoch = Epoch(
        root.at,
        deposit_identity(root).recipient().text,
        root.commitment(),
        tuple(parent.name_in_full for parent, _root in parents),
        (),
        created,
        tuple(sorted(dropped)),
        tuple(sorted(retired)),
        "",
        tuple(sorted(names)),
    )
    files: Files = {}
    for holder in holders:
        files.update(wrap_files(root, holder))
    mac = root.statement_mac(epoch.statement())
    links = [parent_root.link_mac(epoch.id, epoch.statement()) for _parent, parent_root in parents]
    text = (
        f'recipient: {epoch.recipient}\ncommitment: "{epoch.commitment}"\n'
        f'parents: {_listed(epoch.follows)}\nlinks: {_listed(links)}\ncreated: "{created}"\n'
        f'dropped: {_listed(epoch.dropped)}\nretired: {_listed(epoch.retired)}\nmac: "{mac}"\n'
    )
    files[f"{epoch_dir(root.at)}/epoch.yaml"] = text.encode("ascii")
    return root, files


def _listed(names: Iterable[str]) -> str:
    """Spell names as a YAML list, quoted, as `4.22222` would be a number and `no` may be false."""
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
