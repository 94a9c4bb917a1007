"""How values are spelled in YAML: no documents, no places.

Values are written so that readers of YAML 1.1, of which there are many, understand the same as those
of YAML 1.2: `no`, `0777` and `12:30:45` are texts, so they get quotes.

Source: YAML 1.2.2, 10.3; YAML 1.1 types; spec.md 5.6.
"""

from __future__ import annotations

import re

from sealring.documents.base import TOKEN_PREFIX
from sealring.errors import DocumentRefused

# What any reader of YAML 1.1 or 1.2 may take for something else than a text.
_MISREAD = re.compile(
    r"""(?: ~ | null | true | false | y | n | yes | no | on | off | = | <<
      | [-+]?[0-9.][0-9_,.]*(?:e[-+]?[0-9_]+)?
      | [-+]?0[box][0-9a-f_]+
      | [-+]?[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*
      | [-+]?\.(?:inf|nan) )\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){2,}\Z")  # 10.0.0.1 is a number to nobody
_PLAIN = re.compile(
    r"[A-Za-z0-9_./$^;=(<+~\\\x80-\U0010ffff][^,?\[\]{}]*\Z"
)  # "?" ends a word in flow style for PyYAML


def spell(value: str | int | float | bool | None, quote: str = "") -> str:
    """Spell a value on one line, safe in block and flow style and for readers of YAML 1.1.

    Args:
        quote: the quotes that texts should have where that is possible; "" for as few as can be.
    Raises:
        DocumentRefused: half a surrogate pair, which no file can hold.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _spell_float(value)
    if quote == "" and is_plain_safe(value):
        return value
    if quote != '"' and "'" not in value and value.isprintable() and (quote or '"' in value or "\\" in value):
        return f"'{value}'"
    return double_quoted(value)


def _spell_float(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    return text if "." in mantissa else f"{mantissa}.0{e}{exponent}"  # YAML 1.1 wants the dot


def is_plain_safe(text: str) -> bool:
    """Tell whether a text can stand without quotes and is a text to every reader."""
    if _PLAIN.match(text) is None or not text.isprintable():
        return False
    if text[-1] in " :" or ": " in text or " #" in text or text.startswith(("...", TOKEN_PREFIX)):
        return False
    return _MISREAD.match(text) is None or _ADDRESS.match(text) is not None


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\u0000"}


def double_quoted(text: str) -> str:
    """Spell a text in double quotes on one line, with JSON's escapes where they do.

    Raises:
        DocumentRefused: half a surrogate pair.
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(each) for each in text) + '"'


def _escaped(each: str) -> str:
    if each in _ESCAPES:
        return _ESCAPES[each]
    if each.isprintable():
        return each
    code = ord(each)
    if 0xD800 <= code < 0xE000:
        raise DocumentRefused("the value holds half a surrogate pair, which no file can hold")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def block_literal(text: str, column: int, line_end: str) -> str | None:
    """Spell a text of several lines as a literal block, without the line end behind it.

    None where the block would not be exact, or where an editor that cuts blanks would change it.
    """
    body = text[:-1] if text.endswith("\n") else text
    lines = body.split("\n")
    if len(lines) < 2 and not text.endswith("\n"):
        return None
    if not lines[-1] or not lines[0] or lines[0][0] in " \t":
        return None
    if any(not line.isprintable() or line.endswith(" ") for line in lines if "\t" not in line):
        return None
    if any(not line.replace("\t", "").isprintable() or line[-1] in " \t" for line in lines if "\t" in line):
        return None
    header = "|" if text.endswith("\n") else "|-"
    return line_end.join([header, *(" " * column + line if line else "" for line in lines)])
