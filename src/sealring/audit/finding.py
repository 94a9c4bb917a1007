"""One result of a check."""

from __future__ import annotations

from sealring.model.record import Record

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)


class Finding(Record):
    """What a rule has found, and where; never a value.

    rule: its id. message: as in errors: lower case, no final stop. file: from the root of the repository;
    empty if it is about no file. line: from 1, 0 if not known. place: the field, as people type it.
    hints: commands or edits that help.
    """

    rule: str
    severity: str
    message: str
    file: str = ""
    line: int = 0
    place: str = ""
    hints: tuple[str, ...] = ()

    def sort_key(self) -> tuple[int, str, int, str, str]:
        """Return what findings are ordered by: errors first, then file and line."""
        return (SEVERITIES.index(self.severity), self.file, self.line, self.rule, self.message)
