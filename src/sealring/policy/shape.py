"""Plain data in the shape that a policy file must have, or an error that names the line.

Source: spec.md 3.
"""

from __future__ import annotations

from sealring.errors import PolicyError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Place = tuple[str | int, ...]


class PolicyPart(Record):
    """One policy file, parsed by somebody else: this package knows no YAML.

    file: as people type it. data: plain dicts, lists and scalars. line_of: the line, from 1, of the
    place at these keys and positions.
    """

    file: str
    data: Any
    line_of: Callable[[Place], int]

    def fail(self, place: Place, message: str, *hints: str) -> PolicyError:
        """Return the error for one place of this file."""
        return PolicyError(message, file=self.file, line=self.line_of(place), hints=hints)


def mapping(part: PolicyPart, place: Place, data: Any, known: Sequence[str], what: str) -> dict[str, Any]:
    """Return a mapping that has no other keys than the known ones.

    Args:
        what: such as "a rule", for the message.
    """
    if not isinstance(data, dict):
        raise part.fail(place, f"{what} must be a mapping, not {kind_of(data)}")
    for key in data:
        if not isinstance(key, str):
            raise part.fail(place, f"{what} has a key that is {kind_of(key)}, not a string")
        if key not in known:
            hint = meant(key, known) + f"the keys are {', '.join(known)}"
            raise part.fail((*place, key), f'unknown key "{key}" in {what}', hint)
    return data


def required(part: PolicyPart, place: Place, data: dict[str, Any], key: str, kind: type, what: str) -> Any:
    """Return the value of a key that must be there, and of exactly this type (True is no number)."""
    if key not in data:
        raise part.fail(place, f"{what} has no `{key}`")
    value = data[key]
    if type(value) is not kind:
        is_unquoted = kind is str and value is not None and not isinstance(value, (list, dict))
        hints = [f'put it in quotes: `{key}: "..."`'] if is_unquoted else []
        form = "a string" if kind is str else "a number"
        raise part.fail((*place, key), f"`{key}` must be {form}, not {kind_of(value)}", *hints)
    return value


def strings(part: PolicyPart, place: Place, data: Any) -> list[str]:
    """Return a list of strings."""
    if not isinstance(data, list):
        hint = f"write `{place[-1]}: [...]`, also for one"
        raise part.fail(place, f"`{place[-1]}` must be a list of strings, not {kind_of(data)}", hint)
    for index, item in enumerate(data):
        if not isinstance(item, str):
            raise part.fail((*place, index), f"`{place[-1]}` must hold strings, not {kind_of(item)}")
    return data


def kind_of(value: Any) -> str:
    """Name a type as people know it, never the value: it may be a secret pasted in the wrong place."""
    names = {dict: "a mapping", list: "a list", str: "a string", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number" if isinstance(value, (int, float)) else "a date")


def meant(text: str, known: Iterable[str]) -> str:
    """Return `did you mean "..."? ` with a space behind, or nothing when no known word is close.

    difflib is imported here because only an error needs it, and every start would pay for it.
    """
    import difflib

    close = difflib.get_close_matches(text, list(known), n=1)
    return f'did you mean "{close[0]}"? ' if close else ""
