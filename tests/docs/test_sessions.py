"""Every terminal session in the documents does what the document shows."""

from __future__ import annotations

import pytest

from tests.docs.console import ROOT, matches, run, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]
WITH_SESSIONS = [document for document in DOCUMENTS if sessions(document)]


@pytest.mark.parametrize("document", WITH_SESSIONS, ids=lambda path: path.name)
def test_sessions_print_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    assert run(document, tmp_path) == []


def test_readme_and_tutorial_have_sessions() -> None:
    names = {document.name for document in WITH_SESSIONS}
    assert {"README.md", "tutorial.md"} <= names


def test_a_wrong_line_is_noticed() -> None:
    assert matches("a\n...\nb 1...", "a\nx\ny\nb 12")
    assert not matches("a\nb", "a\nc")
