"""From events to fields: paths with labels, what aliases and merge keys bring, doubled keys.

An element's label may stand behind the values that it labels, and a key that keeps a merge out
behind the merge. So one pass over the events notes places, and paths are made at the end.

Source: spec.md 3, 5.5.
"""

from __future__ import annotations

from sealring.documents.base import Duplicate, Field
from sealring.documents.spans import make_field, token_of
from sealring.documents.yaml_aliases import COMPLEX, ELEMENT, MERGE, Expander, is_name, label_part
from sealring.documents.yaml_events import ALIAS, DOC, DOC_END, MAP, SCALAR, SEQ
from sealring.model.field_path import LABELS, FieldPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.base import Limits
    from sealring.documents.yaml_events import Events
    from sealring.model.field_path import Part

    Item = tuple["Frame", Part, int, int, bool]

_NOTED = frozenset((*LABELS, "kind", "namespace"))


class Frame:
    """A document, mapping or list while its events are read; knows its path at the end.

    event: the start of it. part: of the entry that is being read. count: elements so far.
    keys: texts of its keys. noted: contents of the scalars that may name it.
    merges_into: the mapping that this list of merges, or this mapping behind `<<`, is merged into.
    """

    __slots__ = (
        "count", "event", "indices", "is_flow", "keys", "kind", "merges_into", "metadata", "noted",
        "own_index", "own_part", "parent", "part", "parts", "wants_key",
    )  # fmt: skip

    def __init__(self, kind: int, event: int, is_flow: bool, parent: Frame | None) -> None:
        self.kind = kind
        self.event = event
        self.is_flow = is_flow
        self.parent = parent
        self.wants_key = kind == MAP
        self.part: Part = ELEMENT
        self.count = 0
        self.keys: set[str] = set()
        self.noted: dict[str, str] | None = None
        self.metadata: Frame | None = None
        self.merges_into: Frame | None = None
        self.own_part: Part = parent.part if parent is not None else ()
        self.own_index = parent.count if parent is not None else 0
        self.parts: tuple[Part, ...] = ()
        self.indices: tuple[int, ...] = ()

    def resolve(self) -> None:
        """Make the path, from that of the parent."""
        parent = self.parent
        if parent is None:
            self.parts = self._head()
        elif parent.kind == MAP:
            self.parts = (*parent.parts, self.own_part)
            self.indices = parent.indices
        elif parent.kind == SEQ:
            self.parts = (*parent.parts, label_part(self.noted) if self.kind == MAP else ELEMENT)
            self.indices = (*parent.indices, self.own_index)
        else:
            self.parts = parent.parts

    def _head(self) -> tuple[Part, ...]:
        """Return the part that names a document, as Kubernetes names objects."""
        noted = self.noted or {}
        names = (self.metadata.noted or {}) if self.metadata is not None else {}
        if "kind" in noted and "name" in names:
            return (("d", noted["kind"], names.get("namespace", ""), names["name"]),)
        return ()


class Built:
    """What was found in a text; `events_of` and `frames_of` go with `fields`.

    events_of: of scalars their own event, of aliases and merges that of the value they bring.
    """

    __slots__ = ("documents", "duplicates", "events_of", "fields", "frames_of")

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.events_of: list[int] = []
        self.frames_of: list[Frame] = []
        self.documents: list[Frame] = []
        self.duplicates: list[Duplicate] = []


def build_fields(events: Events, limits: Limits) -> Built:
    """Make the fields of a text.

    Raises:
        LimitExceeded: aliases and merges bring more than the limit.
    """
    reader = _Reader(events)
    reader.read()
    for frame in reader.frames:
        frame.resolve()
    maker = _Maker(events, limits)
    maker.add_all(reader.items)
    built = maker.built
    built.documents = [frame for frame in reader.frames if frame.kind == DOC]
    line, counted = 1, 0
    for frame, key, at in reader.doubled:
        line += events.text.count("\n", counted, at)
        counted = at
        built.duplicates.append(Duplicate(FieldPath((*frame.parts, ("k", key))), line))
    return built


class _Reader:
    """The pass over the events."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.frames: list[Frame] = []
        self.items: list[Item] = []
        self.doubled: list[tuple[Frame, str, int]] = []

    def read(self) -> None:
        events, items = self.events, self.items
        frame: Frame | None = None
        skip = -1
        for i, info in enumerate(events.infos):
            if i <= skip:
                continue
            code = info[0]
            if code == SCALAR:
                assert frame is not None
                if frame.wants_key:
                    self._key(frame, info[1], i)
                    continue
                content = info[1]
                if frame.kind == MAP:
                    items.append((frame, frame.part, 0, i, False))
                    if frame.part[-1] in _NOTED:
                        _note(frame, content)
                    frame.wants_key = True
                elif frame.kind == SEQ:
                    items.append((frame, ELEMENT, frame.count, i, False))
                    frame.count += 1
                elif content or not info[2] or i in events.raw_starts:
                    items.append((frame, (), 0, i, False))  # an empty document holds no field
            elif code in (MAP, SEQ, ALIAS):
                assert frame is not None
                if frame.wants_key:
                    frame.part = COMPLEX
                    frame.wants_key = False
                    skip = events.close.get(i, i)
                elif code == ALIAS:
                    self._alias(frame, i)
                    _advance(frame)
                else:
                    frame = self._open(frame, code, i, info[1])
            elif code == DOC:
                frame = Frame(DOC, i, False, None)
                self.frames.append(frame)
            elif code == DOC_END:
                frame = None
            else:
                assert frame is not None
                frame = frame.parent
                assert frame is not None
                _advance(frame)

    def _key(self, frame: Frame, key: str, i: int) -> None:
        frame.part = ("k", key)
        frame.wants_key = False
        if key in frame.keys:
            self.doubled.append((frame, key, self.events.starts[i]))
        else:
            frame.keys.add(key)

    def _merged_into(self, frame: Frame, i: int) -> Frame | None:
        """Return the mapping that the node at `i` is merged into, if any."""
        if frame.part == MERGE and frame.kind == MAP:
            key = self.events.infos[i - 1]
            return frame if key[2] and key[3] in ("", "!!merge") else None
        return frame.merges_into if frame.kind == SEQ else None

    def _alias(self, frame: Frame, i: int) -> None:
        into = self._merged_into(frame, i)
        if into is not None and self.events.infos[self.events.targets[i]][0] != SCALAR:
            self.items.append((into, MERGE, 0, i, True))
        else:
            self.items.append((frame, frame.part if frame.kind != DOC else (), frame.count, i, False))

    def _open(self, parent: Frame, code: int, i: int, is_flow: bool) -> Frame:
        frame = Frame(code, i, is_flow, parent)
        self.frames.append(frame)
        into = self._merged_into(parent, i)
        if into is not None and code == MAP:
            self.items.append((into, MERGE, 0, i, True))
        elif into is not None:
            frame.merges_into = into if parent.kind == MAP else None
        if self.events.close[i] == i + 1:
            self.items.append((parent, parent.part if parent.kind != DOC else (), parent.count, i, False))
        document = parent.parent
        if code == MAP and parent.part == ("k", "metadata") and document is not None and document.kind == DOC:
            document.metadata = document.metadata or frame
        return frame


def _advance(frame: Frame) -> None:
    if frame.kind == MAP:
        frame.wants_key = True
    else:
        frame.count += 1


def _note(frame: Frame, content: str) -> None:
    """Remember a scalar that may name this mapping, or the document that it is the root of."""
    if not is_name(content):
        return
    if frame.noted is None:
        frame.noted = {}
        if frame.parent is not None and frame.parent.kind == DOC:
            frame.parent.noted = frame.noted
    frame.noted.setdefault(frame.part[1], content)


class _Maker:
    """Makes the fields, once all frames have their paths."""

    def __init__(self, events: Events, limits: Limits) -> None:
        self.events = events
        self.built = Built()
        self.expander = Expander(events, limits)
        self.merged: dict[int, set[str]] = {}

    def add_all(self, items: list[Item]) -> None:
        events, built = self.events, self.built
        infos, starts, ends = events.infos, events.starts, events.ends
        for frame, part, count, i, is_merge in items:
            if is_merge:
                self.expander.place = i
                self._merge(frame, i)
                continue
            kind = frame.kind
            if kind == MAP:
                parts, indices = (*frame.parts, part), frame.indices
            elif kind == SEQ:
                parts, indices = (*frame.parts, part), (*frame.indices, count)
            else:
                parts, indices = frame.parts, frame.indices
            info = infos[i]
            code = info[0]
            if code == ALIAS:
                self.expander.place = i
                self._alias(frame, parts, indices, i)
                continue
            if code != SCALAR:
                end = ends[events.close[i]]
                field = Field(FieldPath(parts), indices, starts[i], end, "empty", info[2], info[3])
            elif info[3] or info[4]:
                named = (info[3], info[4], token_of(info[1]))
                field = Field(FieldPath(parts), indices, starts[i], ends[i], "scalar", *named)
            else:
                field = make_field(parts, indices, starts[i], ends[i], "scalar", token_of(info[1]))
            built.fields.append(field)
            built.events_of.append(i)
            built.frames_of.append(frame)

    def _alias(self, frame: Frame, parts: tuple[Part, ...], indices: tuple[int, ...], i: int) -> None:
        target = self.events.targets[i]
        if frame.kind == SEQ and parts[-1] is ELEMENT:
            parts = (*parts[:-1], self.expander.label(target))
        for below, positions, leaf in self.expander.leaves(target):
            self._expanded(frame, (*parts, *below), (*indices, *positions), i, leaf, "alias")

    def _merge(self, frame: Frame, i: int) -> None:
        """Add what a merge brings: keys that neither the mapping nor an earlier merge has."""
        sources = self.expander.sources(i)
        if not sources:  # a list without mappings: no reader merges it
            self._alias(frame, (*frame.parts, MERGE), frame.indices, i)
        taken = self.merged.setdefault(frame.event, set(frame.keys))
        for source in sources:
            entries = self.expander.effective(source)
            self.expander.charge(len(entries))
            for part, value in entries:
                if part is not COMPLEX:
                    if part[1] in taken:
                        continue
                    taken.add(part[1])
                for below, positions, leaf in self.expander.leaves(value):
                    parts = (*frame.parts, part, *below)
                    self._expanded(frame, parts, (*frame.indices, *positions), i, leaf, "merge")

    def _expanded(
        self, frame: Frame, parts: tuple[Part, ...], indices: tuple[int, ...], i: int, leaf: int, kind: str
    ) -> None:
        events = self.events
        self.expander.charge(1, len(parts))
        end = events.ends[events.close.get(i, i)]
        self.built.fields.append(make_field(parts, indices, events.starts[i], end, kind))
        self.built.events_of.append(leaf)
        self.built.frames_of.append(frame)
