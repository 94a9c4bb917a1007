"""Random files of about 50 fields, and pairs of edits of one, with what a merge of them must hold.

Every field has a number that stays with it through renames and moves, so the right merge is known from
the model, whatever any program makes of the texts.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from copy import deepcopy
from pathlib import Path

NAME = "config.yaml"
RULES = 'rules:\n  - files: ["*.yaml"]\n    fields: ["**"]\n    except: ["**.name"]\n    group: prod\n'


class Leaf:
    def __init__(self, number, key, value, comment=""):
        self.number, self.key, self.value, self.comment = number, key, value, comment


class Section:
    """kind: "map" of leaves, "list" of scalars, or "maps": a list of named maps."""

    def __init__(self, number, kind, name, items):
        self.number, self.kind, self.name, self.items = number, kind, name, items


class Model:
    def __init__(self, random, *, kinds=("map", "map", "map", "list", "maps"), lines=1):
        self.random = random
        self.count = 0
        self.lines = lines
        self.sections = []
        for n, kind in enumerate(kinds):
            items = [self.new_item(kind) for _ in range(10 if kind != "maps" else 5)]
            self.sections.append(Section(n, kind, f"section{n}", items))

    def copy(self, random):
        twin = deepcopy(self)
        twin.random = random
        return twin

    def new_leaf(self, key=None):
        self.count += 1
        number = f"{self.count}-{self.random.getrandbits(40):010x}"
        return Leaf(number, key or f"key_{number.replace('-', '_')}", self.new_value())

    def new_item(self, kind):
        if kind == "maps":
            return [self.new_leaf("name"), self.new_leaf("user"), self.new_leaf("password")]
        return self.new_leaf()

    def new_value(self):
        lines = [f"v{self.random.getrandbits(48):012x}" for _ in range(self.lines)]
        return "\n".join(lines)

    def leaves(self, *kinds):
        for section in self.sections:
            if kinds and section.kind not in kinds:
                continue
            for item in section.items:
                for leaf in item if section.kind == "maps" else [item]:
                    yield section, leaf

    def text(self):
        out = []
        for section in self.sections:
            out.append(f"{section.name}:")
            for item in section.items:
                if section.kind == "map":
                    out += [f"  # {item.comment}"] if item.comment else []
                    out += _spelled(f"  {item.key}:", item.value, 4)
                elif section.kind == "list":
                    out += _spelled("  -", item.value, 4)
                else:
                    for n, leaf in enumerate(item):
                        out += _spelled(f"  {' ' if n else '-'} {leaf.key}:", leaf.value, 6)
            out.append("")
        return "\n".join(out)

    # Edits

    def edit(self, kind):
        getattr(self, f"do_{kind}")()

    def do_set(self):
        _, leaf = self.random.choice([each for each in self.leaves("map", "maps") if each[1].key != "name"])
        leaf.value = self.new_value()

    def do_set_in_list(self):
        _, leaf = self.random.choice(list(self.leaves("list")))
        leaf.value = self.new_value()

    def do_insert(self):
        section = self.random.choice([each for each in self.sections if each.kind == "map"])
        section.items.insert(self.random.randint(0, len(section.items)), self.new_leaf())

    def do_append(self):
        section = next(each for each in self.sections if each.kind == "map")
        section.items.append(self.new_leaf())

    def do_insert_in_list(self):
        section = self.random.choice([each for each in self.sections if each.kind != "map"])
        section.items.insert(self.random.randint(0, len(section.items)), self.new_item(section.kind))

    def do_delete(self):
        section = self.random.choice([each for each in self.sections if each.kind == "map"])
        section.items.remove(self.random.choice(section.items))

    def do_delete_in_list(self):
        section = self.random.choice([each for each in self.sections if each.kind != "map"])
        section.items.remove(self.random.choice(section.items))

    def do_reorder(self):
        section = self.random.choice([each for each in self.sections if each.kind == "map"])
        item = self.random.choice(section.items)
        section.items.remove(item)
        section.items.insert(self.random.randint(0, len(section.items)), item)

    def do_comment(self):
        section = self.random.choice([each for each in self.sections if each.kind == "map"])
        self.random.choice(section.items).comment = f"note {self.random.getrandbits(24)}"

    def do_rename(self):
        _, leaf = self.random.choice(list(self.leaves("map")))
        leaf.key = f"renamed_{self.random.getrandbits(24)}"

    def do_rename_parent(self):
        section = self.random.choice([each for each in self.sections if each.kind == "map"])
        section.name = f"section_{self.random.getrandbits(24)}"

    def do_edit_line(self):
        """Change one line of a value of several lines."""
        _, leaf = self.random.choice(list(self.leaves("map")))
        lines = leaf.value.split("\n")
        lines[self.random.randrange(len(lines))] = f"v{self.random.getrandbits(48):012x}"
        leaf.value = "\n".join(lines)


def _spelled(head, value, indent):
    if "\n" not in value:
        return [f"{head} {value}"]
    return [f"{head} |-", *(" " * indent + line for line in value.split("\n"))]


def fields_of(model):
    """Return number -> (section, key, value) of all fields."""
    return {leaf.number: (section.number, leaf.key, leaf.value) for section, leaf in model.leaves()}


def disputed(base, ours, theirs):
    """Return the numbers of fields that both sides changed, each in another way."""
    old, mine, other = fields_of(base), fields_of(ours), fields_of(theirs)
    found = set()
    for number, was in old.items():
        o, t = mine.get(number), other.get(number)
        if None in (o, t):
            if (o is None) != (t is None) and (o or t) != was:
                found.add(number)
            continue
        for a, b, c in zip(was, o, t, strict=True):
            if a not in (b, c) and b != c:
                found.add(number)
    return found


def merged_values(base, ours, theirs):
    """Return the values that a merge without a dispute holds, sorted."""
    old, mine, other = fields_of(base), fields_of(ours), fields_of(theirs)
    values = []
    for number in {**old, **mine, **other}:
        versions = (old.get(number), mine.get(number), other.get(number))
        was, o, t = (each[2] if each else None for each in versions)
        value = o if t == was else t
        if value is not None:
            values.append(value)
    return sorted(values)


class TextMerger:
    """`git merge-file` in a directory of its own."""

    def __init__(self):
        base = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self.folder = Path(tempfile.mkdtemp(dir=base))

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, base, ours, theirs):
        """Return the merged text and the number of conflicts."""
        files = []
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            file = self.folder / name
            file.write_text(text, newline="")
            files.append(str(file))
        done = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
        assert 0 <= done.returncode < 128, done.stderr
        return done.stdout.decode("utf-8"), done.returncode

    def __call__(self, base, ours, theirs):
        text, conflicts = self.run(base, ours, theirs)
        return None if conflicts else text
