"""`sealring check --fix`: what git knows of a file, for `audit.mend`; and the writing."""

from __future__ import annotations

import os

from sealring.audit.mend import Known, mend
from sealring.core.texts import bytes_of, text_of
from sealring.errors import GitError, SealringError
from sealring.git import snapshot as git_states
from sealring.git.blobs import previous_version
from sealring.git.snapshot import GitSource, revision_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.audit.check import Report
    from sealring.cli.context import Context
    from sealring.core.session import Session
    from sealring.git.objects import ObjectReader


def mend_files(context: Context, root: str, report: Report, reader: ObjectReader, base: str | None) -> int:
    """Mend all files that were judged; return how many were written."""
    assert report.view is not None
    session = context.session
    git = _Git(session, root, reader, base)
    written = 0
    with session.lock():
        for file in report.view.files:
            if file.sealed is None:
                continue
            data = session.read(file.name)
            text = text_of(file.name, data)
            foreign = {error.file for error in file.sealed.problems.values() if error.slug == "foreign-token"}
            result = mend(session, file.name, text, git.known(file.name, has_foreign=bool(foreign)))
            for said in result.done:
                context.ui.say(f"{context.shown(file.name)}: {said}")
            for error in result.left:
                context.ui.warn(error)
            if result.text != text:
                session.write(file.name, bytes_of(file.name, result.text), expected=data)
                written += 1
    return written


class _Git:
    """What git knows of files."""

    def __init__(self, session: Session, root: str, reader: ObjectReader, base: str | None) -> None:
        self.session = session
        self.root = root
        self.merged = [_source(root, commit, reader) for commit in git_states.merged(root)]
        last = [_source(root, name, reader) for name in ("HEAD", base) if name]
        self.last = [source for source in last if source is not None]
        self.reader = reader

    def known(self, name: str, *, has_foreign: bool) -> Known:
        """Return what git knows of one file."""
        before = previous_version(self.root, name)
        sources = [source for source in self.merged if source is not None and source.version(name)]
        parents = [_text(source, name) for source in sources]
        return Known(
            None if before is None else text_of(name, before),
            tuple(dict.fromkeys(text for text in parents if text is not None)),
            tuple(self._renamed(name)) if has_foreign else (),
        )

    def _renamed(self, name: str) -> list[tuple[str, str]]:
        """Return earlier names that are gone from the disk, each with its last text.

        A file that is still there was copied, not renamed: its values are not to be had by a copy.
        """
        found = []
        for source in self.last:
            if not source.version(name):
                texts = ((old, self._gone(source, old)) for old in source.names)
                found += [(old, text) for old, text in texts if text is not None]
        for old, commit in git_states.renamed_from(self.root, name):
            past = _source(self.root, commit, self.reader)
            text = self._gone(past, old) if past is not None else None
            if text is not None:
                found.append((old, text))
        return found

    def _gone(self, source: GitSource, old: str) -> str | None:
        is_there = os.path.lexists(self.session.path_of(old))
        return None if is_there or old.startswith(".sealring/") else _text(source, old)


def _source(root: str, revision: str, reader: ObjectReader) -> GitSource | None:
    try:
        return revision_source(root, revision, reader)
    except GitError:
        return None


def _text(source: GitSource, name: str) -> str | None:
    try:
        return text_of(name, source.read(name, limit=64 * 1024 * 1024))
    except SealringError:
        return None
