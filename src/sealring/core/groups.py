"""Add and remove members of a group, and rotate its secret.

Every change is planned first: the plan says whom it would wrap to and what no holder has vouched for, so
that a person can look before anything is written. Source: spec.md 6.4 to 6.6.
"""

from __future__ import annotations

from types import MappingProxyType

from sealring.crypto import age
from sealring.crypto.primitives import random_bytes
from sealring.errors import IdentityRefused, NoIdentity, PolicyError, SealringError, UsageError
from sealring.keyring.change import Holder, group_files, new_epoch, removal_files, wrap_files
from sealring.keyring.load import GROUPS
from sealring.keyring.roots import is_vouched
from sealring.model.record import Record
from sealring.model.token import check_name, time_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealring.core.session import Session
    from sealring.crypto.epoch import Root
    from sealring.keyring.membership import Standing
    from sealring.model.members import Epoch, Member

NEW_KEYS = "is new to the group, and no holder has vouched for these keys yet"
OTHER_KEYS = "has other keys than those that a holder vouched for"


class Candidate(Record):
    """A member whom a change would wrap a group's secret to.

    why: empty when a holder has vouched for just these recipients; else why somebody must look at them.
    fingerprints: (recipient, fingerprint) pairs, for people to compare.
    """

    holder: Holder
    why: str
    fingerprints: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The member's name."""
        return self.holder.member.name


class Plan(Record):
    """What a change of one group would do.

    starts_epoch: else it wraps an existing one. leaving: names and reasons. postponed: members who belong
    to the group, but to whom nothing can be wrapped now, and why.
    """

    group: str
    candidates: tuple[Candidate, ...]
    starts_epoch: bool
    leaving: Mapping[str, str]
    roots: tuple[Root, ...]
    postponed: Mapping[str, SealringError] = MappingProxyType({})

    def unvouched(self) -> tuple[Candidate, ...]:
        """Return the members whose recipients somebody must look at."""
        return tuple(candidate for candidate in self.candidates if candidate.why)


def plan_group(
    session: Session, name: str, includes: Sequence[str], members: Sequence[str]
) -> tuple[Candidate, ...]:
    """Return whom the first epoch of a new group would be wrapped to.

    The user's own keys need no look; neither do those that a holder of an included group vouched for.

    Raises:
        UsageError: the name is not one, or taken; no member.
        IdentityRefused: a recipient of a member cannot be used.
    """
    check_new(session.keyring.group_names(), name, "group")
    for included in includes:
        session.keyring.group(included)
    holders = {member: Holder(session.keyring.member(member)) for member in members}
    for included in includes:
        for member in session.standing(included).members:
            if member not in holders or holders[member].via:
                via = (*holders[member].via, included) if member in holders else (included,)
                holders[member] = Holder(session.keyring.member(member), via)
    if not holders:
        raise UsageError(
            "a group needs a member", hints=["name one with --member, or a group with --include"]
        )
    return tuple(_first_candidate(session, holder) for holder in holders.values())


def _first_candidate(session: Session, holder: Holder) -> Candidate:
    own = {recipient.text for each in session.roots.identities if (recipient := each.recipient())}
    candidate = Candidate(holder, "", fingerprints(holder.member))
    if set(holder.member.recipients) <= own or _is_vouched_through(session, holder):
        return candidate
    return candidate.replace(why="would read the new group, and nobody has vouched for these keys in it")


def _is_vouched_through(session: Session, holder: Holder) -> bool:
    epochs = (epoch for included in holder.via for epoch in session.standing(included).current)
    return any(_vouches(session, epoch, holder.member) for epoch in epochs)


def _vouches(session: Session, epoch: Epoch, member: Member) -> bool:
    """Tell whether an epoch that the user opens has a vouch for just the recipients of a member."""
    if member.name not in epoch.holders or not session.roots.can_open(epoch.at):
        return False
    return is_vouched(session.roots.open(epoch.at), session.keyring.wrap(epoch.at, member.name), member)


def create_group(
    session: Session, name: str, description: str, includes: Sequence[str], candidates: Sequence[Candidate]
) -> Mapping[str, bytes]:
    """Return the files of a new group with its first epoch, as `plan_group` said.

    `group.yaml`, by which the group exists, comes last.
    """
    root, files = new_epoch(
        random_bytes(32),
        session.policy.repository,
        name,
        [candidate.holder for candidate in candidates],
        created=time_text(session.now_s),
    )
    session.roots.add(root)
    return {**files, **group_files(name, description, includes)}


def check_new(known: Iterable[str], name: str, what: str) -> None:
    """Check the name of a new group or member.

    Raises:
        UsageError: it is not a name, or taken.
    """
    try:
        check_name(name)
    except ValueError as error:
        raise UsageError(f"{name!r} is not the name of a {what}: {error}") from None
    if name in known:
        raise UsageError(f"a {what} named {name} is there already")


def delete_group(session: Session, name: str) -> None:
    """Check that a group can be deleted: no rule and no group names it.

    Raises:
        UsageError: something does.
    """
    session.keyring.group(name)
    for rule in session.policy.rules:
        if rule.group == name:
            raise UsageError(f'rule "{rule.name}" seals to group {name}', file=rule.file, line=rule.line)
    for other in session.keyring.group_names():
        if name in session.keyring.group(other).includes:
            raise UsageError(f"group {other} includes group {name}", file=f"{GROUPS}/{other}/group.yaml")


def plan_grant(session: Session, group_name: str, member_name: str) -> Plan:
    """Plan to wrap a group's secret to a member, who then opens all its values; no file changes.

    Raises:
        NoIdentity: the user is not a holder.
        Pending: the group must be rotated first.
    """
    member = session.keyring.member(member_name)
    epoch = session.sealing_epoch(group_name)
    root = session.roots.open(epoch.at)
    candidate = _candidate(session, member, (), (root,))
    bridge = _bridge(session, group_name, epoch, member_name)
    candidate = candidate.replace(holder=candidate.holder.replace(bridge=bridge))
    return Plan(group_name, (candidate,), False, {}, (root,))


def _bridge(session: Session, group_name: str, epoch: Epoch, member_name: str) -> str:
    """Return the link by which a member who comes back knows the group again, or nothing."""
    lineage = session.keyring.group(group_name).lineage(epoch)[1:]
    held = next((older for older in lineage if member_name in older.holders), None)
    if held is None or held.id in epoch.parents or not session.roots.can_open(held.at):
        return ""
    return f"{held.id}:{session.roots.open(held.at).link_mac(epoch.id, epoch.statement())}"


def plan_pending(session: Session, group_name: str) -> Plan:
    """Plan to wrap to members who should hold the newest epoch and do not yet.

    Raises:
        NoIdentity: the user is not a holder.
        Pending: the group must be rotated first.
    """
    epoch = session.sealing_epoch(group_name)
    root = session.roots.open(epoch.at)
    found, postponed = _candidates(session, session.standing(group_name).joining, (root,))
    return Plan(group_name, found, False, {}, (root,), postponed)


def _candidates(
    session: Session, routes: Mapping[str, tuple[str, ...]], roots: Sequence[Root]
) -> tuple[tuple[Candidate, ...], dict[str, SealringError]]:
    """Return the candidates among members, and those to whom nothing can be wrapped, with the reason.

    One member with a key that is no good must not keep the others from a rotation.

    Args:
        routes: for each name, the groups that they come through.
    """
    found: list[Candidate] = []
    postponed: dict[str, SealringError] = {}
    for name, via in routes.items():
        try:
            member = session.keyring.member(name)
            candidate = _candidate(session, member, via, roots)
            age.encrypt(b"", [age.parse_recipient(text) for text in member.recipients])
        except (PolicyError, IdentityRefused) as error:
            postponed[name] = error
        else:
            found.append(candidate)
    return tuple(found), postponed


def plan_rewrap(session: Session, group_name: str, member: Member, before: Member) -> tuple[Plan, ...]:
    """Plan to wrap every epoch that a member holds, and the user opens, to new recipients.

    Args:
        before: the member as their file says now. If nobody has vouched for that, somebody may have put a
            key there, which must not get in with the new ones.
    """
    plans = []
    for epoch in session.keyring.group(group_name).epochs:
        if member.name in epoch.holders and session.roots.can_open(epoch.at):
            root = session.roots.open(epoch.at)
            wrap = session.keyring.wrap(epoch.at, member.name)
            why = "" if is_vouched(root, wrap, before) else OTHER_KEYS
            candidate = Candidate(Holder(member, wrap.via, wrap.bridge), why, fingerprints(member))
            plans.append(Plan(group_name, (candidate,), False, {}, (root,)))
    return tuple(plans)


def plan_rotation(session: Session, group_name: str, leaving: Mapping[str, str] | None = None) -> Plan:
    """Plan a new epoch for those who belong to a group.

    Args:
        leaving: members to leave out besides those who are pending, with the reason.
    Raises:
        NoIdentity: the user does not hold every current epoch; says who does.
        UsageError: nobody would be left.
    """
    state = session.standing(group_name)
    if not state.current:
        raise PolicyError(f"group {group_name} has no epoch")
    roots = tuple(_open_current(session, state))
    out = {**state.leaving, **(leaving or {})}
    routes = {
        name: state.via.get(name, state.joining.get(name, ())) for name in state.members if name not in out
    }
    found, postponed = _candidates(session, routes, roots)
    if not found:
        raise UsageError(
            f"nobody would be left in group {group_name}",
            notes=["its values would be lost"],
            hints=[f"`sealring grant {group_name} NAME` first"],
        )
    return Plan(group_name, found, True, out, roots, postponed)


def _open_current(session: Session, state: Standing) -> list[Root]:
    try:
        return [session.roots.open(epoch.at) for epoch in state.current]
    except NoIdentity as error:
        able = ", ".join(able_to_rotate(state)) or "nobody"
        raise NoIdentity(
            f"group {state.group} can only be rotated by somebody who holds its secret",
            notes=[f"holders: {able}", *error.notes],
            hints=[f"ask one of them to run `sealring rotate {state.group}`"],
        ) from None


def able_to_rotate(state: Standing) -> tuple[str, ...]:
    """Return the members who hold every current epoch of a group, those who are to leave last."""
    able = set.intersection(*(set(epoch.holders) for epoch in state.current)) if state.current else set()
    return tuple(sorted(able, key=lambda name: (name in state.leaving, name)))


def _candidate(session: Session, member: Member, via: tuple[str, ...], roots: Sequence[Root]) -> Candidate:
    """Say whether a holder has vouched for the recipients that a member has now.

    A vouch counts if its MAC is right under a root that the user opened and that nobody else knows by
    now: of a current epoch of the group or of one that the member comes through, or of an earlier one
    that no leaver holds. A leaver could vouch under an old root for keys of their own.
    """
    group = roots[0].at.group
    current = session.standing(group).current
    retired = {id for epoch in current for id in epoch.retired}
    older = [epoch for epoch in session.keyring.group(group).epochs if epoch.id not in retired]
    candidate = Candidate(Holder(member, via), "", fingerprints(member))
    if any(_vouches(session, epoch, member) for epoch in older) or _is_vouched_through(
        session, candidate.holder
    ):
        return candidate
    has_wrap = any(member.name in epoch.holders and session.roots.can_open(epoch.at) for epoch in older)
    return candidate.replace(why=OTHER_KEYS if has_wrap else NEW_KEYS)


def fingerprints(member: Member) -> tuple[tuple[str, str], ...]:
    """Return a member's recipients with their fingerprints."""
    return tuple((text, age.fingerprint(age.parse_recipient(text))) for text in member.recipients)


def carry_out(session: Session, plan: Plan) -> Mapping[str, bytes]:
    """Return the files of a plan that was agreed to, in the order to write them.

    The caller writes them, then brings files to the new epoch with `rekey`.
    """
    holders = [candidate.holder for candidate in plan.candidates]
    if not plan.starts_epoch:
        files: dict[str, bytes] = {}
        for holder in holders:
            files.update(wrap_files(plan.roots[0], holder))
        return files
    group = session.keyring.group(plan.group)
    parents = [(epoch, session.roots.open(epoch.at)) for epoch in group.current()]
    lineage = {epoch.id: epoch for parent, _root in parents for epoch in group.lineage(parent)}
    # After a removal all earlier epochs are retired: a leaver may have deleted a wrap of theirs, so that
    # the files do not tell any more what they hold.
    fresh = session.fresh_epochs(plan.group)
    doubtful = [parent.id for parent, _root in parents if parent.at not in fresh]
    root, files = new_epoch(
        random_bytes(32),
        session.policy.repository,
        plan.group,
        holders,
        parents=parents,
        lineage=lineage.values(),
        retire=lineage if plan.leaving else doubtful,
        postponed=plan.postponed,
        created=time_text(session.now_s),
    )
    session.roots.add(root)
    return files


def plan_revoke(
    session: Session, group_name: str, member_name: str, *, is_gone: bool = False
) -> dict[str, bytes]:
    """Return the tombstones that remove a member; a rotation has to follow.

    Anybody may write them, also without holding the group: the rotation is then pending.

    Args:
        is_gone: the member's wrap was deleted, so that no file says that they hold the group. The
            rotation that follows retires every earlier epoch.
    Raises:
        UsageError: the member is not in the group, or belongs to it through another one.
    """
    group = session.keyring.group(group_name)
    state = session.standing(group_name)
    holds = any(member_name in epoch.holders for epoch in state.current)
    if not holds and member_name not in state.joining and not is_gone:
        raise UsageError(
            f"{member_name} is not in group {group_name}",
            hints=[
                f"`sealring group show {group_name}` lists who is",
                f"if their wrap was deleted: `sealring revoke --wrap-gone {group_name} {member_name}`",
            ],
        )
    via = state.via.get(member_name) or state.joining.get(member_name)
    if via:
        raise UsageError(
            f"{member_name} belongs to group {group_name} through group {' and '.join(via)}",
            hints=[f"`sealring revoke {via[0]} {member_name}`"],
        )
    return removal_files(group, member_name, time_text(session.now_s), is_gone=is_gone and not holds)


def groups_with(session: Session, group_name: str) -> list[str]:
    """Return the groups that include a group, at any depth, nearest first."""
    found: list[str] = []
    queue = [group_name]
    while queue:
        inner = queue.pop(0)
        for other in session.keyring.group_names():
            if inner in session.keyring.group(other).includes and other not in found:
                found.append(other)
                queue.append(other)
    return found


def single_readers(session: Session) -> list[tuple[str, str]]:
    """Return (group, member) for each group that one lost laptop would close for ever."""
    found = []
    for name in session.keyring.group_names():
        members = session.standing(name).members
        if len(members) == 1:
            found.append((name, members[0]))
    return found


def errors_in(session: Session) -> list[SealringError]:
    """Return what is wrong with the files of members and groups, without keys."""
    found: list[SealringError] = []
    for name in session.keyring.member_names():
        try:
            fingerprints(session.keyring.member(name))
        except SealringError as error:
            found.append(error.at(f".sealring/members/{name}.yaml"))
    for name in session.keyring.group_names():
        try:
            session.standing(name)
        except SealringError as error:
            found.append(error)
    return found
