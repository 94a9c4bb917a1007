"""One command's view of one repository: policy, members, groups, and what the user's identities open."""

from __future__ import annotations

import os

from sealring.crypto.value import ValueCipher, file_id
from sealring.documents import decode, format_of, parse
from sealring.documents.base import Limits
from sealring.errors import Pending, PolicyError, SealringError
from sealring.files.atomic import (
    TEMP_NAME,
    Lock,
    access_error,
    make_private_dir,
    sweep,
    write_atomic,
)
from sealring.files.source import DiskSource
from sealring.files.tree import CONTROL_DIR, inside, relative
from sealring.keyring.load import Keyring
from sealring.keyring.membership import standing
from sealring.keyring.roots import RootStore
from sealring.policy.load import build
from sealring.policy.shape import PolicyPart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealring.crypto.age import Identity
    from sealring.documents.base import Document
    from sealring.files.source import Source
    from sealring.keyring.membership import Standing
    from sealring.model.members import Epoch
    from sealring.model.token import EpochRef
    from sealring.policy.rules import Policy

POLICY_FILE = f"{CONTROL_DIR}/policy.yaml"
POLICY_DIR = f"{CONTROL_DIR}/policy.d"
MAX_POLICY_BYTES = 1024 * 1024


class Session:
    """Everything that a verb needs to know; files are read when they are first asked for."""

    def __init__(
        self,
        root: str,
        identities: Callable[[], Sequence[Identity]],
        now_s: int,
        source: Source | None = None,
    ) -> None:
        """Open a repository.

        Args:
            root: the directory that holds `.sealring`.
            identities: called once, when a value must be opened or sealed.
            now_s: seconds since 1970, the time of values that are set.
            source: where files are read, such as git's index; None for the disk. Writing is to the disk.
        Raises:
            PolicyError: the policy is malformed.
        """
        self.root = root
        self.now_s = now_s
        self.source = source or DiskSource(root)
        self.policy: Policy = load_policy(self.source)
        self.keyring = Keyring(root, self.policy.repository, self.source)
        self._identities = identities
        self._roots: RootStore | None = None
        self._ciphers: dict[EpochRef, ValueCipher] = {}
        self._standings: dict[str, Standing] = {}

    @property
    def roots(self) -> RootStore:
        """The roots that the user's identities open."""
        if self._roots is None:
            self._roots = RootStore(self.keyring, self._identities())
        return self._roots

    def cipher(self, at: EpochRef) -> ValueCipher:
        """Return the cipher of an epoch.

        Raises:
            NoIdentity, UnknownEpoch, Tampered: as `RootStore.open`.
        """
        if at not in self._ciphers:
            self._ciphers[at] = ValueCipher(self.roots.open(at))
        return self._ciphers[at]

    def standing(self, group: str) -> Standing:
        """Return the state of a group."""
        if group not in self._standings:
            self._standings[group] = standing(self.keyring, group)
        return self._standings[group]

    def sealing_epoch(self, group: str) -> Epoch:
        """Return the epoch that new values of a group are sealed under.

        Raises:
            Pending: the group must be rotated first.
            PolicyError: the group is not defined, or has no epoch yet.
        """
        state = self.standing(group)
        if not state.current:
            raise PolicyError(f"group {group} has no epoch", hints=[f"`sealring rotate {group}` starts one"])
        if state.needs_rotation:
            raise Pending(
                f"group {group} must be rotated before anything is sealed to it: {pending_text(state)}",
                notes=["nothing was written"],
                hints=[f"`sealring rotate {group}`, by one of {', '.join(state.members) or 'nobody'}"],
            )
        return state.current[0]

    def is_retired(self, at: EpochRef) -> bool:
        """Tell whether somebody who is not in the group holds an epoch, and so can forge values under it.

        The newest epoch's statement says which earlier ones are retired; it is authenticated when that
        epoch is opened. Beside it count the wraps that lie there, for what has happened since.
        """
        state = self.standing(at.group)
        if any(at.epoch in epoch.retired for epoch in state.current if self.roots.can_open(epoch.at)):
            return True
        if not set(self.keyring.epoch(at).holders) <= {*state.members, *state.joining}:
            return True
        return state.is_doubled and self._is_forked_off(at, state)

    def _is_forked_off(self, at: EpochRef, state: Standing) -> bool:
        """Tell whether an epoch descends from one that another current epoch has retired.

        Two members may have rotated at once; or a leaver started an epoch from the last one that they
        held. Nobody can tell the two apart, so that a person has to look before its values are used.
        """
        group = self.keyring.group(at.group)
        own = {epoch.id: epoch for epoch in group.lineage(self.keyring.epoch(at))}
        for other in state.current:
            shared = {epoch.id for epoch in group.lineage(other)}
            branch = [epoch for id, epoch in own.items() if id not in shared]
            if any(parent in other.retired for epoch in branch for parent in epoch.parents):
                return True
        return False

    def fresh_epochs(self, group: str) -> frozenset[EpochRef]:
        """Return the current epochs whose values a rotation may take over without a look at them."""
        state = self.standing(group)
        epochs = (epoch.at for epoch in state.current)
        return frozenset(at for at in epochs if not (state.is_doubled and self._is_forked_off(at, state)))

    def forget(self) -> None:
        """Read members and groups again, as files were written; opened roots stay open."""
        self.keyring.forget()
        self._standings.clear()

    # Files

    def name_of(self, file: str) -> str:
        """Return the repository-relative name of a file that a user named."""
        return relative(self.root, file)

    def path_of(self, name: str) -> str:
        """Return where a repository-relative name lies."""
        return os.path.join(self.root, *name.split("/"))

    def file_id(self, name: str) -> str:
        """Return the id that tokens of a file carry."""
        return file_id(self.policy.repository, name)

    def parse(self, name: str, text: str) -> Document:
        """Parse the text of a file by its name.

        Raises:
            DocumentRefused: with file and line.
        """
        limits = Limits(text_chars=self.policy.limits.text_chars, depth=self.policy.limits.depth)
        try:
            return parse(text, format_of(name), limits)
        except SealringError as error:
            raise error.at(name) from None

    def read(self, name: str) -> bytes:
        """Read a file of the repository, bounded by the policy's limit."""
        return self.source.read(name, limit=4 * self.policy.limits.text_chars)

    def write(self, name: str, data: bytes, expected: bytes | None = None, mode: int | None = None) -> None:
        """Write a file of the repository whole or not at all."""
        path = inside(self.root, name)
        write_atomic(path, data, temp_dir=self.temp_dir(), mode=mode, expected=expected, shown=name)

    def write_control(self, files: Mapping[str, bytes]) -> None:
        """Write files below `.sealring` in the order given, each whole."""
        for name, data in files.items():
            try:
                os.makedirs(os.path.dirname(inside(self.root, name)), exist_ok=True)
            except OSError as error:
                raise access_error(name, error, "write") from None
            self.write(name, data)
        self.forget()

    def temp_dir(self) -> str:
        """Return the private directory for files on their way, swept of what killed commands left."""
        folder = os.path.join(self.root, CONTROL_DIR, TEMP_NAME)
        make_private_dir(folder)
        sweep(folder)
        return folder

    def lock(self) -> Lock:
        """Return the lock that a writer holds."""
        return Lock(os.path.join(self.root, CONTROL_DIR))


def pending_text(state: Standing) -> str:
    """Say in words what a group waits for."""
    parts = []
    if state.is_doubled:
        parts.append(f"two branches rotated it ({', '.join(epoch.id for epoch in state.current)})")
    parts += [f"{member} is to leave ({reason})" for member, reason in state.leaving.items()]
    parts += [
        f"{member} is to be added" + (f" through {', '.join(via)}" if via else "")
        for member, via in state.joining.items()
    ]
    return "; ".join(parts) or "nothing is pending"


def load_policy(source: Source) -> Policy:
    """Read `.sealring/policy.yaml` and `policy.d/*.yaml`.

    Raises:
        PolicyError: missing or malformed, with file and line.
    """
    return policy_with(source, source.read(POLICY_FILE, limit=MAX_POLICY_BYTES))


def policy_with(source: Source, main: bytes) -> Policy:
    """Return the policy as it would be with another content of `policy.yaml`.

    Raises:
        PolicyError: malformed, with file and line.
    """
    names = [f"{POLICY_DIR}/{name}" for name in source.list(POLICY_DIR) if name.endswith(".yaml")]
    parts = [policy_part(name, source.read(name, limit=MAX_POLICY_BYTES)) for name in names]
    return build([policy_part(POLICY_FILE, main), *parts])


def policy_part(name: str, data: bytes) -> PolicyPart:
    """Parse one policy file, so that errors can name its lines.

    Raises:
        PolicyError: it is not YAML.
    """
    try:
        document = parse(decode(data), "yaml")
        loaded = document.data()
    except SealringError as error:
        raise PolicyError(error.message, file=name, line=error.line, hints=error.hints) from None

    def line_of(keys: tuple[str | int, ...]) -> int:
        lines = []
        for field in document.fields:
            indices = iter(field.indices)
            place = tuple(next(indices, 0) if part[0] == "i" else part[-1] for part in field.path.parts)
            if place[: len(keys)] == keys:
                lines.append(document.line_of(field.start))
        return min(lines, default=1)

    return PolicyPart(name, loaded, line_of)
