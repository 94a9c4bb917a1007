"""Say in words what a change means: who gains and loses what, which values changed, which rule narrowed."""

from __future__ import annotations

from sealring.audit.compare import (
    ADDED,
    CHANGED,
    MOVED,
    REGROUPED,
    REKEYED,
    REMOVED,
    SEALED,
    UNSEALED,
    Base,
    ValueChange,
)
from sealring.audit.words import counted, listed
from sealring.errors import SealringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View
    from sealring.model.members import Member
    from sealring.policy.rules import Policy, Rule

_SAID = {
    CHANGED: "changed",
    ADDED: "added",
    REMOVED: "deleted",
    MOVED: "moved without being sealed anew",
    SEALED: "sealed, and was plaintext",
    UNSEALED: "plaintext now",
}


def sentences(base: Base) -> list[str]:
    """Return what a change means, most important first, one sentence each, without a final stop."""
    return [
        *_readers(base.view, base.new),
        *_groups(base.view, base.new),
        *_members(base.view, base.new),
        *_policy(base),
        *_values(base.values),
    ]


def _readers(old: View, new: View) -> Iterator[str]:
    """Say who can open what they could not, and the other way round, counted in values."""
    counts: dict[str, int] = {}
    for _file, _field, token, _index in new.tokens():
        counts[token.at.group] = counts.get(token.at.group, 0) + 1
    before, after = _holders(old), _holders(new)
    gains: dict[str, list[str]] = {}
    losses: dict[str, list[str]] = {}
    for group in sorted({*before, *after}):
        for member in sorted(after.get(group, set()) - before.get(group, set())):
            gains.setdefault(member, []).append(group)
        for member in sorted(before.get(group, set()) - after.get(group, set())):
            losses.setdefault(member, []).append(group)
    for found, verb in ((gains, "gains"), (losses, "loses")):
        for member, groups in sorted(found.items()):
            count = sum(counts.get(group, 0) for group in groups)
            word = "group" if len(groups) == 1 else "groups"
            yield f"{member} {verb} {counted(count, 'value')} ({word} {', '.join(groups)})"


def _holders(view: View) -> dict[str, set[str]]:
    """Return who holds any current epoch of each group."""
    found = {}
    for name in view.session.keyring.group_names():
        state = view.state(name)
        if state is not None:
            found[name] = {holder for epoch in state.current for holder in epoch.holders}
    return found


def _groups(old: View, new: View) -> Iterator[str]:
    before, after = (set(view.session.keyring.group_names()) for view in (old, new))
    for name in sorted(after - before):
        yield f"group {name} is new"
    for name in sorted(before - after):
        yield f"group {name} is deleted"
    for name in sorted(before & after):
        was, now = old.state(name), new.state(name)
        if was is None or now is None:
            continue
        ids = [tuple(epoch.id for epoch in state.current) for state in (was, now)]
        if ids[0] != ids[1]:
            yield f"group {name} was rotated from {' and '.join(ids[0])} to {' and '.join(ids[1])}"
        for member in sorted(set(now.leaving) - set(was.leaving)):
            yield f"group {name}: {member} is to leave at the next rotation"
        for member in sorted(set(now.joining) - set(was.joining)):
            yield f"group {name}: {member} belongs to it, and waits for a holder"
        gained = set(new.session.keyring.group(name).includes) - set(old.session.keyring.group(name).includes)
        for included in sorted(gained):
            yield f"group {name} includes group {included} now"


def _members(old: View, new: View) -> Iterator[str]:
    """Say whose keys changed, with the groups in which they count at the next rotation."""
    from sealring.crypto.age import fingerprint, parse_recipient

    def shown(text: str) -> str:
        try:
            return fingerprint(parse_recipient(text))
        except SealringError:
            return "of an unknown kind"

    for name in sorted({*old.session.keyring.member_names(), *new.session.keyring.member_names()}):
        was, now = (_member(view, name) for view in (old, new))
        if now is None:
            if name not in new.session.keyring.member_names():
                yield f"member {name} is deleted"
            continue
        roles = [group for group, holders in _holders(new).items() if name in holders]
        where = "".join(f"group {group}: " for group in roles[:1]) if len(roles) == 1 else ""
        if len(roles) > 1:
            where = f"groups {', '.join(roles)}: "
        if was is None:
            yield f"member {name} is new: {', '.join(map(shown, now.recipients))}"
            continue
        for text in sorted(set(now.recipients) - set(was.recipients)):
            yield f"{where}{name}'s recipient {shown(text)} added"
        for text in sorted(set(was.recipients) - set(now.recipients)):
            yield f"{where}{name}'s recipient {shown(text)} deleted"


def _member(view: View, name: str) -> Member | None:
    try:
        return view.session.keyring.member(name) if name in view.session.keyring.member_names() else None
    except SealringError:
        return None


def _policy(base: Base) -> Iterator[str]:
    was, now = base.view.session.policy, base.new.session.policy
    if was.repository != now.repository:
        yield "the repository id changed: nothing that is sealed opens any more"
    by_rule: dict[tuple[str, str], list[str]] = {}
    for narrowed in base.narrowed:
        by_rule.setdefault((narrowed.rule.name, narrowed.file), []).append(narrowed.place)
    for (rule, file), places in by_rule.items():
        yield f'rule "{rule}" no longer covers {file}: {listed(places)}'
    yield from _rules(was, now)
    if was.limits != now.limits:
        yield "the limits of the policy changed"


def _rules(was: Policy, now: Policy) -> Iterator[str]:
    before, after = _by_name(was), _by_name(now)
    for name in after:
        if name not in before:
            yield f'rule "{name}" is new, for group {after[name].group}'
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            yield f'rule "{name}" is gone'
            continue
        if old.group != new.group:
            yield f'rule "{name}" seals to group {new.group} instead of {old.group}'
        if old.max_age_days != new.max_age_days:
            ages = f"{_days(new.max_age_days)} instead of {_days(old.max_age_days)}"
            yield f'rule "{name}": `max_age` is {ages}'
        for key, one, other in (("require", old.require, new.require), ("bind", old.bind, new.bind)):
            lost = [pattern.source for pattern in one if pattern not in other]
            if lost:
                yield f'rule "{name}": `{key}` lost {listed(lost)}'


def _days(days: int | None) -> str:
    return "not set" if days is None else counted(days, "day")


def _by_name(policy: Policy) -> dict[str, Rule]:
    """Return rules by name; names need not be unique, so later ones are numbered."""
    found: dict[str, Rule] = {}
    for rule in policy.rules:
        name, count = rule.name, 2
        while name in found:
            name, count = f"{rule.name} ({count})", count + 1
        found[name] = rule
    return found


def _values(changes: list[ValueChange]) -> Iterator[str]:
    by_file: dict[str, list[ValueChange]] = {}
    for change in changes:
        by_file.setdefault(change.file, []).append(change)
    for file, found in sorted(by_file.items()):
        for how, said in _SAID.items():
            places = [change.place or "the value" for change in found if change.how == how]
            if places:
                yield f"{file}: {listed(places)} {said}"
        regrouped = sorted({(c.old, c.new) for c in found if c.how == REGROUPED})
        for old, new in regrouped:
            places = [c.place for c in found if c.how == REGROUPED and (c.old, c.new) == (old, new)]
            yield f"{file}: {listed(places)} moved from group {old} to {new}"
        rekeyed = sum(change.how == REKEYED for change in found)
        if rekeyed:
            yield f"{file}: {rekeyed} only rekeyed"
        back = [change.place or "the value" for change in found if change.went_back]
        if back:
            yield f"{file}: set time of {listed(back)} went backwards"
