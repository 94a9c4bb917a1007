"""Seal tokens anew without changing their values: after a rotation, a rename, or a change of policy.

Set time and origin stay: a value is not newer for having been rekeyed, and who could read it under its
first epoch could read it ever since. Source: spec.md 7.4.
"""

from __future__ import annotations

from sealring.core.reading import Sealed, examine, refuse, tampered
from sealring.core.sealing import prove
from sealring.errors import NoIdentity, SealringError, StaleEpoch, Tampered
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.core.session import Session
    from sealring.crypto.value import Place
    from sealring.model.token import EpochRef, Token


class Rekeyed(Record):
    """A text with tokens sealed anew: how many, what could not be, and what somebody must look at first.

    doubtful: fields whose token a leaver can have made: place, token.
    """

    text: str
    count: int
    left: tuple[SealringError, ...]
    doubtful: tuple[tuple[str, Token], ...] = ()


def rekey(
    session: Session,
    name: str,
    text: str,
    groups: frozenset[str],
    *,
    fresh: frozenset[EpochRef] = frozenset(),
    accept_retired: bool = False,
) -> Rekeyed:
    """Bring the stale tokens of some groups to their group's current epoch.

    A token that does not open is left as it is and reported; it opened for nobody before either. One
    under a retired epoch was sealed on a branch before the rotation, or forged by the leaver since: it
    waits until somebody has looked at it, unless it was current when this rotation began.

    Args:
        fresh: the epochs that this rotation replaces (`Session.fresh_epochs` before it).
        accept_retired: somebody has looked at the doubtful values.
    """
    doubtful: list[tuple[str, Token]] = []

    def renewed(index: int, token: Token) -> EpochRef | None:
        if token.at.group not in groups:
            return None
        current = session.sealing_epoch(token.at.group).at
        if token.at == current:
            return None
        if not accept_retired and token.at not in fresh and session.is_retired(token.at):
            doubtful.append((sealed.document.fields[index].place, token))
            return None
        return current

    sealed = examine(session, name, text, any_group=True)
    result = _reseal(session, sealed, renewed, session.file_id(name), takes_retired=True)
    return result.replace(doubtful=tuple(doubtful))


def regroup(session: Session, name: str, text: str) -> Rekeyed:
    """Move tokens to the groups that the policy now names for their fields.

    Raises:
        NoIdentity: a value cannot be opened, or not be sealed to its new group.
    """
    sealed = examine(session, name, text, any_group=True)

    def moved(index: int, token: Token) -> EpochRef | None:
        rule = sealed.rules.get(index)
        if rule is None or rule.group == token.at.group:
            return None
        return session.sealing_epoch(rule.group).at

    result = _reseal(session, sealed, moved, session.file_id(name))
    refuse(list(result.left), "nothing was written")
    return result


def misgrouped(session: Session, name: str, text: str) -> list[tuple[str, str, str]]:
    """Return (place, group of the token, group of the policy) for each field where they differ."""
    sealed = examine(session, name, text, any_group=True)
    return [
        (sealed.document.fields[index].place, token.at.group, sealed.rules[index].group)
        for index, token in sealed.tokens.items()
        if index in sealed.rules and sealed.rules[index].group != token.at.group
    ]


def move_file(session: Session, old_name: str, new_name: str, text: str) -> Rekeyed:
    """Seal the tokens of a renamed file for its new name.

    Raises:
        NoIdentity, Tampered: a value does not open under the old name: then nothing is moved.
    """
    new_id = session.file_id(new_name)
    before = examine(session, old_name, text, any_group=True)
    refuse([e for e in before.problems.values() if isinstance(e, Tampered)], "nothing was written")
    file_rules = session.policy.for_file(new_name)
    rules = {
        i: rule for i, field in enumerate(before.document.fields) if (rule := file_rules.resolve(field.path))
    }
    after = before.replace(name=new_name, rules=rules, file_rules=file_rules)
    result = _reseal(session, before, lambda _index, token: token.at, new_id, place_in=after)
    refuse(list(result.left), "nothing was written")
    return result


def _reseal(
    session: Session,
    sealed: Sealed,
    target: Callable[[int, Token], EpochRef | None],
    file_id: str,
    place_in: Sealed | None = None,
    *,
    takes_retired: bool = False,
) -> Rekeyed:
    new: dict[int, Token] = {}
    left: list[SealringError] = []
    for index, token in sealed.tokens.items():
        at = target(index, token)
        if at is None:
            continue
        if not takes_retired and session.is_retired(token.at):
            what = f"is under {token.at}, which somebody who left still holds"
            hint = "`sealring rotate` first, under the old name and policy, shows such values and asks"
            left.append(sealed.error(index, StaleEpoch, what, (hint,)))
            continue
        try:
            payload = session.cipher(token.at).open(token, sealed.place(index))
            place: Place = (place_in or sealed).place(index)
            if at == token.at and session.standing(at.group).current:
                at = _newest(session, at)
            new[index] = session.cipher(at).seal(
                payload, place, file_id=file_id, set_time=token.set_time, origin=token.origin
            )
        except NoIdentity as error:
            left.append(
                sealed.error(index, NoIdentity, f"stays as it is: {error.message}", tuple(error.hints))
            )
        except Tampered as error:
            left.append(tampered(sealed, index, error))
    if not new:
        return Rekeyed(sealed.document.text, 0, tuple(left))
    result = sealed.document.with_tokens({index: token.text() for index, token in new.items()})
    prove(session, sealed, result, new)
    return Rekeyed(result, len(new), tuple(left))


def _newest(session: Session, at: EpochRef) -> EpochRef:
    state = session.standing(at.group)
    return at if state.needs_rotation else state.current[0].at
