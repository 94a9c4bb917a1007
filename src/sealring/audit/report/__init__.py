"""The forms of a report: for people, for programs, and for forges. One module and one line each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.audit.check import Report

FORMATS = ("text", "json", "sarif", "github", "markdown")


def render(report: Report, form: str, where: Callable[[str], str]) -> str:
    """Spell a report.

    Args:
        form: one of FORMATS.
        where: turns a name from the root of `.sealring` into one that the reader knows.
    """
    from importlib import import_module

    text: str = import_module(f"{__name__}.{form}").render(report, where)
    return text
