"""YAML events as plain Python data, typed by the core schema of YAML 1.2.

Source: spec.md 5.5.
"""

from __future__ import annotations

from sealring.documents.yaml_events import ALIAS, DOC, DOC_END, END, MAP, SCALAR
from sealring.documents.yaml_scalars import binary, typed
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.yaml_events import Events


class _Open:
    """A document, mapping or list that is being filled."""

    __slots__ = ("has_key", "is_merge", "key", "merges", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.has_key = False
        self.is_merge = False
        self.key: Any = None
        self.merges: list[Any] = []


def build_data(events: Events) -> Any:
    """Return the one document of a stream, None if it is empty, or a list of several.

    Aliases give the same object again; nothing that is nested without end gets here.

    Raises:
        DocumentRefused: a doubled key, a key that is a collection, or a merge of something else
            than mappings; with the line.
    """
    documents: list[Any] = []
    stack: list[_Open] = []
    built: dict[int, Any] = {}
    for i, info in enumerate(events.infos):
        code = info[0]
        if code == SCALAR:
            value: Any = _scalar(events, i, info)
        elif code == ALIAS:
            value = built[events.targets[i]]
        elif code == DOC:
            stack.append(_Open(documents))
            continue
        elif code == DOC_END:
            stack.pop()
            continue
        elif code == END:
            done = stack.pop()
            _merge(done, events, i)
            continue
        else:
            value = {} if code == MAP else []
        is_anchored = i in events.raw_starts
        if is_anchored:
            built[i] = value
        _put(stack[-1], value, events, i)
        if code != SCALAR and code != ALIAS:
            stack.append(_Open(value))
    return documents if len(documents) > 1 else documents[0] if documents else None


def _scalar(events: Events, i: int, info: tuple[Any, ...]) -> Any:
    tag = events.tags.get(i, "")
    try:
        data = binary(info[1], tag) if tag else None
        return typed(info[1], info[2], tag) if data is None else data
    except DocumentRefused as error:
        error.line = events.line(i)
        raise


def _put(parent: _Open, value: Any, events: Events, i: int) -> None:
    """Put a value where it belongs: as an element, a key, or the value of the key before it."""
    container = parent.value
    if isinstance(container, list):
        container.append(value)
    elif parent.has_key:
        if parent.is_merge:
            parent.merges.append(value)
        else:
            container[parent.key] = value
        parent.has_key = False
    else:
        info = events.infos[i]
        if isinstance(value, (dict, list)):
            raise DocumentRefused("a key is a mapping or a list", line=events.line(i))
        parent.is_merge = info[0] == SCALAR and info[1] == "<<" and info[2] and info[3] in ("", "!!merge")
        if not parent.is_merge and value in container:
            raise DocumentRefused("a key stands twice in one mapping", line=events.line(i))
        parent.key, parent.has_key = value, True
        if not parent.is_merge:
            container[value] = None  # keeps the order


def _merge(done: _Open, events: Events, i: int) -> None:
    """Bring in what a finished mapping merges; its own keys and earlier merges win.

    How much that may be was limited when the fields were made.
    """
    for source in done.merges:
        for mapping in source if isinstance(source, list) else [source]:
            if not isinstance(mapping, dict):
                raise DocumentRefused("a merge key names something else than mappings", line=events.line(i))
            for key, value in mapping.items():
                done.value.setdefault(key, value)
