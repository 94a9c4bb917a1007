"""The samples in the rules' docstrings, as repositories.

A sample is an indented block behind `Fails:` or `Passes:`. `--- NAME` begins a file; `$ ...` is something
that happens; `<sealed ...>` stands for a token. Without a policy of its own it has that of DEFAULT_RULES.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import textwrap

from sealring.audit.check import Against, check
from sealring.audit.snapshot import worktree
from sealring.crypto.value import file_id
from sealring.keyring.change import Holder, group_files, member_files, new_epoch
from sealring.model.token import EpochRef, Token
from tests.support.repositories import NOW, NOW_S, Repository, member_of

DEFAULT_RULES = """rules:
  - name: prod
    files: ["config/*.yaml"]
    fields: ["**.password", "**.token"]
    group: prod
"""


def samples(module):
    """Return (should fail, text) of each sample of a rule's page."""
    found = re.findall(r"^(Fails|Passes):\n\n((?:(?:    .*)?\n)+)", module.__doc__ + "\n", re.M)
    return [(kind == "Fails", textwrap.dedent(text).strip("\n")) for kind, text in found]


class Sample:
    """One sample, built in a directory."""

    def __init__(self, folder, text):
        self.folder = folder
        self.repository = Repository(folder / "now", DEFAULT_RULES, members=("carol",))
        self.repository.write_all({".gitattributes": b".sealring/** -text\n"})
        self.base = None
        self.past = []
        self.in_range = False
        self.once = None
        self.first = {name: self.epoch(name) for name in ("prod", "dev")}
        self.build(text)

    def epoch(self, group):
        session = self.repository.session()
        return session.keyring.group(group).current()[-1].at

    def build(self, text):
        parts = re.split(r"^(--- .*|\$ .*)\n?", text, flags=re.M)
        assert not parts[0].strip()
        for head, body in zip(parts[1::2], parts[2::2], strict=True):
            if head.startswith("$ "):
                self.happen(head[2:])
            else:
                self.write(head[4:].strip(), body)

    def happen(self, what):
        repository = self.repository
        match what.split():
            case ["base"] | ["change"] | ["range"] | ["commit"]:
                if what == "change":
                    self.base = repository.copy(self.folder / "base").root
                self.in_range = what == "range" or (self.in_range and what != "commit")
            case ["revoke", group, name]:
                repository.bury(group, name)
            case ["rotate", group]:
                repository.rotate(group)
            case ["rotate", group, *_on_two_branches]:
                other = repository.copy(self.folder / "other")
                other.rotate(group)
                repository.rotate(group)
                self.merge(other)
            case ["grant", group, name]:
                repository.grant(group, name)
            case ["grant", group, name, *_while_another_rotates]:
                other = repository.copy(self.folder / "other")
                other.grant(group, name)
                repository.rotate(group)
                self.merge(other)
            case ["group", "create", group, "--member", name]:
                holder = [Holder(member_of(name))]
                _root, files = new_epoch(os.urandom(32), repository.id, group, holder, created=NOW)
                repository.write_all({**files, **group_files(group, "", ())})
            case ["member", "add", name]:
                repository.write_all(member_files(member_of(name)))
            case ["delete", pattern]:
                gone = glob.glob(repository.path(pattern))
                assert gone
                for path in gone:
                    os.remove(path)
            case _:
                raise AssertionError(f"no sample knows {what!r}")

    def merge(self, other):
        shutil.copytree(other.root, self.repository.root, dirs_exist_ok=True)

    def write(self, name, body):
        if name == ".sealring/policy.yaml":
            self.repository.set_rules(body)
            return
        text = re.sub(r"<(sealed|deposit)([^>]*)>", lambda match: self.token(name, *match.groups()), body)
        self.repository.write_all({name: text.encode("utf-8")})
        if self.in_range:
            self.past.append((name, text.encode("utf-8")))

    def token(self, name, kind, how):
        at, file, time = self.epoch("prod"), name, NOW
        match how.split():
            case ["once"] if self.once:
                return self.once
            case ["for", file]:
                pass
            case ["to", group]:
                at = self.epoch(group)
            case ["under", "the", "first", "epoch"]:
                at = self.first["prod"]
            case ["under", id]:
                at = EpochRef("prod", id)
            case ["at", time]:
                pass
        own = file_id(self.repository.id, file)
        text = Token(at, own, time, at, os.urandom(64), is_deposit=kind == "deposit").text()
        if how.split() == ["once"]:
            self.once = text
        return text

    def check(self, **options):
        """Return the report on the sample."""
        against = None
        if self.base:
            base = disk(self.base)
            against = Against("main", base, base)
        past = None
        if self.past:
            commits = [("1a2b3c4d5e6f7a8b", *pair) for pair in self.past]

            def past(covers):
                return [commit for commit in commits if covers(commit[1])]

        state = disk(self.repository.root)
        return check(self.repository.root, state, NOW_S, against=against, past=past, **options)


def disk(root):
    """Return the state of a directory, with all files there are."""
    names = []
    for folder, _folders, files in os.walk(root):
        names += [os.path.relpath(os.path.join(folder, file), root).replace(os.sep, "/") for file in files]
    return worktree(str(root), sorted(names), in_git=True)
