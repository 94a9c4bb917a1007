"""Rename files that hold tokens, and move single fields, without changing a value.

A token is bound to its file's name and its field path, so both need the key. Source: spec.md 7.4.
"""

from __future__ import annotations

from sealring.core.fields import address, move_field
from sealring.core.reading import examine, refuse
from sealring.core.rekey import move_file
from sealring.documents import format_of
from sealring.errors import ForeignToken, PlaintextFound, SealringError, StaleEpoch, UsageError, WrongGroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from sealring.core.session import Session


def renamed_text(session: Session, old: str, new: str, text: str) -> str:
    """Return the text of a renamed file with its tokens sealed for the new name.

    Tokens that are of the new name already are left, so that a move that was killed can be run again.

    Raises:
        UsageError: the formats differ, or the policy does not seal a value under the new name.
        NoIdentity, Tampered: a value does not open under the old name.
    """
    if format_of(old) != format_of(new):
        raise UsageError(
            f"{old} is {format_of(old)} and {new} is {format_of(new)}",
            notes=["a value is sealed with the quotes and layout of its format"],
            hints=["`sealring decrypt` the one, convert it, then `sealring encrypt` the other"],
        )
    sealed = examine(session, new, text, any_group=True)
    foreign = [error for error in sealed.problems.values() if isinstance(error, ForeignToken)]
    if not foreign:
        return text
    uncovered = [
        sealed.error(index, UsageError, f"is sealed, but no rule says to seal it in {new}")
        for index, field in enumerate(sealed.document.fields)
        if field.token and index not in sealed.rules
    ]
    if uncovered:
        before = examine(session, old, text, any_group=True)
        rule = next(iter(before.rules.values()), None)
        where = f"{rule.file}:{rule.line}" if rule is not None else ".sealring/policy.yaml"
        uncovered[0].hints = (f"add {new} to the `files` of the rule in {where} first",)
    refuse(list(uncovered), "nothing was moved")
    refuse_retired(session, old, text)
    return move_file(session, old, new, text).text


def refuse_retired(session: Session, name: str, text: str, places: Collection[str] | None = None) -> None:
    """Refuse to seal anew, in passing, what somebody who left can have made.

    Args:
        places: the fields that are concerned; None for all.
    Raises:
        StaleEpoch: a value is under an epoch that a leaver holds.
    """
    sealed = examine(session, name, text, any_group=True)
    found: list[SealringError] = []
    for index, token in sealed.tokens.items():
        if (places is None or sealed.document.fields[index].place in places) and session.is_retired(token.at):
            what = f"is under {token.at}, which somebody who left still holds"
            hint = "`sealring rotate` first, under the old name and policy, shows such values and asks"
            found.append(sealed.error(index, StaleEpoch, what, (hint,)))
    refuse(found, "nothing was written")


def moved_field(session: Session, name: str, text: str, old: str, new: str) -> str:
    """Return the text with a value moved to another field, in plain, to be sealed by `encrypt` next.

    Raises:
        PlaintextFound: the value is sealed, and would not be at the new place.
        WrongGroup: it would be sealed to another group there.
    """
    before = examine(session, name, text, any_group=True)
    result = move_field(session, name, text, old, new)
    where = address(old)
    token = next(
        (
            token
            for index, token in before.tokens.items()
            if where.names(before.document.fields[index].path, before.document.fields[index].indices)
        ),
        None,
    )
    if token is None:
        return result
    target = address(new)
    found = [f for f in session.parse(name, result).fields if target.names(f.path, f.indices)]
    rule = before.file_rules.resolve(found[0].path) if found else None
    error: SealringError | None = None
    if rule is None:
        error = PlaintextFound(f"{old} is sealed, but no rule says to seal {new}", file=name)
        error.hints = ("add the new field to the rule first",)
    elif rule.group != token.at.group:
        what = (
            f'{old} is sealed to group {token.at.group}, but rule "{rule.name}" seals {new} to {rule.group}'
        )
        error = WrongGroup(what, file=name)
        error.hints = (f"read it with `sealring get`, and set {new} by hand",)
    if error is not None:
        error.notes = ("nothing was written",)
        raise error
    return result
