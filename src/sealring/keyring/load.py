"""Read what `.sealring/members` and `.sealring/groups` say, strictly, and no more of it than is asked for.

Source: spec.md 6.1, 6.2.
"""

from __future__ import annotations

from sealring.documents import decode, parse
from sealring.errors import PolicyError, SealringError, UnknownEpoch
from sealring.files.source import DiskSource
from sealring.files.tree import CONTROL_DIR
from sealring.model.encoding import BASE32
from sealring.model.members import KINDS, Epoch, Group, Member, Removal, Wrap
from sealring.model.token import EPOCH_SUFFIX_CHARS, EpochRef, check_epoch_id, check_name, check_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sealring.files.source import Source

MEMBERS = f"{CONTROL_DIR}/members"
GROUPS = f"{CONTROL_DIR}/groups"
REQUESTS = f"{CONTROL_DIR}/requests"
MAX_FILE_BYTES = 256 * 1024
COMMITMENT_CHARS = 52


class Keyring:
    """The members and groups of one repository, each file read once."""

    def __init__(self, root: str, repository: str, source: Source | None = None) -> None:
        """Name the directory that holds `.sealring`, and the repository id of its policy.

        Args:
            source: where files are read; None for the disk.
        """
        self.root = root
        self.source = source or DiskSource(root)
        self.repository = repository
        self._members: dict[str, Member] = {}
        self._groups: dict[str, Group] = {}
        self._wraps: dict[tuple[EpochRef, str], Wrap] = {}

    def member_names(self) -> list[str]:
        """Return the names of all members, sorted."""
        return self._names(MEMBERS, ".yaml")

    def group_names(self) -> list[str]:
        """Return the names of all groups, sorted."""
        names = self.source.list(GROUPS)
        return [name for name in names if self.source.exists(f"{GROUPS}/{name}/group.yaml")]

    def member(self, name: str) -> Member:
        """Return one member.

        Raises:
            PolicyError: no such member, or its file is malformed.
        """
        if name not in self._members:
            file = member_file(name)
            if not self.source.exists(file):
                raise _unknown("member", name, self.member_names())
            self._members[name] = parse_member(name, self.source.read(file, limit=MAX_FILE_BYTES))
        return self._members[name]

    def group(self, name: str) -> Group:
        """Return one group with all its epochs.

        Raises:
            PolicyError: no such group, or a file of it is malformed.
        """
        if name not in self._groups:
            folder = f"{GROUPS}/{name}"
            if not self.source.exists(f"{folder}/group.yaml"):
                raise _unknown("group", name, self.group_names())
            entries = self._entries(f"{folder}/group.yaml")
            entries.only("description", "includes")
            epochs = [
                self._epoch(EpochRef(name, id))
                for id in self.source.list(f"{folder}/epochs")
                if self.source.exists(f"{folder}/epochs/{id}/epoch.yaml")
            ]
            removals = [
                _removal(f"{folder}/removed", stem) for stem in self._names(f"{folder}/removed", ".yaml")
            ]
            group = Group(
                name,
                entries.text("description", ""),
                entries.names("includes", check_name),
                tuple(sorted(epochs, key=lambda epoch: (epoch.generation, epoch.id))),
                tuple(removals),
            )
            _check_lineage(group)
            self._groups[name] = group
        return self._groups[name]

    def epoch(self, at: EpochRef) -> Epoch:
        """Return one epoch.

        Raises:
            UnknownEpoch: the repository has no such group or epoch.
        """
        known = at.group in self.group_names()
        epoch = self.group(at.group).epoch(at.epoch) if known else None
        if epoch is None:
            raise UnknownEpoch(
                f"{at} is not an epoch that this repository has",
                notes=["the value was sealed elsewhere, or files under .sealring/groups are missing"],
            )
        return epoch

    def wrap(self, at: EpochRef, member: str) -> Wrap:
        """Return what stands beside a wrap: through which groups, and the vouch."""
        key = (at, member)
        if key not in self._wraps:
            file = f"{epoch_dir(at)}/{member}.vouch"
            if not self.source.exists(file):
                raise PolicyError("the file that vouches for a wrap is missing", file=file)
            entries = self._entries(file)
            entries.only("via", "mac", "bridge")
            via = entries.names("via", check_name)
            self._wraps[key] = Wrap(member, via, entries.text("mac"), entries.text("bridge", ""))
        return self._wraps[key]

    def wrap_bytes(self, at: EpochRef, member: str) -> bytes:
        """Return the age file by which a member opens an epoch."""
        return self.source.read(f"{epoch_dir(at)}/{member}.age", limit=MAX_FILE_BYTES)

    def members_with(self, recipients: list[str]) -> list[str]:
        """Return the names of the members whose files hold one of these recipients.

        A search for the text, so that fifty files cost no more than one parse.
        """
        wanted = [recipient.encode("utf-8") for recipient in recipients]
        found = []
        for name in self.member_names():
            data = self.source.read(member_file(name), limit=MAX_FILE_BYTES)
            if any(recipient in data for recipient in wanted):
                found.append(name)
        return found

    def forget(self) -> None:
        """Read everything again at the next question, as files were written."""
        self._members.clear()
        self._groups.clear()
        self._wraps.clear()

    def _entries(self, file: str) -> _Entries:
        return _Entries(file, self.source.read(file, limit=MAX_FILE_BYTES))

    def _names(self, folder: str, ending: str) -> list[str]:
        names = self.source.list(folder)
        return [name.removesuffix(ending) for name in names if name.endswith(ending) and name[0] != "."]

    def _epoch(self, at: EpochRef) -> Epoch:
        folder = epoch_dir(at)
        entries = self._entries(f"{folder}/epoch.yaml")
        entries.only("recipient", "commitment", "parents", "links", "created", "dropped", "retired", "mac")
        entries.check("the directory's name", at.epoch, check_epoch_id)
        return Epoch(
            at,
            entries.text("recipient"),
            entries.text("commitment"),
            entries.names("parents", _check_full_name),
            entries.names("links"),
            entries.check("created", entries.text("created"), check_time),
            entries.names("dropped", check_name),
            entries.names("retired", check_epoch_id),
            entries.text("mac"),
            tuple(self._names(folder, ".age")),
        )


def member_file(name: str) -> str:
    """Return the repository-relative name of a member's file."""
    return f"{MEMBERS}/{name}.yaml"


def epoch_dir(at: EpochRef) -> str:
    """Return the repository-relative directory of an epoch."""
    return f"{GROUPS}/{at.group}/epochs/{at.epoch}"


class _Entries:
    """The entries of one small YAML file, checked as they are taken."""

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        try:
            loaded = parse(decode(data), "yaml").data()
        except SealringError as error:
            raise PolicyError(error.message, file=file, line=error.line) from None
        if not isinstance(loaded, dict):
            raise PolicyError("expected a mapping of names to values", file=file)
        self.data: Mapping[str, Any] = loaded

    def only(self, *known: str) -> None:
        for key in self.data:
            if key not in known:
                raise PolicyError(
                    f"unknown key {key!r}", file=self.file, hints=[f"known keys: {', '.join(known)}"]
                )

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise PolicyError(f"{key} is missing or not text", file=self.file)
        return value

    def names(self, key: str, check: Any = None) -> tuple[str, ...]:
        values = self.data.get(key) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise PolicyError(f"{key} is not a list of texts", file=self.file)
        if len(set(values)) != len(values):
            raise PolicyError(f"{key} names something twice", file=self.file)
        return tuple(self.check(key, value, check) if check else value for value in values)

    def check(self, key: str, value: str, check: Any) -> str:
        try:
            check(value)
        except ValueError as error:
            raise PolicyError(f"{key}: {error}", file=self.file) from None
        return value


def parse_member(name: str, data: bytes) -> Member:
    """Read the file of a member, as it is or as it was at another time.

    Raises:
        PolicyError: it is malformed.
    """
    entries = _Entries(member_file(name), data)
    entries.only("name", "kind", "recipients")
    entries.check("name", name, check_name)
    if entries.text("name") != name:
        raise PolicyError(f"the file is named {name!r}, but says another name", file=entries.file)
    kind = entries.text("kind", "person")
    if kind not in KINDS:
        raise PolicyError(f"kind {kind!r} is not one of {', '.join(KINDS)}", file=entries.file)
    recipients = entries.names("recipients")
    if not recipients:
        raise PolicyError(f"member {name!r} has no recipients", file=entries.file)
    return Member(name, kind, recipients)


def _check_full_name(text: str) -> None:
    generation, _, committed = text.partition(".")
    check_epoch_id(f"{generation}.{committed[:EPOCH_SUFFIX_CHARS]}")
    if len(committed) != COMMITMENT_CHARS or not set(committed) <= set(BASE32):
        raise ValueError("a parent is named by its generation, a dot, and its whole commitment")


def _check_lineage(group: Group) -> None:
    """Check that epochs form one history: one beginning, and each other one after those it names.

    Raises:
        PolicyError: a parent is missing or another one, or there is a second beginning.
    """
    beginnings = [epoch.id for epoch in group.epochs if not epoch.follows]
    if len(beginnings) > 1:
        raise PolicyError(
            f"group {group.name} has {len(beginnings)} beginnings ({', '.join(beginnings)})",
            file=f"{GROUPS}/{group.name}/epochs",
            notes=[
                "two branches made a group of this name, or somebody planted one to read what is sealed next"
            ],
            hints=["`git log -- .sealring/groups` tells who; delete the directory of the wrong one"],
        )
    for epoch in group.epochs:
        file = f"{epoch_dir(epoch.at)}/epoch.yaml"
        parents = [group.epoch(parent) for parent in epoch.parents]
        for full, parent in zip(epoch.follows, parents, strict=True):
            if parent is None or parent.name_in_full != full:
                raise PolicyError(f"the epoch follows {full[:12]}, which is not there", file=file)
        generations = [parent.generation for parent in parents if parent is not None]
        if epoch.generation != max(generations, default=0) + 1 or len(epoch.links) != len(epoch.follows):
            raise PolicyError("the epoch's number, parents and links do not fit together", file=file)


def _removal(folder: str, stem: str) -> Removal:
    member, _, epoch = stem.partition("@")
    try:
        check_name(member)
        check_epoch_id(epoch)
    except ValueError as error:
        raise PolicyError(f"not the name of a removal: {error}", file=f"{folder}/{stem}.yaml") from None
    return Removal(member, epoch)


def _unknown(what: str, name: str, known: list[str]) -> PolicyError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hints = [f'did you mean "{near[0]}"?'] if near else []
    hints.append(f"`sealring {what} list` shows them all")
    return PolicyError(f"no {what} is named {name!r}", hints=hints)
