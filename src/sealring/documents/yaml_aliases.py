"""What aliases and merge keys bring into a YAML document, within a limit.

Source: spec.md 5.5; YAML merge key language-independent type.
"""

from __future__ import annotations

from sealring.documents.spans import token_of
from sealring.documents.yaml_events import MAP, SCALAR, SEQ
from sealring.errors import LimitExceeded
from sealring.model.field_path import LABELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.base import Limits
    from sealring.documents.yaml_events import Events
    from sealring.model.field_path import Part

    Leaf = tuple[tuple[Part, ...], tuple[int, ...], int]

ELEMENT: Part = ("i",)
COMPLEX: Part = ("c",)
MERGE: Part = ("k", "<<")


def is_name(content: str) -> bool:
    """Tell whether the content of a scalar can label an element: a sealed one cannot."""
    return content != "" and not token_of(content)


def label_part(noted: dict[str, str] | None) -> Part:
    """Return the part of an element that is a mapping with these scalars."""
    if noted:
        for key in LABELS:
            if key in noted:
                return ("i", key, noted[key])
    return ELEMENT


class Expander:
    """What aliases and merge keys bring, counted, so that a small file cannot cost much.

    Fields are made in the order of the text, so what an alias names has been expanded before: no
    call goes deeper than the text is nested.
    """

    def __init__(self, events: Events, limits: Limits) -> None:
        self.events = events
        self.limits = limits
        self.place = 0
        self.count = 0
        self._labels: dict[int, Part] = {}
        self._leaves: dict[int, list[Leaf]] = {}
        self._effective: dict[int, list[tuple[Part, int]]] = {}

    def charge(self, count: int, depth: int = 0) -> None:
        """Count work done for aliases.

        Raises:
            LimitExceeded: it is too much, or too deep.
        """
        self.count += count
        if self.count > self.limits.expansions:
            what = f"aliases stand for more than {self.limits.expansions:,} values"
            raise LimitExceeded(what, line=self.events.line(self.place))
        if depth > self.limits.depth + 2:
            what = f"aliases nest deeper than {self.limits.depth}"
            raise LimitExceeded(what, line=self.events.line(self.place))

    def leaves(self, i: int) -> list[Leaf]:
        """Return relative path, list positions and event of every value at or below a node."""
        i = self.events.resolved(i)
        if self.events.infos[i][0] == SCALAR or self.events.close[i] == i + 1:
            return [((), (), i)]
        if i not in self._leaves:
            self._leaves[i] = self._below(i)
        return self._leaves[i]

    def _below(self, i: int) -> list[Leaf]:
        found: list[Leaf] = []
        entries: list[tuple[Part, tuple[int, ...], int]]
        if self.events.infos[i][0] == MAP:
            entries = [(part, (), value) for part, value in self.effective(i)]
        else:
            entries = [
                (self.label(child), (index,), child) for index, child in enumerate(self.events.children(i))
            ]
        for part, index, value in entries:
            for parts, positions, leaf in self.leaves(value):
                self.charge(1, len(parts))
                found.append(((part, *parts), (*index, *positions), leaf))
        return found

    def effective(self, i: int) -> list[tuple[Part, int]]:
        """Return the entries of a mapping, with those that its merges bring."""
        if i in self._effective:
            return self._effective[i]
        own: list[tuple[Part, int]] = []
        merges: list[int] = []
        for key, value in self.pairs(i):
            if self.is_merge(key) and (sources := self.sources(value)):
                merges += sources
            else:
                own.append((self._part(key), value))
        taken = {part[1] for part, _ in own if part is not COMPLEX}
        for source in merges:
            for part, value in self.effective(source):
                if part is COMPLEX or part[1] not in taken:
                    taken.add(part[-1])
                    own.append((part, value))
        self.charge(len(own))
        self._effective[i] = own
        return own

    def sources(self, i: int) -> list[int]:
        """Return the mappings that the node behind a merge key names; none if it is no merge."""
        infos, i = self.events.infos, self.events.resolved(i)
        if infos[i][0] == MAP:
            return [i]
        if infos[i][0] != SEQ:
            return []
        elements = [self.events.resolved(child) for child in self.events.children(i)]
        self.charge(len(elements))
        return [element for element in elements if infos[element][0] == MAP]

    def is_merge(self, key: int) -> bool:
        """Tell whether a key is the merge key."""
        info = self.events.infos[key]
        return info[0] == SCALAR and info[1] == "<<" and info[2] and info[3] in ("", "!!merge")

    def label(self, i: int) -> Part:
        """Return the part of a node as an element of a list."""
        i = self.events.resolved(i)
        if self.events.infos[i][0] != MAP:
            return ELEMENT
        if i not in self._labels:
            noted: dict[str, str] = {}
            for key, value in self.pairs(i):
                info, said = self.events.infos[key], self.events.infos[value]
                if info[0] == said[0] == SCALAR and info[1] in LABELS and is_name(said[1]):
                    noted.setdefault(info[1], said[1])
            self._labels[i] = label_part(noted)
        return self._labels[i]

    def pairs(self, i: int) -> list[tuple[int, int]]:
        """Return the keys and values of a mapping."""
        children = self.events.children(i)
        return list(zip(children[::2], children[1::2], strict=True))

    def _part(self, key: int) -> Part:
        info = self.events.infos[key]
        return ("k", info[1]) if info[0] == SCALAR else COMPLEX
