"""Do what groups wait for: new epochs, wraps to members who join, and values under old epochs.

A rotation writes the epoch first (`epoch.yaml` last of all), then brings files to it one by one, each
whole. Killed in between, the next rotation goes on where this one ended. Source: spec.md 6.5, 7.4.
"""

from __future__ import annotations

from sealring.core.groups import able_to_rotate, carry_out, groups_with, plan_pending, plan_rotation
from sealring.core.journal import Journal, digest
from sealring.core.rekey import rekey
from sealring.core.session import pending_text
from sealring.core.texts import bytes_of, text_of
from sealring.errors import NoIdentity, SealringError, UnvouchedRecipient, UsageError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sealring.core.groups import Candidate, Plan
    from sealring.core.session import Session
    from sealring.model.token import EpochRef, Token

    Approved = frozenset[tuple[str, tuple[str, ...]]]
    Progress = Callable[[Sequence[str]], Iterable[str]]

# Marks a file as worth parsing: every token that was written by us begins so, in every format.
MARK = b"ENC[sr"


class Outstanding(Record):
    """What one group waits for: in words, who can do it, and by which command."""

    group: str
    what: str
    able: tuple[str, ...]
    command: str


class Doubtful(Record):
    """A value that a leaver can have made: somebody must look at it before it is sealed anew."""

    file: str
    place: str
    token: Token


class Outcome(Record):
    """What was done: epochs started, members wrapped to, values sealed anew in files; and what was not.

    left_out: (group, member, reason). wrapped, postponed: (group, member), postponed with the reason.
    files: how many values were sealed anew in each. failures: values and files that stay as they were.
    """

    epochs: tuple[EpochRef, ...] = ()
    left_out: tuple[tuple[str, str, str], ...] = ()
    wrapped: tuple[tuple[str, str], ...] = ()
    postponed: tuple[tuple[str, str, SealringError], ...] = ()
    files: tuple[tuple[str, int], ...] = ()
    failures: tuple[SealringError, ...] = ()
    doubtful: tuple[Doubtful, ...] = ()

    @property
    def values(self) -> int:
        """How many values were sealed anew."""
        return sum(count for _name, count in self.files)

    def joined(self, other: Outcome) -> Outcome:
        """Return both, one after the other; what was doubtful is what the later one says."""
        sums = {part: getattr(self, part) + getattr(other, part) for part in self._parts}
        counts: dict[str, int] = {}
        for name, count in sums["files"]:
            counts[name] = counts.get(name, 0) + count
        return Outcome(**{**sums, "files": tuple(counts.items()), "doubtful": other.doubtful})


def outstanding(session: Session, groups: Iterable[str] | None = None) -> list[Outstanding]:
    """Return what groups wait for, by public files alone; all groups, if none is named."""
    found = []
    for name in session.keyring.group_names() if groups is None else groups:
        state = session.standing(name)
        if not state.is_settled:
            able = able_to_rotate(state)
            found.append(Outstanding(name, pending_text(state), able, f"sealring rotate {name}"))
    return found


def plan_work(session: Session, groups: Sequence[str] | None = None) -> tuple[Plan, ...]:
    """Plan everything that groups wait for and that the user can do.

    Args:
        groups: those to look at; None for all.
    """
    plans = []
    for name in session.keyring.group_names() if groups is None else groups:
        state = session.standing(name)
        if state.is_settled:
            continue
        try:
            needs_rotation = state.needs_rotation
            plans.append(plan_rotation(session, name) if needs_rotation else plan_pending(session, name))
        except (NoIdentity, UsageError):
            continue  # it stays outstanding: for others, or until somebody is left to hold it
    return tuple(plans)


def plan_rotations(session: Session, groups: Sequence[str]) -> tuple[Plan, ...]:
    """Plan a new epoch for each of some groups.

    Raises:
        NoIdentity: the user does not hold one of them; says who does.
    """
    return tuple(plan_rotation(session, name) for name in dict.fromkeys(groups))


def touched_by_removal(session: Session, group: str) -> list[str]:
    """Return a group, and those that include it, of those that wait for something."""
    return [name for name in (group, *groups_with(session, group)) if not session.standing(name).is_settled]


def key_of(candidate: Candidate) -> tuple[str, tuple[str, ...]]:
    """Return what is approved when somebody has looked at a candidate: the name with just these keys."""
    return candidate.name, candidate.holder.member.recipients


def unvouched(plans: Iterable[Plan]) -> list[Candidate]:
    """Return the members whose keys somebody must look at, each once."""
    return list({key_of(each): each for plan in plans for each in plan.unvouched()}.values())


def refuse_unvouched(plans: Iterable[Plan], approved: Approved) -> None:
    """Refuse to wrap to keys that nobody has vouched for or approved.

    Raises:
        UnvouchedRecipient: names the first such member, with fingerprints.
    """
    left = [candidate for candidate in unvouched(plans) if key_of(candidate) not in approved]
    if left:
        raise unvouched_error(left)


def unvouched_error(candidates: Sequence[Candidate]) -> UnvouchedRecipient:
    """Return the error for keys that somebody must compare before anything is wrapped to them."""
    notes = [
        f"{each.name} {each.why}: {fingerprint} ({recipient[:24]}...)"
        for each in candidates
        for recipient, fingerprint in each.fingerprints
    ]
    names = list(dict.fromkeys(candidate.name for candidate in candidates))
    trust = " ".join(f"--trust {name}" for name in names)
    return UnvouchedRecipient(
        f"nobody has vouched for the keys of {' and '.join(names)}",
        file=f".sealring/members/{names[0]}.yaml",
        notes=[*notes, "nothing was wrapped to them"],
        hints=[
            f"compare the fingerprints with {names[0]}, then run it in a terminal or with `{trust}`",
            f"`git log -p -- .sealring/members/{names[0]}.yaml` shows who put the keys there",
        ],
    )


def rotate(
    session: Session,
    groups: Sequence[str] | None,
    names: Sequence[str],
    *,
    pending_only: bool = False,
    approved: Approved = frozenset(),
    progress: Progress = iter,
) -> Outcome:
    """Rotate groups, wrap to members who wait for it, and bring values to the new epochs.

    Args:
        groups: those to rotate; None does all that is pending and that the user can do.
        names: the files that can hold values.
        pending_only: of the groups that are named, too, only what they wait for.
        approved: members with keys that somebody has looked at.
        progress: yields the names, and shows how far it has come.
    Raises:
        UnvouchedRecipient: keys that nobody has vouched for; nothing was written.
        NoIdentity: the user does not hold a group that was named.
    """
    with session.lock():
        session.forget()
        resumed = _resume(session)
        if groups is None or pending_only:
            plans = plan_work(session, groups)
        else:
            plans = plan_rotations(session, groups)
        refuse_unvouched(plans, approved)
        rekeyed = _groups_to_rekey(session, groups, plans)
        started = [plan for plan in plans if plan.starts_epoch]
        fresh = frozenset(at for plan in started for at in session.fresh_epochs(plan.group))
        files = [carry_out(session, plan) for plan in plans]
        if started:
            groups_started = [plan.group for plan in started]
            Journal.start(session, groups_started, files, fresh, _digests(session, names))
        for each in files:
            session.write_control(each)
        done = _report(session, plans)
        outcome = rekey_files(session, names, rekeyed, fresh=lambda _name, _data: fresh, progress=progress)
        Journal.end(session)
    return resumed.joined(done).joined(outcome)


def rekey_files(
    session: Session,
    names: Sequence[str],
    groups: Iterable[str],
    *,
    fresh: Callable[[str, bytes], frozenset[EpochRef]] = lambda _name, _data: frozenset(),
    accepted: frozenset[Token] = frozenset(),
    progress: Progress = iter,
) -> Outcome:
    """Bring the values of groups in files to the current epochs; one bad file does not stop the others.

    Args:
        fresh: the epochs whose values in a file are taken over without a look at them.
        accepted: doubtful values that somebody has looked at; a file with others beside them waits.
    """
    wanted = frozenset(groups)
    counts: list[tuple[str, int]] = []
    failures: list[SealringError] = []
    doubtful: list[Doubtful] = []
    for name in progress(names) if wanted else ():
        try:
            data = session.read(name)
            if MARK not in data:
                continue
            text = text_of(name, data)
            result = rekey(session, name, text, wanted, fresh=fresh(name, data))
            if result.doubtful and accepted.issuperset(token for _place, token in result.doubtful):
                result = rekey(session, name, text, wanted, accept_retired=True)
            if result.count:
                session.write(name, bytes_of(name, result.text), expected=data)
                counts.append((name, result.count))
        except SealringError as error:
            failures.append(error.at(name))
            continue
        failures += result.left
        doubtful += [Doubtful(name, place, token) for place, token in result.doubtful]
    return Outcome(files=tuple(counts), failures=tuple(failures), doubtful=tuple(doubtful))


def accept_doubtful(session: Session, doubtful: Sequence[Doubtful], progress: Progress = iter) -> Outcome:
    """Seal values anew that somebody has looked at; a file that has other doubtful ones by now waits."""
    with session.lock():
        session.forget()
        names = list(dict.fromkeys(each.file for each in doubtful))
        groups = {each.token.at.group for each in doubtful}
        seen = frozenset(each.token for each in doubtful)
        return rekey_files(session, names, groups, accepted=seen, progress=progress)


def wrap_planned(session: Session, plans: Sequence[Plan], approved: Approved = frozenset()) -> Outcome:
    """Wrap existing epochs as planned: only files below `.sealring` are written.

    Raises:
        UnvouchedRecipient: keys that nobody has vouched for or approved.
    """
    refuse_unvouched(plans, approved)
    with session.lock():
        files = [carry_out(session, plan) for plan in plans]
        for each in files:
            session.write_control(each)
    return _report(session, plans)


def _groups_to_rekey(session: Session, groups: Sequence[str] | None, plans: Sequence[Plan]) -> frozenset[str]:
    """Return the groups whose old values can be brought to a current epoch: settled or planned, and held."""
    planned = {plan.group for plan in plans}
    held = set()
    for name in session.keyring.group_names() if groups is None else groups:
        state = session.standing(name)
        if name in planned or (not state.needs_rotation and _opens_all(session, name)):
            held.add(name)
    return frozenset(held)


def _opens_all(session: Session, group: str) -> bool:
    current = session.standing(group).current
    return bool(current) and all(session.roots.can_open(epoch.at) for epoch in current)


def _report(session: Session, plans: Sequence[Plan]) -> Outcome:
    started = [plan for plan in plans if plan.starts_epoch]
    return Outcome(
        epochs=tuple(session.standing(plan.group).current[0].at for plan in started),
        left_out=tuple((plan.group, name, why) for plan in started for name, why in plan.leaving.items()),
        wrapped=tuple(
            (plan.group, each.name) for plan in plans if not plan.starts_epoch for each in plan.candidates
        ),
        postponed=tuple(
            (plan.group, name, error) for plan in plans for name, error in plan.postponed.items()
        ),
    )


def _resume(session: Session) -> Outcome:
    """Finish a rotation that was killed, for the files that are still as they were when it began."""
    journal = Journal.read(session)
    if journal is None:
        return Outcome()
    held: Mapping[str, str] = journal.files

    def fresh(name: str, data: bytes) -> frozenset[EpochRef]:
        return journal.fresh if held.get(name) == digest(data) else frozenset()

    settled = [group for group in journal.groups if not session.standing(group).needs_rotation]
    outcome = rekey_files(session, list(held), settled, fresh=fresh)
    Journal.end(session)
    # What failed here fails again in the rotation that follows, and is reported there.
    return outcome.replace(failures=(), doubtful=())


def _digests(session: Session, names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = digest(session.read(name))
        except SealringError:
            continue  # it is reported when its values should be sealed anew
    return found
