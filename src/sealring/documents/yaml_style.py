"""How new entries of a YAML text are spelled: the steps and line ends of the text, block or flow.

Source: spec.md 5.6.
"""

from __future__ import annotations

from sealring.documents.yaml_events import MAP, SEQ
from sealring.documents.yaml_literals import double_quoted, spell
from sealring.documents.yaml_slices import LINE_BREAK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.yaml_events import Events
    from sealring.model.field_path import Part


class Style:
    """Spells missing parts of an address, with the literal at the end."""

    def __init__(self, events: Events, literal: str) -> None:
        self.literal = literal
        found = LINE_BREAK.search(events.text)
        self.line_end = found.group() if found is not None else "\n"
        self.step, self.list_step = steps(events)

    def block(self, parts: tuple[Part, ...], column: int) -> list[str]:
        """Spell parts and value as lines of block style."""
        if not parts:
            return [" " * column + self.literal]
        part, rest = parts[0], parts[1:]
        pad = " " * column
        if part[0] == "k":
            key = f"{pad}{spell(part[1])}:"
            if not rest:
                return [f"{key} {self.literal}"]
            return [key, *self.block(rest, column + (self.step if rest[0][0] == "k" else self.list_step))]
        if len(part) == 3:
            label = f"{pad}- {spell(part[1])}: {spell(part[2])}"
            return [label, *self.block(rest, column + 2)] if rest else [label]
        first, *others = self.block(rest, column + 2)
        return [f"{pad}- {first.lstrip(' ')}", *others]

    def flow(self, parts: tuple[Part, ...], is_json: bool) -> str:
        """Spell parts and value in brackets."""
        if not parts:
            return self.literal
        part, rest = parts[0], parts[1:]
        if part[0] == "k":
            key = double_quoted(part[1]) if is_json else spell(part[1])
            return f"{{{key}: {self.flow(rest, is_json)}}}"
        if len(part) < 3:
            return f"[{self.flow(rest, is_json)}]"
        quote = '"' if is_json else ""
        label = f"{spell(part[1], quote)}: {spell(part[2], quote)}"
        below = f", {self.flow(rest, is_json)[1:-1]}" if rest else ""
        return f"[{{{label}{below}}}]"


def steps(events: Events) -> tuple[int, int]:
    """Return by how much mappings and lists stand to the right of the mapping that they are in."""
    steps: dict[int, int] = {}
    open_: list[int] = []
    for i, info in enumerate(events.infos):
        if info[0] in (MAP, SEQ):
            parent = open_[-1] if open_ else -1
            if i in events.columns and parent in events.columns and events.infos[parent][0] == MAP:
                steps.setdefault(info[0], events.columns[i] - events.columns[parent])
            open_.append(i)
        elif open_ and events.close[open_[-1]] == i:
            open_.pop()
        if len(steps) == 2:
            break
    step = steps.get(MAP) or steps.get(SEQ) or 2
    return step, steps.get(SEQ, step)
