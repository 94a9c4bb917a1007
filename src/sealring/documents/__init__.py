"""Text to fields with exact spans and back: YAML, JSON, .env, INI, TOML, opaque. No keys, no policy."""

from __future__ import annotations

from sealring.documents.base import Limits
from sealring.errors import DocumentRefused, LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.base import Document

DEFAULT_LIMITS = Limits()


def format_of(name: str) -> str:
    """Tell the format of a file by its name; "opaque" when nothing fits.

    `.env`, `.env.production`, `prod.env`, `.envrc.local` style names are dotenv files.
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    extension = base.rsplit(".", 1)[-1] if "." in base else ""
    if base == ".env" or base.startswith(".env.") or extension == "env":
        return "dotenv"
    by_extension = {
        "yaml": "yaml",
        "yml": "yaml",
        "json": "json",
        "ini": "ini",
        "cfg": "ini",
        "conf": "ini",
        "toml": "toml",
    }
    return by_extension.get(extension, "opaque")


def parse(text: str, format: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Parse a text of a named format.

    Raises:
        DocumentRefused: it does not parse; with the line.
        LimitExceeded: it is larger or deeper than the limits.
        ValueError: the format is not known: a caller's bug.
    """
    if len(text) > limits.text_chars:
        raise LimitExceeded(
            f"the file has {len(text):,} characters; the limit is {limits.text_chars:,}",
            hints=["raise `limits.text` in .sealring/policy.yaml"],
        )
    document: Document = _module(format).parse(text, limits)
    return document


def decode(data: bytes) -> str:
    """Decode the bytes of a file, strictly.

    Raises:
        DocumentRefused: not UTF-8, or a NUL, as UTF-16 files have.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DocumentRefused("the file is not UTF-8", line=line) from None
    if "\0" in text:
        raise DocumentRefused("the file holds a NUL character", line=text[: text.index("\0")].count("\n") + 1)
    return text


def _module(format: str) -> Any:
    if format == "yaml":
        from sealring.documents import yaml

        return yaml
    if format == "json":
        from sealring.documents import json

        return json
    if format == "dotenv":
        from sealring.documents import dotenv

        return dotenv
    if format == "ini":
        from sealring.documents import ini

        return ini
    if format == "toml":
        from sealring.documents import toml

        return toml
    if format == "opaque":
        from sealring.documents import opaque

        return opaque
    raise ValueError(f"unknown format {format!r}")
