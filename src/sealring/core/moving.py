"""Rename files that hold tokens, and move single fields, without changing a value.

A token is bound to its file's name and its field path, so both need the key. Source: spec.md 7.4.
"""

from __future__ import annotations

from sealring.core.fields import address, move_field
from sealring.core.reading import examine, refuse
from sealring.core.rekey import move_file
from sealring.documents import format_of
from sealring.errors import ForeignToken, PlaintextFound, SealringError, UsageError, WrongGroup

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    return move_file(session, old, new, text).text


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
