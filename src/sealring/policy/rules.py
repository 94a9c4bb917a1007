"""Rules that say which fields of which files are sealed to which group, and how they are resolved.

For each field the first rule that matches its file and its path decides. A field that a rule
excepts falls to later rules.

Source: spec.md 3.
"""

from __future__ import annotations

from sealring.errors import PolicyError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealring.model.field_path import FieldPath, FieldPattern, Part
    from sealring.policy.globs import FileSet

_NEVER = (".sealring", ".git")


class PolicyLimits(Record):
    """How large inputs may be, as the policy says it."""

    text_chars: int = 16 * 1024 * 1024
    depth: int = 64
    plaintext_chars: int = 4 * 1024 * 1024


class Rule(Record):
    """One rule. No `fields` means every scalar value; no `document_kinds`, any document."""

    name: str
    files: FileSet
    fields: tuple[FieldPattern, ...]
    excepts: tuple[FieldPattern, ...]
    group: str
    max_age_days: int | None = None
    require: tuple[FieldPattern, ...] = ()
    bind: tuple[FieldPattern, ...] = ()
    document_kinds: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    def covers(self, path: FieldPath) -> bool:
        """Tell whether the rule seals a field of its files."""
        if not self.reaches(path):
            return False
        if self.fields and not any(pattern.covers(path) for pattern in self.fields):
            return False
        return not any(pattern.covers(path) for pattern in self.excepts)

    def reaches(self, path: FieldPath) -> bool:
        """Tell whether a field is in a document of the kinds that the rule is for."""
        if not self.document_kinds:
            return True
        first: Part = path.parts[0] if path.parts else ("",)
        return first[0] == "d" and first[1] in self.document_kinds


class FileRules:
    """The rules of one file. Answers are kept, as every value of a large file asks twice."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._found: dict[tuple[Part, ...], Rule | None] = {}

    def resolve(self, path: FieldPath, indices: Sequence[int] = ()) -> Rule | None:
        """Return the rule that seals a field, or None for one that stays plain.

        Args:
            indices: the field's list positions. They never count, as a policy names none; taken so
                that all places that ask about a field ask alike.
        """
        parts = path.parts
        try:
            return self._found[parts]
        except KeyError:
            found = next((rule for rule in self.rules if rule.covers(path)), None)
            self._found[parts] = found
            return found

    def require(self) -> tuple[tuple[Rule, FieldPattern], ...]:
        """Return the fields that must exist in this file, each with the rule that says so."""
        return tuple((rule, pattern) for rule in self.rules for pattern in rule.require)

    def bound(self, rule: Rule) -> tuple[FieldPattern, ...]:
        """Return the plain neighbours that are authenticated with each token of a rule."""
        return rule.bind

    def unmatched(self, paths: Iterable[FieldPath]) -> tuple[tuple[Rule, FieldPattern], ...]:
        """Return the `fields` patterns that cover none of a file's fields: typing mistakes, perhaps.

        Patterns are judged one by one: a field that an earlier rule takes still counts.
        """
        listed = tuple(paths)
        return tuple(
            (rule, pattern)
            for rule in self.rules
            for pattern in rule.fields
            if not any(rule.reaches(path) and pattern.covers(path) for path in listed)
        )


class Policy(Record):
    """What `.sealring/policy.yaml` and `policy.d` say together."""

    repository: str
    rules: tuple[Rule, ...] = ()
    limits: PolicyLimits = PolicyLimits()

    def for_file(self, file: str) -> FileRules:
        """Return the rules of one file; keep the result while working on the file.

        Args:
            file: from the root of the repository, with "/".
        """
        if file.split("/", 1)[0] in _NEVER:  # `**` must not seal the policy and the wraps themselves
            return FileRules(())
        return FileRules(tuple(rule for rule in self.rules if rule.files.matches(file)))

    def covers(self, file: str) -> bool:
        """Tell whether any rule is for a file."""
        return bool(self.for_file(file).rules)

    def groups(self) -> tuple[str, ...]:
        """Return the groups that rules name, each once, in order."""
        return tuple(dict.fromkeys(rule.group for rule in self.rules))


def check_groups(policy: Policy, defined: Iterable[str]) -> None:
    """Refuse a policy that seals to a group which does not exist.

    Args:
        defined: names of the groups in `.sealring/groups`.
    Raises:
        PolicyError: names the rule and, where one is close, the group that was meant.
    """
    known = sorted(defined)
    for rule in policy.rules:
        if rule.group not in known:
            from sealring.policy.shape import meant

            raise PolicyError(
                f'rule "{rule.name}" names group "{rule.group}", which is not defined',
                file=rule.file,
                line=rule.line,
                hints=[meant(rule.group, known) + "`sealring group list` shows them all"],
            )
