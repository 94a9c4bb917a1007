"""Make a repository: policy, first members, first groups. Source: spec.md 6."""

from __future__ import annotations

from sealring.crypto.primitives import random_bytes
from sealring.files.tree import CONTROL_DIR
from sealring.keyring.change import Holder, group_files, member_files, new_epoch
from sealring.model.token import time_text
from sealring.policy.names import new_repository_id
from sealring.policy.write import initial_policy_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.model.members import Member

ATTRIBUTES_LINE = f"{CONTROL_DIR}/** -text"
IGNORE_FILE = f"{CONTROL_DIR}/.gitignore"


def initial_files(members: Sequence[Member], groups: Sequence[str], now_s: int) -> dict[str, bytes]:
    """Return the files of a new repository, policy last, as it is what makes it one.

    Args:
        members: all of them hold every group.
        groups: names, checked by the caller.
    Raises:
        IdentityRefused: a recipient cannot be used.
    """
    repository = new_repository_id(random_bytes(16))
    files: dict[str, bytes] = {IGNORE_FILE: b"/tmp/\n"}
    for member in members:
        files.update(member_files(member))
    for group in groups:
        holders = [Holder(member) for member in members]
        created = time_text(now_s)
        _root, epoch_files = new_epoch(random_bytes(32), repository, group, holders, created=created)
        files.update(epoch_files)
        files.update(group_files(group, "", ()))
    files[f"{CONTROL_DIR}/policy.yaml"] = initial_policy_text(repository).encode("utf-8")
    return files


def with_attributes(text: str) -> str:
    """Return `.gitattributes` with the line that keeps git from converting our files."""
    if ATTRIBUTES_LINE in text.splitlines():
        return text
    return text + ("\n" if text and not text.endswith("\n") else "") + ATTRIBUTES_LINE + "\n"
