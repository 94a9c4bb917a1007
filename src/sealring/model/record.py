"""A frozen value with named parts, for modules on the way of every command.

`dataclasses` costs 16 ms at start (it imports `inspect` and `re`), more than the interpreter itself,
and git starts us once per file. Type checkers see a frozen dataclass.
See docs/decisions/0003-start-up.md.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_options):
        """Stand in for `typing.dataclass_transform`, which has no effect at run time."""
        return lambda cls: cls


class _RecordMeta(type):
    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> type:
        own = tuple(namespace.get("__annotations__", ()))
        inherited = tuple(part for base in bases for part in getattr(base, "_parts", ()))
        defaults = {part: namespace.pop(part) for part in own if part in namespace}
        for base in bases:
            defaults = {**getattr(base, "_defaults", {}), **defaults}
        namespace["__slots__"] = own
        namespace["_parts"] = inherited + own
        namespace["_defaults"] = defaults
        return super().__new__(mcs, name, bases, namespace, **options)


@dataclass_transform(frozen_default=True, eq_default=True)
class Record(metaclass=_RecordMeta):
    """Base of frozen values: parts by position or name, equality, hash, `replace`."""

    if TYPE_CHECKING:
        _parts: tuple[str, ...]
        _defaults: dict[str, Any]

    def __init__(self, *values: Any, **named: Any) -> None:
        parts = self._parts
        if len(values) > len(parts):
            raise TypeError(f"{type(self).__name__} has {len(parts)} parts, {len(values)} given")
        put = object.__setattr__
        for part, value in zip(parts, values, strict=False):
            put(self, part, value)
        for part in parts[len(values) :]:
            if part in named:
                put(self, part, named.pop(part))
            elif part in self._defaults:
                put(self, part, self._defaults[part])
            else:
                raise TypeError(f"{type(self).__name__} lacks {part}")
        if named:
            raise TypeError(f"{type(self).__name__} has no {', '.join(named)}")

    def __setattr__(self, part: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, part: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def _astuple(self) -> tuple[Any, ...]:
        return tuple(getattr(self, part) for part in self._parts)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._astuple() == other._astuple()

    def __hash__(self) -> int:
        return hash((type(self), *self._astuple()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{part}={getattr(self, part)!r}" for part in self._parts)
        return f"{type(self).__name__}({shown})"

    def replace(self, **changes: Any) -> Self:
        """Return the same value with some parts changed."""
        values = [changes.pop(part, getattr(self, part)) for part in self._parts]
        return type(self)(*values, **changes)
