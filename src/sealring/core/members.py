"""Members and their keys: check what people paste, change a member's file, take a member out everywhere.

Source: spec.md 6.1, 6.5, 6.6.
"""

from __future__ import annotations

import os

from sealring.core.groups import check_new, plan_revoke, plan_rewrap
from sealring.crypto import age
from sealring.errors import IdentityRefused, PolicyError, SealringError, UsageError
from sealring.files.atomic import remove_tree
from sealring.files.tree import inside
from sealring.keyring.change import member_files, removal_files
from sealring.keyring.load import GROUPS, REQUESTS, member_file
from sealring.model.members import Member
from sealring.model.record import Record
from sealring.model.token import check_name, time_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealring.core.groups import Plan
    from sealring.core.session import Session


class Belonging(Record):
    """How a member stands to a group. via: the included groups they come through, if by those alone."""

    group: str
    via: tuple[str, ...]
    is_leaving: bool
    is_joining: bool


class Request(Record):
    """A newcomer's wish to be let into a group."""

    member: str
    group: str
    file: str


def canonical_recipients(texts: Iterable[str]) -> tuple[str, ...]:
    """Return recipients in their one spelling.

    Raises:
        UsageError: none, or one twice.
        IdentityRefused: one cannot be used, or post-quantum and other recipients are mixed.
    """
    recipients = [age.parse_recipient(text) for text in texts]
    if not recipients:
        raise UsageError("no recipient", hints=["name one with --recipient, --ssh-key or --keys-file"])
    found = tuple(recipient.text for recipient in recipients)
    for text in found:
        if found.count(text) > 1:
            raise UsageError(f"the recipient {short(text)} is named twice")
    if len({recipient.is_post_quantum for recipient in recipients}) > 1:
        raise IdentityRefused(
            "post-quantum and other recipients cannot be mixed in one member",
            notes=["age does not mix them: the other one would open the file for whoever breaks it"],
            hints=["make two members, or use recipients of one kind"],
        )
    age.encrypt(b"", recipients)  # some keys fail only when they are used
    return found


def recipients_in(text: str) -> tuple[list[str], list[str]]:
    """Read the keys that a forge serves (`https://FORGE/NAME.keys`): one a line.

    Returns:
        the recipients that can be used, and for each other line why it cannot.
    """
    found: list[str] = []
    skipped: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        try:
            found.append(age.parse_recipient(entry).text)
        except SealringError as error:
            skipped.append(f"line {number}: {error.message}")
    return list(dict.fromkeys(found)), skipped


def short(recipient: str) -> str:
    """Return the part of a recipient by which people know it."""
    return recipient if len(recipient) <= 40 else f"{recipient[:24]}...{recipient[-8:]}"


def new_member(session: Session, name: str, kind: str, recipients: Iterable[str]) -> Member:
    """Return a new member, checked; nothing is written.

    Raises:
        UsageError: the name is not one or taken, or a key belongs to another member.
        IdentityRefused: a recipient cannot be used.
    """
    check_new(session.keyring.member_names(), name, "member")
    member = Member(name, kind, canonical_recipients(recipients))
    _refuse_foreign(session, name, member.recipients)
    return member


def _refuse_foreign(session: Session, name: str, recipients: Sequence[str]) -> None:
    for recipient in recipients:
        others = [other for other in session.keyring.members_with([recipient]) if other != name]
        if others:
            raise UsageError(
                f"the recipient {short(recipient)} is that of member {others[0]} already",
                hints=[f"`sealring member show {others[0]}`"],
            )


def write_member(session: Session, member: Member) -> None:
    """Write the file of a member."""
    with session.lock():
        session.write_control(member_files(member))


def with_keys(session: Session, name: str, added: Iterable[str]) -> Member:
    """Return a member with more keys.

    Raises:
        UsageError: a key is there already, or another member's.
        IdentityRefused: a recipient cannot be used, or kinds would be mixed.
    """
    member = session.keyring.member(name)
    recipients = canonical_recipients((*member.recipients, *added))
    _refuse_foreign(session, name, recipients)
    return member.replace(recipients=recipients)


def without_keys(session: Session, name: str, removed: Iterable[str]) -> Member:
    """Return a member with fewer keys; each to remove is named by its text or its fingerprint.

    Raises:
        UsageError: the member has no such key, or would have none left.
    """
    member = session.keyring.member(name)
    left = list(member.recipients)
    for wanted in removed:
        named = [text for text in left if wanted in (text, _fingerprint(text)) or _same(wanted, text)]
        if not named:
            raise UsageError(
                f"{name} has no such key: {short(wanted)}", hints=[f"`sealring member show {name}`"]
            )
        left.remove(named[0])
    if not left:
        raise UsageError(
            f"{name} would have no key left",
            hints=[f"`sealring member add-key {name} RECIPIENT` first", f"`sealring member remove {name}`"],
        )
    return member.replace(recipients=tuple(left))


def _fingerprint(text: str) -> str:
    return age.fingerprint(age.parse_recipient(text))


def _same(wanted: str, text: str) -> bool:
    try:
        return age.parse_recipient(wanted).text == text
    except SealringError:
        return False


def plan_keys(session: Session, member: Member) -> tuple[Plan, ...]:
    """Plan to wrap everything that the user opens and the member holds to the member's new keys."""
    before = session.keyring.member(member.name)
    return tuple(
        plan
        for group in session.keyring.group_names()
        for plan in plan_rewrap(session, group, member, before)
    )


def closed_epochs(session: Session, member: Member) -> list[str]:
    """Return the current epochs that a member holds and the user cannot open, so cannot wrap anew."""
    return [
        str(epoch.at)
        for group in session.keyring.group_names()
        for epoch in session.standing(group).current
        if member.name in epoch.holders and not session.roots.can_open(epoch.at)
    ]


def belongings(session: Session, name: str) -> list[Belonging]:
    """Return the groups that a member is in, is to join, or is to leave."""
    found = []
    for group in session.keyring.group_names():
        state = session.standing(group)
        if name in state.members or name in state.leaving:
            via = state.via.get(name, state.joining.get(name, ()))
            found.append(Belonging(group, via, name in state.leaving, name in state.joining))
    return found


def bury(session: Session, groups: Iterable[str], name: str, *, is_gone: bool = False) -> list[str]:
    """Write the tombstones that take a member out of groups; return the groups where one was written.

    They need no keys, and are written before anything else: whatever fails later, the member is on the
    way out. One that is there already stays as it is.

    Args:
        is_gone: as `plan_revoke`.
    Raises:
        UsageError: the member is not in a group, or comes through another one.
    """
    with session.lock():
        session.forget()
        files: dict[str, bytes] = {}
        buried = []
        for name_of_group in groups:
            if name in session.standing(name_of_group).leaving:
                group = session.keyring.group(name_of_group)
                planned = removal_files(group, name, time_text(session.now_s))
            else:
                planned = plan_revoke(session, name_of_group, name, is_gone=is_gone)
                buried.append(name_of_group)
            new = {file: data for file, data in planned.items() if not os.path.lexists(session.path_of(file))}
            files.update(new)
        session.write_control(files)
    return buried


def delete_member(session: Session, name: str) -> bool:
    """Delete a member's file and requests, unless a group still has the member; tell whether it was."""
    with session.lock():
        session.forget()
        if belongings(session, name):
            return False
        for request in requests(session):
            if request.member == name:
                remove_tree(inside(session.root, request.file))
        _remove(session, member_file(name))
    return True


def delete_group_files(session: Session, name: str) -> None:
    """Delete a group, `group.yaml` first, as the group exists by it."""
    with session.lock():
        _remove(session, f"{GROUPS}/{name}/group.yaml")
        _remove(session, f"{GROUPS}/{name}")
        _remove(session, f"{REQUESTS}/{name}")


def request_files(session: Session, name: str, groups: Iterable[str]) -> dict[str, bytes]:
    """Return the files by which a newcomer asks to be let into groups."""
    files = {}
    for group in groups:
        session.keyring.group(group)
        if any(each.group == group and not each.is_leaving for each in belongings(session, name)):
            raise UsageError(f"{name} is in group {group} already")
        text = f"# {name} asks to read group {group}; a holder runs `sealring approve`\n"
        text += f"requested: {time_text(session.now_s)}\n"
        files[f"{REQUESTS}/{group}/{name}.yaml"] = text.encode("utf-8")
    return files


def requests(session: Session) -> list[Request]:
    """Return the requests that lie there, sorted by member; names that are none are passed over."""
    found = []
    folder = session.path_of(REQUESTS)
    for group in _listed(folder):
        for entry in _listed(os.path.join(folder, group)):
            name = entry.removesuffix(".yaml")
            if entry.endswith(".yaml") and _is_name(name) and _is_name(group):
                found.append(Request(name, group, f"{REQUESTS}/{group}/{entry}"))
    return sorted(found, key=lambda request: (request.member, request.group))


def delete_requests(session: Session, done: Iterable[Request]) -> None:
    """Delete requests that were granted."""
    with session.lock():
        for request in done:
            _remove(session, request.file)


def _remove(session: Session, name: str) -> None:
    path = inside(session.root, name)
    remove_tree(path)
    if os.path.lexists(path):
        raise PolicyError("the file could not be removed", file=name)
    session.forget()


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except ValueError:
        return False
    return True
