"""Members, groups and rotations for programs: `core` does the work, git tells which files hold values."""

from __future__ import annotations

import os

from sealring.core import rotation
from sealring.core.rotation import MARK, Outcome, key_of, unvouched, unvouched_error
from sealring.crypto import age
from sealring.errors import SealringError
from sealring.files.atomic import read_bytes
from sealring.files.tree import walk
from sealring.git.blobs import earlier_versions, files_with_tokens
from sealring.keyring.load import member_file, parse_member
from sealring.keyring.roots import is_vouched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealring.core.groups import Candidate, Plan
    from sealring.core.rotation import Approved, Doubtful, Progress
    from sealring.core.session import Session
    from sealring.errors import UnvouchedRecipient

    # Shows members whose keys nobody has vouched for; returns if they were accepted, else raises.
    Approve = Callable[[Sequence[Candidate]], None]

# How many versions of a member's file are looked at for the keys that a holder vouched for.
_VERSIONS = 50


def files_with_values(session: Session) -> list[str]:
    """Return the files that can hold sealed values: those with a token, and those that the policy covers.

    Files that git ignores hold values only where the policy covers them.
    """
    covered = session.policy.covers
    tracked = files_with_tokens(session.root)
    if tracked is None:
        return list(walk(session.root, "", lambda name: covered(name) or _has_token(session, name)))
    names = {*tracked, *walk(session.root, "", covered)}
    return sorted(name for name in names if not os.path.islink(session.path_of(name)))


def files_with_group(session: Session, group: str) -> list[str]:
    """Return the files that hold a value of a group, current or stale."""
    marks = [f"{version},{group}@".encode() for version in ("ENC[sr1", "ENC[sr1d")]
    return [
        name
        for name in files_with_values(session)
        if any(mark in data for data in [session.read(name)] for mark in marks)
    ]


def _has_token(session: Session, name: str) -> bool:
    try:
        return MARK in read_bytes(session.path_of(name), limit=4 * session.policy.limits.text_chars)
    except SealringError:
        return False


def approved(
    session: Session, plans: Sequence[Plan], trust: Sequence[str], approve: Approve | None
) -> Approved:
    """Return the members whose keys were approved: by name, or by somebody who is asked.

    Raises:
        UnvouchedRecipient: nobody can be asked.
    """
    candidates = unvouched(plans)
    rest = [candidate for candidate in candidates if candidate.name not in trust]
    if rest:
        if approve is None:
            raise _with_keys_before(session, unvouched_error(rest), rest)
        approve(rest)
    return frozenset(key_of(candidate) for candidate in candidates)


def _with_keys_before(
    session: Session, error: UnvouchedRecipient, candidates: Sequence[Candidate]
) -> UnvouchedRecipient:
    """Add to an error the keys that a holder vouched for, as far as git's history knows them."""
    known = [
        f"a holder vouched for {age.fingerprint(age.parse_recipient(text))} of {each.name} before"
        for each in candidates
        for text in keys_vouched_before(session, each)
    ]
    error.notes = (*known, *error.notes)
    return error


def rotate(
    session: Session,
    groups: Sequence[str] | None = None,
    *,
    pending_only: bool = False,
    trust: Sequence[str] = (),
    approve: Approve | None = None,
    accept_stale: Callable[[Sequence[Doubtful]], bool] | None = None,
    progress: Progress = iter,
) -> Outcome:
    """Start new epochs and seal values anew; without groups, all that is pending.

    Args:
        pending_only: of the groups that are named, too, only what they wait for.
        trust: members whose keys are accepted though nobody has vouched for them.
        approve: asks about other such members.
        accept_stale: asks whether to seal values anew that a leaver can have made; None leaves them.
    Raises:
        UnvouchedRecipient: keys that nobody has vouched for or accepted; nothing was written.
        NoIdentity: the user does not hold a group that was named.
    """
    plan = rotation.plan_work if groups is None or pending_only else rotation.plan_rotations
    accepted = approved(session, plan(session, groups or None), trust, approve)  # type: ignore[arg-type]
    names = files_with_values(session)
    outcome = rotation.rotate(
        session, groups, names, pending_only=pending_only, approved=accepted, progress=progress
    )
    if outcome.doubtful and accept_stale is not None and accept_stale(outcome.doubtful):
        outcome = outcome.joined(rotation.accept_doubtful(session, outcome.doubtful, progress))
    return outcome


def keys_vouched_before(session: Session, candidate: Candidate) -> tuple[str, ...]:
    """Return the keys that a holder vouched for, from the history of the member's file, or nothing."""
    name = candidate.name
    roots = [
        (session.roots.open(epoch.at), session.keyring.wrap(epoch.at, name))
        for group in session.keyring.group_names()
        for epoch in session.keyring.group(group).epochs
        if name in epoch.holders and session.roots.can_open(epoch.at)
    ]
    for data in earlier_versions(session.root, member_file(name), _VERSIONS):
        try:
            member = parse_member(name, data)
        except SealringError:
            continue
        if any(is_vouched(root, wrap, member) for root, wrap in roots):
            return member.recipients
    return ()
