"""Policy files as text: a new one, and one more rule in an old one.

People edit these files and review them, so a new rule is put between their lines and every other
byte stays. This package reads no YAML: the caller parses the result and compares before writing.

Source: spec.md 3.
"""

from __future__ import annotations

from sealring.errors import PolicyError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN_START = frozenset("abcdefghijklmnopqrstuvwxyz")
_PLAIN = _PLAIN_START | frozenset("0123456789-")
_NOT_STRINGS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")

_NO_RULES = ("[]", "null", "~")

_INITIAL = """\
# Which values are sealed, and for whom.
version: 1

# The name of this repository in every sealed value. Changing it makes them all unreadable.
repository: {repository}

# For each value, the first rule that matches its file and its path decides.
#
#   - files: ["config/prod*.yaml"]       # as in .gitignore; "!..." takes files out again
#     fields: ["**.password", "db.*"]    # left out: every value
#     except: ["db.host"]                # stays plain, unless a later rule takes it
#     group: prod                        # who can read it: a directory of .sealring/groups
#     max_age: 90d                       # how long a value may stay the same
#     require: ["db.password"]           # must exist, so that deletion is noticed
#     bind: ["db.host"]                  # plain, but a change of it breaks the sealed values
#   - preset: kubernetes-secret          # or dotenv, or compose
#     files: ["k8s/**/*.yaml"]
#     group: prod
rules:
"""


class NewRule(Record):
    """What to write for one rule, in the words of the policy file; what is empty is left out."""

    group: str
    files: tuple[str, ...] = ()
    preset: str = ""
    name: str = ""
    fields: tuple[str, ...] = ()
    excepts: tuple[str, ...] = ()
    max_age: str = ""
    require: tuple[str, ...] = ()
    bind: tuple[str, ...] = ()

    def lines(self, indent: int) -> list[str]:
        """Return the rule as an item of a block list, without line ends."""
        entries = [
            ("name", _scalar(self.name)),
            ("preset", _scalar(self.preset)),
            ("files", _list(self.files)),
            ("fields", _list(self.fields)),
            ("except", _list(self.excepts)),
            ("group", _scalar(self.group)),
            ("max_age", _scalar(self.max_age)),
            ("require", _list(self.require)),
            ("bind", _list(self.bind)),
        ]
        shown = [f"{key}: {text}" for key, text in entries if text]
        lead = " " * indent
        return [lead + ("- " if at == 0 else "  ") + line for at, line in enumerate(shown)]


def initial_policy_text(repository: str, rules: Iterable[NewRule] = ()) -> str:
    """Return the policy.yaml of a new repository, with comments that explain it.

    Args:
        repository: from `new_repository_id`.
    """
    text = _INITIAL.format(repository=quoted_scalar(repository))
    for rule in rules:
        text = with_rule(text, rule)
    return text


def with_rule(text: str, rule: NewRule) -> str:
    """Return a policy file with one rule behind its others; every byte that was there stays.

    Only the brackets of `rules: []` go. A comment that is indented like the last rule's keys is
    taken to belong to it, so the new rule goes below.

    Raises:
        PolicyError: the list is not a block list; the hint holds the lines to add by hand.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split("\n")  # not splitlines: it also splits at characters that YAML keeps
    at = _rules_line(lines)
    if at is None:
        gap = "" if not text or text.endswith("\n") else end
        return text + gap + end.join(["rules:", *rule.lines(2), ""])
    value, comment = _without_comment(lines[at].removeprefix("rules:"))
    if value.replace(" ", "") in _NO_RULES:
        lines[at] = "rules:" + comment + ("\r" if lines[at].endswith("\r") else "")
    elif value:
        raise PolicyError(
            "`rules` is not written with one dash for each rule, so sealring does not edit it",
            line=at + 1,
            hints=["add this rule by hand:\n" + "\n".join(rule.lines(2))],
        )
    after, indent = _end_of_list(lines, at)
    if after == len(lines):  # the file has no line end behind its last line
        return "\n".join(lines) + end + end.join(rule.lines(indent))
    head = "".join(line + "\n" for line in lines[:after])
    return head + end.join([*rule.lines(indent), ""]) + "\n".join(lines[after:])


def quoted_scalar(text: str) -> str:
    """Spell a string in YAML: plain where every reader takes it for a string, else in double quotes."""
    if text and text[0] in _PLAIN_START and _PLAIN.issuperset(text) and text not in _NOT_STRINGS:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    # Not JSON's escapes: YAML reads a pair of surrogates as two characters.
    number = ord(char)
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )


def _scalar(text: str) -> str:
    return quoted_scalar(text) if text else ""


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join('"' + "".join(map(_escaped, text)) + '"' for text in texts) + "]" if texts else ""


def _rules_line(lines: list[str]) -> int | None:
    for at, line in enumerate(lines):
        if line.startswith("rules:") and line[6:7] in ("", " ", "\t", "\r"):
            return at
    return None


def _without_comment(rest: str) -> tuple[str, str]:
    """Take what stands behind `rules:` apart into the value and the comment with its space."""
    rest = rest.rstrip("\r")
    hash_at = rest.find(" #")
    if hash_at < 0:
        return rest.strip(), ""
    return rest[:hash_at].strip(), rest[hash_at:]


def _end_of_list(lines: list[str], start: int) -> tuple[int, int]:
    """Return the line in front of which one more item goes, and the indent of items."""
    indent: int | None = None
    after = start + 1
    for at in range(start + 1, len(lines)):
        stripped = lines[at].strip()
        depth = len(lines[at]) - len(lines[at].lstrip(" "))
        is_item = stripped == "-" or stripped.startswith("- ")
        if stripped == "":
            continue
        if stripped.startswith("#"):
            if depth > (indent or 0) and after == at:
                after = at + 1
            continue
        if indent is None and is_item:
            indent = depth
        if depth == 0 and not (is_item and indent == 0):
            break
        after = at + 1
    return after, 2 if indent is None else indent
