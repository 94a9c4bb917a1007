"""Seal what the policy says to seal, keep every token whose value did not change, and prove the result.

The result is parsed again, restored in memory and compared with the input, byte by byte and event by
event, before anything is written: an unknown construct becomes a refusal, never a damaged file.

Source: spec.md 7.1, 7.3.
"""

from __future__ import annotations

from sealring.core.reading import UNUSABLE, Sealed, examine, field_error, refuse, tampered
from sealring.core.reuse import Matches, Value, match
from sealring.errors import (
    DepositFound,
    DocumentRefused,
    NoIdentity,
    PlaintextFound,
    PolicyError,
    SealringError,
    StaleEpoch,
    Tampered,
    WrongGroup,
)
from sealring.model.record import Record
from sealring.model.token import EpochRef, Token, later_than

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealring.core.session import Session
    from sealring.crypto.value import Place
    from sealring.documents.base import Document
    from sealring.model.field_path import FieldPath
    from sealring.model.members import Epoch
    from sealring.policy.rules import Rule


class Encrypted(Record):
    """The sealed text, with how many values were newly sealed, kept and not touched for want of a key."""

    text: str
    sealed: int
    kept: int
    warnings: tuple[SealringError, ...]


class _Previous(Record):
    """The previous document, opened as far as the identities go."""

    sealed: Sealed
    values: tuple[Value, ...]
    text: str
    paths: Mapping[FieldPath, str]
    """Where a token stood, sealed or opened: the group that it was sealed to."""

    def __repr__(self) -> str:
        return f"_Previous({self.sealed.name!r})"


def encrypt(
    session: Session, name: str, text: str, previous: str | None = None, *, rebind: bool = False
) -> Encrypted:
    """Seal the plaintext values of a file that the policy covers.

    Tokens that the file holds already stay as they are, after they were found to be right here. A value
    that did not change keeps the token of the previous document.

    Args:
        name: repository-relative; the token's place.
        previous: the sealed text that the new one follows: the file before an edit, or git's version.
        rebind: seal again the tokens whose bound neighbours were changed since `previous`.
    Raises:
        DocumentRefused: it could not be restored byte for byte.
        PlaintextFound: an alias, a merge key, a doubled key or an empty collection where a value is sealed.
        Tampered: a token that the file holds does not belong there.
        NoIdentity, Pending: the group cannot be sealed to now.
    """
    sealed = examine(session, name, text, any_group=True)
    document = sealed.document
    to_seal = [
        index
        for index in sealed.rules
        if document.fields[index].kind == "scalar" and not document.fields[index].token
    ]
    sealed = _with_sealed_paths(session, sealed, to_seal)
    planned = frozenset(to_seal)
    problems = [error for index, error in sealed.problems.items() if index not in planned]
    deposits = [error for error in problems if isinstance(error, DepositFound)]
    doubled = [error for error in sealed.general if isinstance(error, PlaintextFound)]
    refuse([*(error for error in problems if error not in deposits), *doubled], "nothing was written")
    warnings = [*deposits, *(error for error in sealed.general if error not in doubled)]
    prior = _previous(session, name, previous) if previous is not None and previous != text else None
    _stays_sealed(sealed, prior)
    opened, resealed = _check_tokens(session, sealed, prior, rebind=rebind)
    epochs = {
        group: session.sealing_epoch(group) for group in sorted({sealed.rules[i].group for i in to_seal})
    }
    tokens = {**resealed, **_seal_values(session, sealed, to_seal, opened, prior, epochs)}
    if not tokens:
        return Encrypted(text, 0, len(sealed.tokens), tuple(warnings))
    result = document.with_tokens({index: token.text() for index, token in tokens.items()})
    prove(session, sealed, result, tokens)
    old_texts = {f.token for f in prior.sealed.document.fields} if prior else set()
    fresh = sum(token.text() not in old_texts for token in tokens.values())
    return Encrypted(result, fresh, len(tokens) - fresh + len(sealed.tokens), tuple(warnings))


def _with_sealed_paths(session: Session, sealed: Sealed, to_seal: list[int]) -> Sealed:
    """Give fields the paths that they will have once sealed.

    A scalar that labels its list element or its document (`name`, `metadata.name`) labels no more when it
    is sealed itself, as nobody could read it without the key.

    Raises:
        PolicyError: a rule names fields by a label that is sealed too.
    """
    document, name = sealed.document, sealed.name
    if not any(_is_label(document.fields[index].path.parts) for index in to_seal):
        return sealed
    stand_in = Token(EpochRef("x", "1.aaaaa"), "a" * 16, "-", EpochRef("x", "1.aaaaa"), b"").text()
    again = session.parse(name, document.with_tokens(dict.fromkeys(to_seal, stand_in)))
    if len(again.fields) != len(document.fields):
        raise _unprovable(
            name, document, to_seal[0], "or another field would change the structure once sealed"
        )
    document.fields = tuple(
        field.replace(path=sealed_field.path, indices=sealed_field.indices)
        for field, sealed_field in zip(document.fields, again.fields, strict=True)
    )
    for index, field in enumerate(document.fields):
        before, after = sealed.rules.get(index), sealed.file_rules.resolve(field.path)
        if before is not after:
            raise field_error(
                name,
                document,
                field,
                PolicyError,
                "is named in the policy by a label that the policy seals too",
                ("except the label (name, id, key, kind, metadata.name) in the rule",),
            )
    return sealed


def _is_label(parts: tuple[tuple[str, ...], ...]) -> bool:
    if (
        parts
        and parts[0][0] == "d"
        and (len(parts) == 2 or (len(parts) == 3 and parts[1] == ("k", "metadata")))
    ):
        return parts[-1][-1] in ("kind", "name", "namespace")
    return len(parts) > 1 and len(parts[-2]) == 3 and parts[-2][0] == "i" and parts[-1] == ("k", parts[-2][1])


def _previous(session: Session, name: str, text: str) -> _Previous | None:
    """Open the previous document; one that cannot be read is no help, and no obstacle."""
    try:
        sealed = examine(session, name, text, any_group=True)
    except SealringError:
        return None
    payloads = {}
    for index, token in sealed.tokens.items():
        try:
            payloads[index] = session.cipher(token.at).open(token, sealed.place(index))
        except (NoIdentity, Tampered):
            continue
    document = sealed.document
    groups = {index: token.at.group for index, token in sealed.tokens.items()}
    plain = document.with_payloads(payloads)
    restored = session.parse(name, plain)
    paths = {document.fields[index].path: group for index, group in groups.items()}
    if len(restored.fields) != len(document.fields):
        return _Previous(sealed, (), plain, paths)
    paths.update((restored.fields[index].path, group) for index, group in groups.items())
    return _Previous(sealed, _listed(restored, payloads, document, groups), plain, paths)


def _listed(
    restored: Document, payloads: Mapping[int, bytes], document: Document, groups: Mapping[int, str]
) -> tuple[Value, ...]:
    """Make values, counting lines once from front to back."""
    found, line, at = [], 1, 0
    for index in sorted(payloads):
        field = restored.fields[index]
        line += restored.text.count("\n", at, field.start)
        at = field.start
        style = "plain:" if restored.is_plain(field) else "quoted:"
        content = style + restored.content(field)
        found.append(
            Value(index, line, document.fields[index].path, payloads[index], content, groups.get(index, ""))
        )
    return tuple(found)


def _check_tokens(
    session: Session, sealed: Sealed, prior: _Previous | None, *, rebind: bool
) -> tuple[dict[int, bytes], dict[int, Token]]:
    """Open the tokens that the file holds already, so that a wrong one is noticed before it is committed.

    Returns:
        payloads by position, and the tokens to put in place of those that were bound anew.
    """
    opened: dict[int, bytes] = {}
    resealed: dict[int, Token] = {}
    errors: list[SealringError] = []
    for index, token in sealed.tokens.items():
        try:
            opened[index] = session.cipher(token.at).open(token, sealed.place(index))
        except NoIdentity:
            if _stands_elsewhere(sealed, index, prior):
                what = "stands elsewhere now, or beside another bound neighbour, and is closed to you"
                errors.append(
                    sealed.error(index, NoIdentity, what, ("leave its path and neighbours as they were",))
                )
        except Tampered as error:
            payload = _as_bound_before(session, sealed, index, token, prior) if rebind else None
            if payload is None:
                errors.append(tampered(sealed, index, error))
                continue
            if session.is_retired(token.at):  # a leaver can have made it: not laundered in passing
                what = f"is under {token.at}, which somebody who left still holds, and cannot be bound anew"
                errors.append(sealed.error(index, StaleEpoch, what, ("`sealring rotate` first",)))
                continue
            opened[index] = payload
            cipher = session.cipher(EpochRef(token.at.group, session.sealing_epoch(token.at.group).id))
            resealed[index] = cipher.seal(
                payload,
                sealed.place(index),
                file_id=token.file_id,
                set_time=token.set_time,
                origin=token.origin,
            )
    refuse(errors, "nothing was written")
    return opened, resealed


def _stands_elsewhere(sealed: Sealed, index: int, prior: _Previous | None) -> bool:
    """Tell whether a token that cannot be opened was moved since the previous document had it."""
    if prior is None:
        return False
    text, place = sealed.document.fields[index].token, sealed.place(index)
    fields = prior.sealed.document.fields
    before = [prior.sealed.place(i) for i in prior.sealed.tokens if fields[i].token == text]
    return bool(before) and place not in before


def _as_bound_before(
    session: Session, sealed: Sealed, index: int, token: Token, prior: _Previous | None
) -> bytes | None:
    """Open a token with the neighbours that the previous document has, if it stood there."""
    if prior is None:
        return None
    text, here = sealed.document.fields[index].token, sealed.place(index)
    for old_index, field in enumerate(prior.sealed.document.fields):
        if field.token == text and old_index in prior.sealed.tokens:
            before = prior.sealed.place(old_index)
            if before.replace(bound=here.bound) != here:  # moved, too: not for a neighbour's sake
                continue
            try:
                return session.cipher(token.at).open(token, before)
            except Tampered:
                continue
    return None


def _seal_values(
    session: Session,
    sealed: Sealed,
    to_seal: list[int],
    opened: Mapping[int, bytes],
    prior: _Previous | None,
    epochs: Mapping[str, Epoch],
) -> dict[int, Token]:
    """Make or reuse the token of each plaintext value."""
    document = sealed.document
    payloads = {index: document.payload(document.fields[index]) for index in to_seal}
    matches, old_times = _match(session, sealed, payloads, opened, prior)
    used = {*matches.kept.values(), *matches.same.values()}
    own_id = session.file_id(sealed.name)
    tokens: dict[int, Token] = {}
    for index, payload in payloads.items():
        rule, place = sealed.rules[index], sealed.place(index)
        _can_be_bound(sealed, index, place)
        current = epochs[rule.group].at
        old_index = matches.kept.get(index, matches.same.get(index))
        old = prior.sealed.tokens[old_index] if prior is not None and old_index is not None else None
        if old is None:
            old = _old_at_path(prior, document.fields[index].path, used)
            _same_group(sealed, index, rule, old)
            time = later_than(old_times.get(document.fields[index].path, ""), session.now_s)
            tokens[index] = session.cipher(current).seal(payload, place, file_id=own_id, set_time=time)
            continue
        _same_group(sealed, index, rule, old)
        same_place = prior is not None and old_index is not None and prior.sealed.place(old_index) == place
        # A token that a leaver can have made is not laundered in passing: it stays what it is.
        is_retired = old.at != current and session.is_retired(old.at)
        if index in matches.kept and same_place and (old.at == current or is_retired):
            tokens[index] = old
        elif is_retired:
            what = f"is under {old.at}, which somebody who left still holds, and cannot be moved"
            raise sealed.error(
                index, StaleEpoch, what, ("`sealring rotate`, after a look at it, seals it anew",)
            )
        else:
            tokens[index] = session.cipher(current).seal(
                payload, place, file_id=own_id, set_time=old.set_time, origin=old.origin
            )
    return tokens


def _can_be_bound(sealed: Sealed, index: int, place: Place) -> None:
    """Refuse to seal a value to a neighbour that could be changed without notice.

    Raises:
        PolicyError: names the neighbour.
    """
    for address, content in place.bound:
        if content == UNUSABLE:
            what = f"cannot be bound to {address}: not one plain value without a tag stands at just this path"
            hints = ("name it exactly, lists too, as servers[name=a].host; or take it out of `bind`",)
            raise sealed.error(index, PolicyError, what, hints)


def _match(
    session: Session,
    sealed: Sealed,
    payloads: Mapping[int, bytes],
    opened: Mapping[int, bytes],
    prior: _Previous | None,
) -> tuple[Matches, dict[object, str]]:
    """Pair the plaintext values with the previous document's; and the newest time at each old path."""
    if prior is None or not payloads:
        return Matches({}, {}), {}
    standing = {sealed.document.fields[index].token for index in opened}
    fields = prior.sealed.document.fields
    free = [value for value in prior.values if fields[value.index].token not in standing]
    both = {**opened, **payloads}
    plain = sealed.document.with_payloads(opened) if opened else sealed.document.text
    restored = session.parse(sealed.name, plain)
    groups = {index: sealed.rules[index].group for index in payloads}
    new = [value for value in _listed(restored, both, sealed.document, groups) if value.index in payloads]
    times: dict[object, str] = {}
    for value in prior.values:  # those that opened: a time that somebody edited must not count
        token, path = prior.sealed.tokens[value.index], value.path
        if token.set_time != "-" and token.set_time > times.get(path, ""):
            times[path] = token.set_time
    return match(free, new, prior.text, plain), times


def _old_at_path(prior: _Previous | None, path: object, used: set[int]) -> Token | None:
    """Return a token of the previous document at the same path that no other value has kept."""
    if prior is None:
        return None
    for index, token in prior.sealed.tokens.items():
        if prior.sealed.document.fields[index].path == path and index not in used:
            return token
    return None


def _same_group(sealed: Sealed, index: int, rule: Rule, old: Token | None) -> None:
    """Refuse to move a value to another group in passing: who edits the policy gains nothing by it.

    Raises:
        WrongGroup: the policy now says another group than the value has been sealed to.
    """
    if old is not None and old.at.group != rule.group:
        error = sealed.error(
            index,
            WrongGroup,
            f'has been sealed to group {old.at.group}, but rule "{rule.name}" now says {rule.group}',
            (f"if the policy was meant to change: restore the file, then `sealring regroup {sealed.name}`",),
        )
        error.notes = ("nothing was written",)
        raise error


def _stays_sealed(sealed: Sealed, prior: _Previous | None) -> None:
    """Refuse to leave a value plain that was sealed before: who takes a rule away gains nothing by it.

    Raises:
        WrongGroup: no rule covers a field any more that held a token, and it holds plaintext now.
    """
    if prior is None:
        return
    for index, field in enumerate(sealed.document.fields):
        is_plain = field.kind == "scalar" and not field.token and index not in sealed.rules
        if is_plain and field.path in prior.paths:
            error = sealed.error(
                index,
                WrongGroup,
                f"has been sealed to group {prior.paths[field.path]}, but no rule seals it any more",
                (
                    "put the rule back in .sealring/policy.yaml",
                    f"if it is no secret: `sealring unset {sealed.name} FIELD`, then set it in plain",
                ),
            )
            error.notes = ("it would be written in plaintext; nothing was written",)
            raise error


def prove(session: Session, sealed: Sealed, result: str, tokens: Mapping[int, Token]) -> None:
    """Check that a sealed text parses, differs only in its sealed scalars, and restores to the input.

    Raises:
        DocumentRefused: it does not; names the first field that differs.
    """
    document, name = sealed.document, sealed.name
    notes = ["nothing was written"]
    limit = session.policy.limits.plaintext_chars
    if len(document.text) > limit:
        raise DocumentRefused(f"the file has more than {limit:,} characters", file=name, notes=notes)
    try:
        again = session.parse(name, result)
    except SealringError as error:
        what = f"it would not parse once sealed ({error.message}), so it could not be restored"
        raise DocumentRefused(what, file=name, notes=notes) from None
    changed = frozenset(tokens)
    first = next(iter(sorted(changed)))
    for index, (old, new) in enumerate(zip(document.fields, again.fields, strict=False)):
        wanted = tokens[index].text() if index in changed else old.token
        if (new.path, new.indices, new.kind, new.token) != (old.path, old.indices, old.kind, wanted):
            raise _unprovable(name, document, index, "would stand elsewhere or read otherwise once sealed")
    if len(document.fields) != len(again.fields):
        raise _unprovable(name, document, first, "would change the structure once sealed")
    if document.outline(changed) != again.outline(changed):
        raise _unprovable(name, document, first, "or another field would change its neighbours once sealed")
    payloads = {index: document.payload(document.fields[index]) for index in changed}
    if again.with_payloads(payloads) != document.text:
        raise _unprovable(name, document, first, "or another field could not be restored byte for byte")


def _unprovable(name: str, document: Document, index: int, what: str) -> SealringError:
    field = document.fields[index]
    return DocumentRefused(
        f"{field.place or 'the value'} {what}",
        file=name,
        line=document.line_of(field.start),
        notes=["nothing was written"],
        hints=["write the value in a simpler way, or except it in the policy"],
    )
