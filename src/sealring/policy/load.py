"""Parsed policy files to a `Policy`, strictly: what is not understood is refused with its line.

A key that is misspelt must not leave a value plain, so nothing is ignored and nothing is guessed.
The rules of policy.yaml come first, then those of policy.d in the order of their names.

Source: spec.md 3.
"""

from __future__ import annotations

from sealring.model.field_path import FieldPattern
from sealring.policy.globs import FileGlob, FileSet
from sealring.policy.names import check_name, is_repository_id
from sealring.policy.presets import PRESETS, Preset
from sealring.policy.rules import Policy, PolicyLimits, Rule
from sealring.policy.shape import PolicyPart, kind_of, mapping, meant, required, strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sealring.policy.shape import Place

VERSION = 1
MAX_DAYS = 36_500
_DAYS = {"d": 1, "w": 7, "y": 365}
_UNITS = {"KiB": 1024, "MiB": 1024 * 1024}
_MAX_DEPTH = 256
_MAX_CHARS = 1024 * 1024 * 1024

_MAIN_KEYS = ("version", "repository", "rules", "limits")
_RULE_KEYS = ("name", "files", "fields", "except", "group", "max_age", "require", "bind", "preset")
_LIMIT_KEYS = ("text", "depth", "plaintext")


def build(parts: Sequence[PolicyPart]) -> Policy:
    """Read a whole policy.

    Args:
        parts: policy.yaml, then the files of policy.d; these hold only `rules`.
    Raises:
        PolicyError: with file, line and, where one helps, a hint.
    """
    main = parts[0]
    data = mapping(main, (), main.data, _MAIN_KEYS, "a policy")
    version = required(main, (), data, "version", int, "the policy")
    if version != VERSION:
        raise main.fail(("version",), f"policy version {version} is not known; this program reads {VERSION}")
    repository = required(main, (), data, "repository", str, "the policy")
    if not is_repository_id(repository):
        raise main.fail(
            ("repository",),
            "the repository id is not 26 characters of base32",
            "`sealring init` made it; find the old one with `git log -p -- .sealring/policy.yaml`",
        )
    rules = _rules(main, data)
    for part in sorted(parts[1:], key=lambda part: part.file):
        rules += _rules(part, mapping(part, (), part.data, ("rules",), "a file of policy.d"))
    return Policy(repository, tuple(rules), _limits(main, data.get("limits", {})))


def parse_days(text: str) -> int:
    """Read a duration in whole days, weeks or years of 365 days.

    Raises:
        ValueError: anything else; days are the finest, as values carry their day by an honest clock.
    >>> parse_days("12w")
    84
    """
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdigit() and len(number) <= 6 and unit in _DAYS):
        raise ValueError(f"{text!r} is not a duration in days, weeks or years")
    count = int(number) * _DAYS[unit]
    if not 0 < count <= MAX_DAYS:
        raise ValueError(f"{text!r} is not between 1 day and 100 years")
    return count


def _rules(part: PolicyPart, data: dict[str, Any]) -> list[Rule]:
    listed = data.get("rules")
    if listed is None:  # `rules:` with nothing but comments below, as in a new policy
        return []
    if not isinstance(listed, list):
        raise part.fail(("rules",), f"`rules` must be a list, not {kind_of(listed)}")
    return [_rule(part, ("rules", index), data) for index, data in enumerate(listed)]


def _rule(part: PolicyPart, place: Place, raw: Any) -> Rule:
    data = mapping(part, place, raw, _RULE_KEYS, "a rule")
    preset = _preset(part, place, data)
    files = _files(part, place, data, preset)
    name = _name(part, place, data, files)
    group = required(part, place, data, "group", str, f'rule "{name}"')
    check_name(group, "group", file=part.file, line=part.line_of((*place, "group")))
    fields = _patterns(part, place, data, "fields")
    if "fields" in data and not fields:
        raise part.fail((*place, "fields"), "`fields` is empty", "leave it out to seal every value")
    return Rule(
        name=name,
        files=files,
        fields=fields or tuple(FieldPattern.parse(source) for source in preset.fields),
        excepts=_patterns(part, place, data, "except"),
        group=group,
        max_age_days=_max_age(part, place, data),
        require=_patterns(part, place, data, "require", is_address=True),
        bind=_patterns(part, place, data, "bind", is_address=True),
        document_kinds=preset.document_kinds,
        file=part.file,
        line=part.line_of(place),
    )


def _preset(part: PolicyPart, place: Place, data: dict[str, Any]) -> Preset:
    if "preset" not in data:
        return Preset()
    name = required(part, place, data, "preset", str, "a rule")
    if name not in PRESETS:
        hint = meant(name, PRESETS) + f"there are {', '.join(sorted(PRESETS))}"
        raise part.fail((*place, "preset"), f'there is no preset "{name}"', hint)
    return PRESETS[name]


def _files(part: PolicyPart, place: Place, data: dict[str, Any], preset: Preset) -> FileSet:
    if "files" not in data and preset.files:
        return FileSet.parse(preset.files)
    if "files" not in data:
        raise part.fail(place, "a rule has no `files`", 'add `files: ["config/*.yaml"]`')
    sources = strings(part, (*place, "files"), data["files"])
    try:
        return FileSet.parse(sources)
    except ValueError as error:
        raise part.fail(_culprit((*place, "files"), sources), str(error)) from None


def _culprit(place: Place, sources: Sequence[str]) -> Place:
    """Return the place of the pattern that does not parse, or that of the whole list."""
    for index, source in enumerate(sources):
        try:
            FileGlob.parse(source.removeprefix("!"))
        except ValueError:
            return (*place, index)
    return place


def _name(part: PolicyPart, place: Place, data: dict[str, Any], files: FileSet) -> str:
    """Return what messages call a rule: its name, else its preset, else its first file pattern."""
    if "name" in data:
        name = required(part, place, data, "name", str, "a rule")
        return check_name(name, "rule", file=part.file, line=part.line_of((*place, "name")))
    if "preset" in data:
        return str(data["preset"])
    return next(glob.source for adds, glob in files.globs if adds)


def _patterns(
    part: PolicyPart, place: Place, data: dict[str, Any], key: str, *, is_address: bool = False
) -> tuple[FieldPattern, ...]:
    if key not in data:
        return ()
    found = []
    for index, source in enumerate(strings(part, (*place, key), data[key])):
        at = (*place, key, index)
        try:
            pattern = FieldPattern.parse(source)
        except ValueError as error:
            raise part.fail(at, str(error)) from None
        if pattern.has_position:
            raise part.fail(
                at,
                f'"{source}" names a position, and lists are reordered',
                "name an element as [name=...], or all of them as []",
            )
        if is_address and pattern.has_wildcard:
            raise part.fail(at, f'`{key}` takes exact fields, and "{source}" has a wildcard')
        found.append(pattern)
    return tuple(found)


def _max_age(part: PolicyPart, place: Place, data: dict[str, Any]) -> int | None:
    if "max_age" not in data:
        return None
    hint = 'write it as "90d", "12w" or "1y"'
    text = data["max_age"]
    try:
        if not isinstance(text, str):
            raise ValueError(f"`max_age` must be a duration, not {kind_of(text)}")
        return parse_days(text)
    except ValueError as error:
        raise part.fail((*place, "max_age"), str(error), hint) from None


def _limits(part: PolicyPart, raw: Any) -> PolicyLimits:
    data = mapping(part, ("limits",), raw, _LIMIT_KEYS, "`limits`")
    default = PolicyLimits()
    return PolicyLimits(
        text_chars=_size(part, data, "text", default.text_chars, _MAX_CHARS),
        depth=_size(part, data, "depth", default.depth, _MAX_DEPTH),
        plaintext_chars=_size(part, data, "plaintext", default.plaintext_chars, _MAX_CHARS),
    )


def _size(part: PolicyPart, data: dict[str, Any], key: str, default: int, most: int) -> int:
    value = data.get(key, default)
    if isinstance(value, str) and key != "depth":
        digits, factor = value[:-3].rstrip(" "), _UNITS.get(value[-3:], 0)
        if factor and digits.isascii() and digits.isdigit() and len(digits) < 10:
            value = int(digits) * factor
    if type(value) is not int or not 0 < value <= most:
        hint = "write a number" + ("" if key == "depth" else ', or one with a unit such as "16MiB"')
        raise part.fail(("limits", key), f"`limits.{key}` must be from 1 to {most:,}", hint)
    return value
