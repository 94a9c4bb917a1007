"""Keys of INI files put in, in the style of their siblings.

Source: spec.md 5.6.
"""

from __future__ import annotations

import re

from sealring.documents import edits
from sealring.documents.ini import BLANKS, shifted
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.base import Field
    from sealring.documents.ini import IniDocument
    from sealring.model.field_path import FieldPattern

_KEY = re.compile(r"[^\s=:\[\]#;](?:[^=:\n]*[^\s=:])?")
_SECTION = re.compile(r"[^\]\r\n]+")


def inserted(document: IniDocument, where: FieldPattern, literal: str) -> str:
    """Return the text with one more key; its section is made at the end if it is missing.

    Raises:
        DocumentRefused: the address has another shape, or the edit did not read back.
    """
    names = [part[1] for part in where.parts if part[0] == "k"]
    if len(names) != len(where.parts) or len(names) not in (1, 2):
        raise DocumentRefused(f"{where} is not a place in an INI file: section and key, or a key alone")
    if _KEY.fullmatch(names[-1]) is None or _SECTION.fullmatch(names[0]) is None:
        raise DocumentRefused("an INI file cannot hold this key")
    text = document.text
    section = (("k", names[0]),) if len(names) == 2 else ()
    siblings = [f for f in document.fields if f.kind == "scalar" and f.path.parts[:-1] == section]
    indent, sign = _style(document, siblings)
    literal = shifted(literal, 0, indent)
    line = f"{indent}{names[-1]}{sign}{literal}"
    if siblings:
        offset = edits.lines_around(text, siblings[-1].end, siblings[-1].end)[1]
        return edits.checked_insert(document, edits.with_line(text, offset, line), where, literal)
    headers = [f for f in document.fields if f.kind == "empty" and f.path.parts == section]
    if headers:
        offset = edits.lines_around(text, headers[-1].end, headers[-1].end)[1]
    elif section:
        offset = len(text)
        gap = edits.line_end(text) if text.strip() and not text.endswith(("\n\n", "\n\r\n")) else ""
        line = f"{gap}[{names[0]}]{edits.line_end(text)}{line}"
    else:
        is_first = any(len(field.path.parts) == 2 or field.kind == "empty" for field in document.fields)
        offset = (1 if text.startswith("\ufeff") else 0) if is_first else len(text)
    return edits.checked_insert(document, edits.with_line(text, offset, line), where, literal)


def _style(document: IniDocument, siblings: list[Field]) -> tuple[str, str]:
    """Return the blanks before a key, and the delimiter with its blanks, as others have them."""
    others = siblings or [field for field in document.fields if field.kind == "scalar"]
    field = next((each for each in reversed(others) if document.slice_of(each).strip()), None)
    if field is None:
        return "", " = "
    text = document.text
    line = text[text.rfind("\n", 0, field.start) + 1 : field.start].removeprefix("\ufeff")
    delimiter = min(at for at in (line.find("="), line.find(":")) if at >= 0)
    key = line[:delimiter].rstrip(BLANKS)
    sign = line[len(key) :]
    return document.indent_of(field), sign
