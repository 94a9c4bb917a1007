"""Read one document strictly: hold every place that the policy seals to exactly one token, and open it.

Nothing is returned until every value has been opened: output is all or nothing.
Numbered comments are the steps of spec.md 7.2.
"""

from __future__ import annotations

from sealring.crypto.value import Place
from sealring.documents import parse
from sealring.errors import (
    DepositFound,
    FieldMissing,
    ForeignToken,
    IdentityRefused,
    NoIdentity,
    PlaintextFound,
    SealringError,
    StaleEpoch,
    Tampered,
    WrongGroup,
)
from sealring.model.field_path import LABELS
from sealring.model.record import Record
from sealring.model.token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Set

    from sealring.core.session import Session
    from sealring.documents.base import Document, Field
    from sealring.model.field_path import FieldPattern, Part
    from sealring.policy.rules import FileRules, Rule

UNUSABLE = "unusable"


class Sealed(Record):
    """A file's document with the rules that apply to it and the tokens found in it, nothing opened yet.

    tokens and problems: by position in `document.fields`; a field with a problem has no token.
    rules: by position, for the fields that the policy seals.
    general: problems of no single field.
    neighbours: what rules bind, once it was asked for: the same for all fields of a rule.
    """

    name: str
    document: Document
    file_rules: FileRules
    rules: Mapping[int, Rule]
    tokens: Mapping[int, Token]
    problems: Mapping[int, SealringError]
    general: tuple[SealringError, ...]
    neighbours: dict[tuple[int, int], tuple[tuple[str, str], ...]]

    def place(self, index: int) -> Place:
        """Return what a value at a field is bound to."""
        field = self.document.fields[index]
        rule = self.rules.get(index)
        if rule is None or not rule.bind:
            return Place(field.path, field.tag, field.anchor)
        key = (id(rule), id(self.rules))
        if key not in self.neighbours:
            self.neighbours[key] = bound_neighbours(self.document, rule, self.rules)
        return Place(field.path, field.tag, field.anchor, self.neighbours[key])

    def error(
        self, index: int, kind: type[SealringError], what: str, hints: tuple[str, ...] = ()
    ) -> SealringError:
        """Return an error that names a field, its file and its line."""
        return field_error(self.name, self.document, self.document.fields[index], kind, what, hints)


class Opened(Record):
    """A document whose tokens were opened: payloads by position; closed: fields of groups one is not in."""

    sealed: Sealed
    payloads: Mapping[int, bytes]
    closed: Mapping[int, NoIdentity]

    def __repr__(self) -> str:
        return f"Opened({self.sealed.name!r}, {len(self.payloads)} values)"

    def text(self) -> str:
        """Return the plaintext; fields that are closed keep their tokens."""
        return self.plain().text

    def plain(self) -> Document:
        """Return the plaintext as a document, whose fields are those of the sealed one.

        What a value says must not reach beyond it: a member of one group could else seal a slice that
        adds a line, and so a value of another group.

        Raises:
            Tampered: the structure would be another one once the values stand in it.
        """
        document = self.sealed.document
        if not self.payloads:
            return document
        changed = frozenset(self.payloads)
        try:
            text = document.with_payloads(self.payloads)
            plain = parse(text, document.format, document.limits)
        except SealringError as error:
            raise error.at(self.sealed.name) from None
        same_fields = len(plain.fields) == len(document.fields)
        if not same_fields or plain.outline(changed) != document.outline(changed):
            raise Tampered(
                "a sealed value would change the structure around it",
                file=self.sealed.name,
                notes=["a member of its group made it so; no output was written"],
                hints=[f"find the change with `git log -p -- {self.sealed.name}`"],
            )
        return plain


def field_error(
    name: str,
    document: Document,
    field: Field,
    kind: type[SealringError],
    what: str,
    hints: tuple[str, ...] = (),
) -> SealringError:
    """Return an error about one field, with file and line."""
    return kind(
        f"{field.place or 'the value'} {what}", file=name, line=document.line_of(field.start), hints=hints
    )


def bound_neighbours(document: Document, rule: Rule, covered: Container[int]) -> tuple[tuple[str, str], ...]:
    """Return the addresses that a rule binds, each with what stands there in plain.

    What is sealed itself, or a program might take for something else because it has a tag, stands in a
    list, or stands there twice, is "unusable".

    Args:
        covered: positions of the fields that the policy seals.
    """
    pairs = []
    for pattern in rule.bind:
        found = [
            (i, f)
            for i, f in enumerate(document.fields)
            if f.kind == "scalar" and pattern.names(f.path, f.indices)
        ]
        content = UNUSABLE if found else "absent"
        if len(found) == 1:
            ((index, field),) = found
            if not field.token and not field.tag and index not in covered and _is_exactly(pattern, field):
                content = f"{'plain' if document.is_plain(field) else 'quoted'}:{document.content(field)}"
        pairs.append((pattern.source, content))
    return tuple(pairs)


def _is_exactly(pattern: FieldPattern, field: Field) -> bool:
    """Tell whether a pattern that names a field spells its lists out, too; the document may be left out."""
    return sum(part[0] != "d" for part in pattern.parts) == sum(part[0] != "d" for part in field.path.parts)


def examine(session: Session, name: str, text: str, *, any_group: bool = False) -> Sealed:
    """Parse a file, find what the policy seals in it, and judge every place without opening anything.

    Args:
        name: repository-relative.
        any_group: a token of another group than the rule's is no problem (the writer keeps it).
    Raises:
        DocumentRefused: the file does not parse.
    """
    document = session.parse(name, text)
    file_rules = session.policy.for_file(name)
    own_id = session.file_id(name)
    rules: dict[int, Rule] = {}
    tokens: dict[int, Token] = {}
    problems: dict[int, SealringError] = {}
    for index, field in enumerate(document.fields):
        rule = file_rules.resolve(field.path)
        if rule is None and not field.token:
            continue
        if rule is not None:
            rules[index] = rule
        error = _judge(document, name, field, rule, own_id, tokens, index, any_group)
        if error is not None:
            problems[index] = error
    return Sealed(
        name,
        document,
        file_rules,
        rules,
        tokens,
        problems,
        tuple(_general(document, name, file_rules, {*rules, *tokens})),
        {},
    )


def _judge(
    document: Document,
    name: str,
    field: Field,
    rule: Rule | None,
    own_id: str,
    tokens: dict[int, Token],
    index: int,
    any_group: bool,
) -> SealringError | None:
    """Return what is wrong with a place, or put its token into `tokens`."""

    def error(kind: type[SealringError], what: str, *hints: str) -> SealringError:
        return field_error(name, document, field, kind, what, hints)

    # 1. Exactly one scalar stands there.
    if field.kind == "empty":
        expected = rule is not None and any(p.ends_in_name and p.names(field.path) for p in rule.fields)
        return (
            error(PlaintextFound, "is an empty collection, but the policy seals a value there")
            if expected
            else None
        )
    if field.kind in ("alias", "merge"):
        how = "comes through an alias" if field.kind == "alias" else "comes through a merge key"
        hint = "write the value out at this place, or except it in the policy"
        return error(PlaintextFound, f"{how}, but rule {_rule_name(rule)} says to seal it", hint)
    # 2. It is a token in its one spelling.
    if not field.token:
        what = f"is plaintext, but rule {_rule_name(rule)} says to encrypt it"
        return error(PlaintextFound, what, f"`sealring encrypt {name}`")
    try:
        token = Token.parse(field.token)
    except SealringError as malformed:
        return error(type(malformed), f"is damaged: {malformed.message}", *malformed.hints)
    # 3. It was sealed for this file of this repository.
    if token.file_id != own_id:
        return error(
            ForeignToken,
            "was sealed for another file or repository",
            f"after a rename: `sealring mv --after OLD_NAME {name}`",
        )
    # 4. A holder of the group has seen it.
    if token.is_deposit:
        return error(DepositFound, "is a deposit that no holder has accepted yet")
    # 5. It is sealed to the group that the policy names.
    if rule is not None and rule.group != token.at.group and not any_group:
        return error(
            WrongGroup,
            f"is sealed to group {token.at.group}, but rule {_rule_name(rule)} says {rule.group}",
            f"if the policy was meant to change: `sealring regroup {name}`",
        )
    tokens[index] = token
    return None


def _rule_name(rule: Rule | None) -> str:
    return f'"{rule.name}"' if rule is not None else "of an earlier policy"


def _general(document: Document, name: str, file_rules: FileRules, places: Set[int]) -> list[SealringError]:
    """Find what is wrong beside single fields: doubled keys over sealed places, required fields gone.

    Args:
        places: fields that a rule covers or that hold a token.
    """
    found: list[SealringError] = []
    for duplicate in document.duplicates:
        reach = _reach(duplicate.path.parts)
        below = any(document.fields[i].path.parts[: len(reach)] == reach for i in places)
        if below or file_rules.resolve(duplicate.path) is not None:
            why = "the policy seals it" if reach == duplicate.path.parts else "it names sealed values"
            what = f"{duplicate.path} stands there twice, and {why}"
            hint = "delete one of the two"
            found.append(PlaintextFound(what, file=name, line=duplicate.line, hints=[hint]))
    for rule, pattern in file_rules.require():
        if not any(f.kind == "scalar" and pattern.names(f.path, f.indices) for f in document.fields):
            found.append(
                FieldMissing(f'{pattern} is not there, but rule "{rule.name}" requires it', file=name)
            )
    return found


def _reach(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return what a key decides about: itself, or for a label the element or document that it names.

    Paths take the first of two labels and most programs the last, so a second `name` would move the
    value beside it to another variable.
    """
    above, key = parts[:-1], parts[-1][-1]
    if above and above[-1][0] == "i" and key in LABELS:
        return above
    if above and above[0][0] == "d":
        in_metadata = above[1:] == (("k", "metadata"),) and key in ("name", "namespace")
        if in_metadata or (len(above) == 1 and key in ("kind", "metadata")):
            return above[:1]
    return parts


def refuse(errors: list[SealringError], note: str = "no output was written") -> None:
    """Raise the first of several errors; the others are named in its notes.

    Raises:
        SealringError: if there is any.
    """
    if errors:
        first = errors[0]
        others = [f"{e.line}: {e.message}" if e.line else e.message for e in errors[1:6]]
        more = [f"and {len(errors) - 6} more"] if len(errors) > 6 else []
        first.notes = (*first.notes, *(f"also in line {other}" for other in others), *more, note)
        raise first


def open_tokens(
    session: Session,
    sealed: Sealed,
    *,
    wanted: Callable[[int], bool] | None = None,
    allow_stale: bool = False,
) -> Opened:
    """Open the tokens of an examined document.

    Raises:
        Tampered: a token does not authenticate here, or its epoch is unknown.
        StaleEpoch: a token is under an epoch that a leaver still holds, unless that is allowed.
    """
    payloads: dict[int, bytes] = {}
    closed: dict[int, NoIdentity] = {}
    errors: list[SealringError] = []
    checked: dict[object, bool] = {}
    for index, token in sealed.tokens.items():
        if wanted is not None and not wanted(index):
            continue
        try:
            cipher = session.cipher(token.at)
            # 6. Nobody outside of the group holds its epoch.
            if not allow_stale and token.at not in checked:
                checked[token.at] = session.is_retired(token.at)
            if not allow_stale and checked[token.at]:
                errors.append(_stale(sealed, index, token))
                continue
            # 7. It authenticates at this place.
            payloads[index] = cipher.open(token, sealed.place(index))
        except IdentityRefused:
            raise  # a key that could not be used closes nothing: --partial must not leave its values out
        except NoIdentity as error:
            closed[index] = error
        except Tampered as error:
            errors.append(tampered(sealed, index, error))
    refuse(errors)
    return Opened(sealed, payloads, closed)


def _stale(sealed: Sealed, index: int, token: Token) -> SealringError:
    what = f"is under {token.at}, which somebody who left the group still holds"
    return sealed.error(
        index,
        StaleEpoch,
        what,
        ("`sealring rotate`, by a holder, seals it anew", "--allow-stale in an emergency"),
    )


def tampered(sealed: Sealed, index: int, error: Tampered) -> SealringError:
    """Return what a failed opening means for people: which field, and what may have happened."""
    if error.file is not None:  # a file under .sealring, which is named already
        return error
    made = sealed.error(index, type(error), f"cannot be trusted: {error.message}", tuple(error.hints))
    notes = list(error.notes)
    if type(error) is Tampered:
        notes.append("it was edited, moved from another field, or copied from another document")
        made.hints = (f"find the change with `git log -p -- {sealed.name}`, then restore that version",)
        rule = sealed.rules.get(index)
        if rule is not None and rule.bind:
            bound = ", ".join(pattern.source for pattern in rule.bind)
            notes.append(f"or a neighbour that it is bound to was changed: {bound}")
            made.hints = (
                *made.hints,
                f"if you changed the neighbour: `sealring encrypt --rebind {sealed.name}`",
            )
    made.notes = tuple(notes)
    return made


def open_for_deploy(
    session: Session, name: str, text: str, *, allow_stale: bool = False, partial: bool = False
) -> Opened:
    """Open a document for a program that will use its values: everything must be right.

    Args:
        partial: leave out fields of groups that the reader is not in, instead of failing.
    Raises:
        PlaintextFound, FieldMissing: a place that the policy seals holds something else, or nothing.
        Tampered and its subclasses: see `examine` and `open_tokens`.
        NoIdentity: the file has values of groups that the reader is not in; lists them.
    """
    sealed = examine(session, name, text)
    refuse([*sealed.problems.values(), *sealed.general])
    opened = open_tokens(session, sealed, allow_stale=allow_stale)
    if opened.closed and not partial:
        raise closed_error(opened)
    return opened


def closed_error(opened: Opened) -> NoIdentity:
    """Return the error for fields of groups that the reader is not in; it lists them."""
    fields = opened.sealed.document.fields
    places = [fields[index].place or "the value" for index in opened.closed]
    shown = ", ".join(places[:8]) + (f" and {len(places) - 8} more" if len(places) > 8 else "")
    first = next(iter(opened.closed.values()))
    groups = sorted({opened.sealed.tokens[index].at.group for index in opened.closed})
    notes = [f"closed fields: {shown}", *first.notes]
    hints = list(first.hints)
    if opened.payloads:
        hints.append("--partial leaves these fields out")
    return NoIdentity(
        f"your identities do not open group{'s' * (len(groups) > 1)} {', '.join(groups)}",
        file=opened.sealed.name,
        notes=notes,
        hints=hints,
    )
