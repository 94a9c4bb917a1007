"""The merge driver: what git calls for a sealed file that both sides have changed.

Git (2.39.5, tried) takes every exit status of a driver but 0 as a conflict, also that of one that was
killed, and leaves in the working tree what the driver has left in %A: our side without a mark, if it
died before it wrote, and the next `git add` drops the other side. So the first thing that is done is to
merge the sealed text as text and write that, with markers. Only a better merge takes its place.

Source: gitattributes(5), "Defining a custom merge driver"; docs/reference/merge.md.
"""

from __future__ import annotations

import os

from sealring.core.merge import Labels, Merged, has_markers, merge
from sealring.core.texts import bytes_of, text_of
from sealring.documents.base import TOKEN_PREFIX
from sealring.errors import PolicyError, SealringError, UnknownEpoch
from sealring.files.atomic import read_bytes
from sealring.files.source import DiskSource, Source
from sealring.git.run import git
from sealring.model.record import Record
from sealring.model.token import EpochRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealring.core.session import Session
    from sealring.git.objects import ObjectReader

    OpenSession = Callable[[Source | None], Session]

_CLEAN = (0,)
_ANY = tuple(range(128))


class Call(Record):
    """What git hands to a driver.

    base, ours, theirs: %O %A %B, temporary files without an extension. name: %P, from the top of the
    working tree.
    """

    base: str
    ours: str
    theirs: str
    labels: Labels
    name: str


class Outcome(Record):
    """The exit status, and what people should know."""

    status: int
    notes: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def driver_command(program: str) -> str:
    """Return what `merge.sealring.driver` is to be set to.

    A program that is gone, as after an upgrade of Python, or that was killed at its start, must not drop
    a side of a merge either: then the shell merges as text.
    """
    text_merge = "git merge-file -L ours -L base -L theirs --marker-size=%L %A %O %B"
    return (
        f"{program} merge-driver %O %A %B %L %P; s=$?; "
        f"case $s in 0|1) ;; *) grep -q '^<<<<<<<' %A || {text_merge}; s=1;; esac; exit $s"
    )


def plain_merge(call: Call, ours: bytes) -> Outcome:
    """Merge the sealed text as text, and leave the result in %A, with markers where it conflicts."""
    labels = call.labels
    words = ["merge-file", "-p", f"--marker-size={labels.size}"]
    words += [part for label in (labels.ours, "base", labels.theirs) for part in ("-L", label)]
    files = [call.ours, call.base, call.theirs]
    result = git(".", *words, *files, accept=_CLEAN)
    status = 0 if result is not None else 1
    if result is None:
        result = git(".", *words, *files, accept=_ANY)
    if result is None:  # no git, or bytes that it takes for binary
        marks = [mark * labels.size for mark in "<=>"]
        parts = (f"{marks[0]} {labels.ours}\n", f"{marks[1]}\n", f"{marks[2]} {labels.theirs}\n")
        opening, middle, closing = (part.encode("utf-8") for part in parts)
        result = opening + _ended(ours) + middle + _ended(read_bytes(call.theirs)) + closing
    _put(call.ours, result)
    return Outcome(status)


def run(call: Call, open_session: OpenSession, scratch: str, revisions: Sequence[str] = ()) -> Outcome:
    """Merge; afterwards %A holds the result.

    Args:
        open_session: opens the repository, from the disk or another source; called with no terminal.
        scratch: a private directory.
        revisions: commits that take part in this merge, if git has told.
    Raises:
        SealringError: not if it can be helped: then %A holds the merge of the sealed text as text.
    """
    data = [read_bytes(file) for file in (call.base, call.ours, call.theirs)]
    outcome = plain_merge(call, data[1])
    if not any(TOKEN_PREFIX.encode("ascii") in each for each in data):
        return outcome
    try:
        base, ours, theirs = (text_of(call.name, each) for each in data)
        if any(has_markers(text) for text in (base, ours, theirs)):
            return outcome
        session, name = _session(call, open_session, (base, ours, theirs), revisions)
        merged = merge(
            session, name, (base, ours, theirs), text_merge=TextMerger(scratch), labels=call.labels
        )
        result = bytes_of(name, merged.text)
    except SealringError as error:
        return outcome.replace(notes=(f"merged as text: {error.message}",))
    except MemoryError:
        return outcome.replace(notes=("merged as text: not enough memory",))
    _put(call.ours, result)
    return Outcome(1 if merged.conflicts else 0, tuple(_notes(session, name, merged)), merged.conflicts)


def _put(file: str, data: bytes) -> None:
    """Write a file whole or not at all; git reads it by its name when we have ended."""
    temp = f"{file}.sealring"
    with open(temp, "wb") as stream:
        stream.write(data)
    os.replace(temp, file)


def _ended(data: bytes) -> bytes:
    return data if data.endswith(b"\n") or not data else data + b"\n"


class TextMerger:
    """`git merge-file` on texts, in a private directory: lines of values may pass through it."""

    def __init__(self, scratch: str) -> None:
        """Name the directory."""
        self.scratch = scratch

    def __call__(self, base: str, ours: str, theirs: str) -> str | None:
        """Return the merged text, or None where it conflicts."""
        files = []
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            files.append(os.path.join(self.scratch, name))
            with open(files[-1], "wb") as stream:
                stream.write(text.encode("utf-8"))
        result = git(self.scratch, "merge-file", "-p", *files, accept=_CLEAN)
        return None if result is None else result.decode("utf-8")


# The repository as both sides of the merge know it


class JointSource(Source):
    """The disk, and behind it a commit: epochs that the other side has started are not on disk yet."""

    def __init__(self, first: Source, second: Source) -> None:
        """Take two sources; the first one counts where both have a file."""
        self.first, self.second = first, second

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """Return the content of a file; see `Source.read`."""
        return (self.first if self.first.exists(name) else self.second).read(name, limit=limit)

    def list(self, folder: str) -> list[str]:
        """Return the names in a folder of either."""
        return sorted({*self.first.list(folder), *self.second.list(folder)})

    def exists(self, name: str) -> bool:
        """Tell whether either has a file or folder of this name."""
        return self.first.exists(name) or self.second.exists(name)


def _session(
    call: Call, open_session: OpenSession, texts: Sequence[str], revisions: Sequence[str]
) -> tuple[Session | None, str]:
    """Open the repository, with the epochs of the other side; without one, the file is merged by itself."""
    try:
        session = open_session(None)
    except SealringError:
        return None, call.name
    name = session.name_of(call.name)
    missing = _missing_epochs(session, texts)
    if not missing:
        return session, name
    from sealring.git.objects import ObjectReader

    with ObjectReader(session.root) as reader:
        for at in missing:
            source = _commit_with(session, at, revisions, reader)
            if source is None:
                continue
            try:
                joint = open_session(JointSource(DiskSource(session.root), source))
                for each in _missing_epochs(joint, texts):
                    raise UnknownEpoch(f"{each} is not there either")
                _read_all(joint, texts)
            except SealringError:
                continue
            return joint, name
    return session, name


def _missing_epochs(session: Session, texts: Sequence[str]) -> list[EpochRef]:
    return [at for at in _epochs(texts) if not _has_epoch(session, at)]


def _has_epoch(session: Session, at: EpochRef) -> bool:
    try:
        session.keyring.epoch(at)
    except (UnknownEpoch, PolicyError):
        return False
    return True


def _epochs(texts: Sequence[str]) -> list[EpochRef]:
    """Return the epochs that the tokens of some texts name, in order."""
    found: dict[EpochRef, None] = {}
    for text in texts:
        for piece in text.split(f"{TOKEN_PREFIX}1,")[1:]:
            group, _, epoch = piece[: piece.find(",")].partition("@")
            found[EpochRef(group, epoch)] = None
    return list(found)


def _read_all(session: Session, texts: Sequence[str]) -> None:
    """Read what the merge will ask for while the commit can be read."""
    for at in _epochs(texts):
        session.standing(at.group)
        session.roots.can_open(at)


def _commit_with(
    session: Session, at: EpochRef, revisions: Sequence[str], reader: ObjectReader
) -> Source | None:
    """Find a commit that has an epoch: the other side's, or any that a reference reaches."""
    from sealring.git.snapshot import revision_source
    from sealring.keyring.load import epoch_dir

    folder = epoch_dir(at)
    found = None
    for starts in (revisions, ()):
        found = found or git(session.root, "rev-list", "-n", "1", "--all", *starts, "--", f"./{folder}")
    if not found:
        return None
    try:
        return revision_source(session.root, found.decode("ascii").strip(), reader)
    except SealringError:
        return None


def revisions_of(environ: Mapping[str, str]) -> list[str]:
    """Return the commits that `git merge` names in the environment of its children."""
    ids = [name.removeprefix("GITHEAD_") for name in environ if name.startswith("GITHEAD_")]
    return [each for each in ids if len(each) in (40, 64) and set(each) <= set("0123456789abcdef")]


# What people should know


def _notes(session: Session | None, name: str, merged: Merged) -> list[str]:
    notes = []
    if merged.left:
        shown = ", ".join(merged.left[:6]) + (", ..." if len(merged.left) > 6 else "")
        notes.append(f"{shown}: sealed for another place; `sealring check --fix {name}` tries to mend it")
    for group, number in _stale(session, merged.text).items():
        values = "1 value is" if number == 1 else f"{number} values are"
        notes.append(f"{values} under an earlier epoch of {group}; `sealring rotate {group}` seals them anew")
    if not merged.has_keys:
        notes.append("merged without keys: values were compared by their set times")
    return notes


def _stale(session: Session | None, text: str) -> dict[str, int]:
    """Count the tokens that are under an epoch that is not current any more, by group."""
    current: dict[str, set[str]] = {}
    every = [piece.partition("]")[0] for piece in text.split(f"{TOKEN_PREFIX}1,")[1:]]
    refs = [EpochRef(*each.partition(",")[0].partition("@")[::2]) for each in every]
    for group in {at.group for at in refs}:
        try:
            found = session.standing(group).current if session else ()
        except SealringError:
            found = ()
        newest = max((_generation(at) for at in refs if at.group == group), default=0)
        current[group] = {epoch.id for epoch in found} or {
            at.epoch for at in refs if at.group == group and _generation(at) == newest
        }
    stale: dict[str, int] = {}
    for at in refs:
        if at.epoch not in current[at.group]:
            stale[at.group] = stale.get(at.group, 0) + 1
    return stale


def _generation(at: EpochRef) -> int:
    number = at.epoch.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() else 0
