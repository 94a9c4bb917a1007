"""What a rotation was about to do, so that the next one can finish it after a kill.

Values under an epoch that a leaver holds wait for somebody to look at them, but for those that were
there when the rotation began. If the rotation is killed half-way, only this journal still knows which
those were. It lies in the private `.sealring/tmp`, is removed at the end, and counts only under MACs of
the roots that the rotation made: whoever pushes a file of this name launders nothing.
"""

from __future__ import annotations

import os

from sealring.crypto.primitives import constant_time_equal, sha256
from sealring.errors import SealringError
from sealring.files.atomic import TEMP_NAME, read_bytes, remove_tree, write_atomic
from sealring.files.tree import CONTROL_DIR
from sealring.model.record import Record
from sealring.model.token import EpochRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealring.core.session import Session

_NAME = "rotation"
_MAX_BYTES = 64 * 1024 * 1024


def digest(data: bytes) -> str:
    """Return what tells whether a file is still as it was: the SHA-256 of its bytes, in hex."""
    return sha256(data).hex()


class Journal(Record):
    """A rotation under way: the groups, the epochs it replaces, and the digests of the files to do."""

    groups: tuple[str, ...]
    fresh: frozenset[EpochRef]
    files: Mapping[str, str]

    @classmethod
    def start(
        cls,
        session: Session,
        groups: Sequence[str],
        written: Iterable[Mapping[str, bytes]],
        fresh: frozenset[EpochRef],
        files: Mapping[str, str],
    ) -> None:
        """Write the journal, before the first file of the rotation is written.

        Args:
            written: the files of the rotation, whose names tell the new epochs; their roots are in
                `session.roots`.
        """
        from json import dumps

        started = [_epoch_of(name) for each in written for name in each if name.endswith("/epoch.yaml")]
        body = {
            "groups": list(groups),
            "fresh": sorted([at.group, at.epoch] for at in fresh),
            "files": dict(files),
        }
        macs = [[at.group, at.epoch, session.roots.open(at).journal_mac(_items(body))] for at in started]
        text = dumps({**body, "macs": macs})
        session.temp_dir()
        cls.end(session)  # what lies there may be a link that somebody has pushed
        write_atomic(_path(session), text.encode("ascii"), mode=0o600)

    @classmethod
    def read(cls, session: Session) -> Journal | None:
        """Return the journal of a rotation that was killed; None if there is none that counts."""
        from json import loads

        if not os.path.lexists(_path(session)):
            return None
        try:
            body = loads(read_bytes(_path(session), limit=_MAX_BYTES))
            macs = {EpochRef(group, epoch): mac for group, epoch, mac in body["macs"]}
            fresh = frozenset(EpochRef(group, epoch) for group, epoch in body["fresh"])
            right = [
                constant_time_equal(
                    session.roots.open(at).journal_mac(_items(body)).encode("ascii"), mac.encode("utf-8")
                )
                for at, mac in macs.items()
            ]
            named = {at.group for at in macs}
            if right and all(right) and named == set(body["groups"]):
                return cls(tuple(body["groups"]), fresh, body["files"])
        except (SealringError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        # Killed before its epochs existed, or not written by us: nothing to finish.
        cls.end(session)
        return None

    @staticmethod
    def end(session: Session) -> None:
        """Remove the journal: what it says was done."""
        remove_tree(_path(session))


def _path(session: Session) -> str:
    return os.path.join(session.root, CONTROL_DIR, TEMP_NAME, _NAME)


def _items(body: Mapping[str, object]) -> tuple[str, ...]:
    from json import dumps

    return tuple(dumps(body[part], sort_keys=True) for part in ("groups", "fresh", "files"))


def _epoch_of(name: str) -> EpochRef:
    parts = name.split("/")
    return EpochRef(parts[-4], parts[-2])
