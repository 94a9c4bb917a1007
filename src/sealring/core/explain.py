"""Why a field is sealed or not: which rule and pattern decide, to which group, and who reads it.

Works from public files; keys are used, where there are some, only to tell whether an epoch is retired.
"""

from __future__ import annotations

from sealring.core.fields import address
from sealring.core.reading import examine
from sealring.errors import FieldMissing, SealringError
from sealring.model.record import Record
from sealring.model.token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealring.core.reading import Sealed
    from sealring.core.session import Session
    from sealring.model.field_path import FieldPath
    from sealring.policy.rules import FileRules, Rule


class Passed(Record):
    """A rule for the file that does not decide about a field, and why."""

    rule: str
    place: str
    why: str


class Decision(Record):
    """The rule that seals a field, if one does, and the pattern by which; the rules passed over before it."""

    rule: Rule | None
    pattern: str
    passed: tuple[Passed, ...]


class Reader(Record):
    """A member who opens a value. via: included groups; empty: in the group themselves.

    note: what is not as usual, such as that they left.
    """

    name: str
    kind: str
    via: tuple[str, ...] = ()
    note: str = ""


class Explanation(Record):
    """All that is known of one field. token: None unless a readable one stands there.

    state: "sealed", "stale", "plain" (no rule seals it), or "problem" (a rule does, and it is not right).
    """

    place: str
    line: int
    state: str
    decision: Decision
    token: Token | None
    is_retired: bool
    readers: tuple[Reader, ...]
    problem: SealringError | None

    @property
    def group(self) -> str:
        """The group that the token names, else the rule; empty if there is neither."""
        if self.token is not None:
            return self.token.at.group
        return self.decision.rule.group if self.decision.rule is not None else ""


def explain(session: Session, name: str, text: str, source: str | None = None) -> list[Explanation]:
    """Explain the fields of a file, or one field or collection of it.

    Args:
        source: a field path; None for all fields.
    Raises:
        FieldMissing: there is no such field.
        DocumentRefused: the file does not parse.
    """
    sealed = examine(session, name, text)
    fields = sealed.document.fields
    wanted: Iterable[int] = range(len(fields))
    if source is not None:
        where = address(source)
        wanted = [i for i, field in enumerate(fields) if where.covers(field.path, field.indices)]
        if not wanted:
            from difflib import get_close_matches

            near = get_close_matches(source, [field.place for field in fields], 3, 0.5)
            hints = [f"did you mean {' or '.join(near)}?"] if near else []
            raise FieldMissing(f"there is no field {source}", file=name, hints=hints)
    return [_explained(session, sealed, index) for index in wanted]


def _explained(session: Session, sealed: Sealed, index: int) -> Explanation:
    field = sealed.document.fields[index]
    decision = decide(sealed.file_rules, field.path)
    problem = sealed.problems.get(index)
    token = sealed.tokens.get(index)
    state, is_retired = "plain", False
    if token is not None:
        try:
            current = {epoch.at for epoch in session.standing(token.at.group).current}
            session.keyring.epoch(token.at)
            state = "sealed" if token.at in current else "stale"
            is_retired = session.is_retired(token.at)
        except SealringError as error:
            problem = error
    elif field.token and problem is not None:
        try:
            token = Token.parse(field.token)
        except SealringError:
            token = None
    if problem is not None:
        state = "problem"
    line = sealed.document.line_of(field.start)
    group = token.at.group if token is not None else decision.rule.group if decision.rule else ""
    readers = _readers(session, group, token)
    return Explanation(field.place, line, state, decision, token, is_retired, readers, problem)


def decide(file_rules: FileRules, path: FieldPath) -> Decision:
    """Find the rule that seals a field, as `FileRules.resolve` does, and say why others do not."""
    passed: list[Passed] = []
    for rule in file_rules.rules:
        why = _why_not(rule, path)
        if not why:
            pattern = next((p.source for p in rule.fields if p.covers(path)), "")
            return Decision(rule, pattern, tuple(passed))
        passed.append(Passed(rule.name, rule_place(rule), why))
    return Decision(None, "", tuple(passed))


def _why_not(rule: Rule, path: FieldPath) -> str:
    if not rule.reaches(path):
        return f"it is for documents of kind {' or '.join(rule.document_kinds)}"
    if rule.fields and not any(pattern.covers(path) for pattern in rule.fields):
        return f"no pattern of it names the field ({', '.join(pattern.source for pattern in rule.fields)})"
    excepted = next((pattern.source for pattern in rule.excepts if pattern.covers(path)), None)
    return f'it excepts "{excepted}"' if excepted is not None else ""


def rule_place(rule: Rule) -> str:
    """Return the policy file and line of a rule."""
    return f"{rule.file}:{rule.line}"


def _readers(session: Session, group: str, token: Token | None) -> tuple[Reader, ...]:
    """Return who belongs to the group, then who else holds the token's epoch."""
    if not group or group not in session.keyring.group_names():
        return ()
    try:
        state = session.standing(group)
    except SealringError:
        return ()
    epoch = session.keyring.group(group).epoch(token.at.epoch) if token is not None else None
    found = []
    for name in state.members:
        via = state.via.get(name) or state.joining.get(name, ())
        note = "not yet: waits for a rotation" if name in state.joining else ""
        found.append(Reader(name, _kind(session, name), via, note))
    holders = set(epoch.holders) if epoch is not None else set()
    for name in sorted((holders | set(state.leaving)) - set(state.members)):
        note = (
            f"is to leave: {state.leaving[name]}" if name in state.leaving else "left, and holds this epoch"
        )
        found.append(Reader(name, _kind(session, name), (), note))
    return tuple(found)


def _kind(session: Session, name: str) -> str:
    try:
        return session.keyring.member(name).kind
    except SealringError:
        return "unknown"
