"""Repositories made with the library alone, written without flushing to disk, for tests of `core`.

Keys are made anew in every run; none of them protects anything.
"""

from __future__ import annotations

import os
import shutil

from sealring.core import groups as group_verbs
from sealring.core.reading import open_for_deploy
from sealring.core.rekey import rekey
from sealring.core.sealing import encrypt
from sealring.core.session import Session
from sealring.crypto.age import generate_x25519
from sealring.keyring.change import Holder, group_files, member_files, new_epoch, removal_files
from sealring.model.members import Member
from sealring.model.token import Token
from sealring.policy.names import new_repository_id

NOW_S = 1_795_530_480  # 24 November 2026, 14:28:00 UTC
NOW = "20261124T142800Z"
DAY_S = 86_400

_IDENTITIES = {}


def identity_of(name):
    """Return the identity of a made-up person: one for each name and run."""
    if name not in _IDENTITIES:
        _IDENTITIES[name] = generate_x25519()
    return _IDENTITIES[name]


def member_of(name):
    return Member(name, "person", (identity_of(name).recipient().text,))


class Repository:
    """A directory with a policy, members and groups.

    groups: name -> names of members. All members have files, also those in no group.
    """

    def __init__(self, folder, rules="", *, groups=None, members=(), repository=None):
        self.root = str(folder)
        self.id = repository or new_repository_id(os.urandom(16))
        self.groups = groups or {"prod": ("alice", "bob"), "dev": ("alice", "bob", "carol")}
        for name in {*members, *(each for names in self.groups.values() for each in names)}:
            self.write_all(member_files(member_of(name)))
        for group, names in self.groups.items():
            holders = [Holder(member_of(name)) for name in names]
            _root, files = new_epoch(os.urandom(32), self.id, group, holders, created=NOW)
            self.write_all({**files, **group_files(group, "", ())})
        self.set_rules(rules)

    def set_rules(self, rules):
        text = f"version: 1\nrepository: {self.id}\n{rules}"
        self.write_all({".sealring/policy.yaml": text.encode("utf-8")})

    def write_all(self, files):
        for name, data in files.items():
            path = self.path(name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(data)

    def path(self, name):
        return os.path.join(self.root, *name.split("/"))

    def copy(self, folder):
        """Return a clone of this repository as it is now."""
        shutil.copytree(self.root, folder, dirs_exist_ok=True)
        clone = Repository.__new__(Repository)
        clone.__dict__.update(self.__dict__, root=str(folder))
        return clone

    def session(self, *who, now_s=NOW_S):
        """Open the repository with the identities of these people; alice's, if none is named."""
        identities = [identity_of(name) for name in who or ("alice",)]
        return Session(self.root, lambda: identities, now_s)

    def stranger(self):
        """Open the repository without any identity."""
        return Session(self.root, list, NOW_S)

    def root_secret(self, group="prod", *who):
        """Return the root of a group's current epoch."""
        session = self.session(*who)
        return session.roots.open(session.sealing_epoch(group).at)

    # Changes of groups

    def grant(self, group, name, *, by="alice"):
        self.write_all(member_files(member_of(name)))
        session = self.session(by)
        self.write_all(group_verbs.carry_out(session, group_verbs.plan_grant(session, group, name)))

    def bury(self, group, name):
        """Write the tombstones of a member, as anybody may; a rotation is pending then."""
        self.write_all(removal_files(self.session().keyring.group(group), name, NOW))

    def rotate(self, group, *, by="alice"):
        session = self.session(by)
        self.write_all(group_verbs.carry_out(session, group_verbs.plan_rotation(session, group)))

    def remove(self, group, name, *, by="alice"):
        self.bury(group, name)
        self.rotate(group, by=by)


def seal(session, name, text, previous=None, **options):
    """Return the sealed text of a file."""
    return encrypt(session, name, text, previous, **options).text


def unseal(session, name, text, **options):
    """Return the plaintext as a program would get it: strictly."""
    return open_for_deploy(session, name, text, **options).text()


def rekeyed(session, name, text, *groups):
    """Return the text with the tokens of these groups under their current epochs, stale ones accepted."""
    result = rekey(session, name, text, frozenset(groups), accept_retired=True)
    assert not result.left
    return result.text


def tokens_of(session, name, text):
    """Return the tokens of a text by the place where each stands, with list positions."""
    return {field.place: field.token for field in session.parse(name, text).fields if field.token}


def token_texts(session, name, text):
    """Return the tokens of a text in its order; several may stand at equal places."""
    return [field.token for field in session.parse(name, text).fields if field.token]


def token_at(session, name, text, place):
    """Return the token at a place, read."""
    return Token.parse(tokens_of(session, name, text)[place])
