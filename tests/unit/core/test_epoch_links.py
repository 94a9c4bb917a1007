"""Only a holder of an epoch can start the next one, and what a leaver starts is looked at first."""

import os

import pytest
from tests.support.repositories import NOW, Repository, identity_of, member_of, seal, tokens_of, unseal

from sealring.core import groups as verbs
from sealring.core.reading import open_for_deploy
from sealring.core.rekey import rekey
from sealring.crypto.value import Place, ValueCipher
from sealring.errors import Pending, PolicyError, StaleEpoch, Tampered, UsageError
from sealring.keyring.change import Holder, new_epoch, removal_files
from sealring.model.field_path import FieldPath
from sealring.model.token import EpochRef, Token

FILE = "a.yaml"
PLAIN = "db:\n  password: hunter2\n"
RULES = 'rules:\n  - files: ["*.yaml"]\n    fields: ["**.password"]\n    group: dev\n'
TEAM = ("alice", "bob", "carol")


@pytest.fixture
def repo(tmp_path):
    repo = Repository(tmp_path / "base", RULES, groups={"dev": TEAM}, members=("dave",))
    repo.write_all({FILE: seal(repo.session(), FILE, PLAIN).encode()})
    return repo


def sealed(repo):
    with open(repo.path(FILE), encoding="utf-8") as stream:
        return stream.read()


def forge_epoch(repo, names, *, parents, secret=None):
    """Start an epoch as somebody who can push may: with roots of their own in place of the parents'."""
    holders = [Holder(member_of(name)) for name in names]
    secret = secret or os.urandom(32)
    return new_epoch(secret, repo.id, "dev", holders, parents=parents, created=NOW)


def test_an_epoch_of_somebody_who_holds_none_before_it_is_refused(repo):
    """A pusher can make a root and wrap it to public keys; its link needs the root before."""
    (current,) = repo.session().standing("dev").current
    stranger, _files = forge_epoch(repo, TEAM, parents=())
    _root, files = forge_epoch(repo, TEAM, parents=[(current, stranger)])
    repo.write_all(files)
    for attempt in (
        lambda: seal(repo.session(), FILE, PLAIN.replace("hunter2", "new"), sealed(repo)),
        lambda: open_for_deploy(repo.session(), FILE, sealed(repo)),
        lambda: verbs.plan_rotation(repo.session(), "dev"),
    ):
        with pytest.raises((Tampered, StaleEpoch)):
            attempt()


def test_a_chain_that_skips_what_members_can_check_is_refused(repo):
    """The link to an epoch in between, which nobody opens, must not hide that the first one is missing."""
    (current,) = repo.session().standing("dev").current
    between, first = forge_epoch(repo, ("dave",), parents=[(current, forge_epoch(repo, TEAM, parents=())[0])])
    repo.write_all(first)
    epoch = next(e for e in repo.session().keyring.group("dev").epochs if e.id == between.at.epoch)
    _root, second = forge_epoch(repo, TEAM, parents=[(epoch, between)])
    repo.write_all(second)
    with pytest.raises(Tampered, match="was not started by a holder"):
        seal(repo.session(), FILE, PLAIN.replace("hunter2", "new"), sealed(repo))


def test_a_second_beginning_of_a_group_is_refused(repo):
    _root, files = forge_epoch(repo, TEAM, parents=())
    repo.write_all(files)
    with pytest.raises(PolicyError, match="2 beginnings"):
        open_for_deploy(repo.session(), FILE, sealed(repo))


def test_an_epoch_whose_parent_is_missing_is_refused(repo):
    (current,) = repo.session().standing("dev").current
    repo.rotate("dev")
    for name in os.listdir(repo.path(f".sealring/groups/dev/epochs/{current.id}")):
        os.unlink(repo.path(f".sealring/groups/dev/epochs/{current.id}/{name}"))
    with pytest.raises(PolicyError, match="which is not there"):
        repo.session().standing("dev")


def test_a_member_who_comes_back_knows_the_group_again_by_the_bridge(repo):
    repo.remove("dev", "bob")
    repo.rotate("dev")
    repo.grant("dev", "bob")
    session = repo.session("bob")
    assert session.roots.open(session.sealing_epoch("dev").at).generation == 3


def test_without_the_bridge_a_member_who_comes_back_is_told(repo):
    repo.remove("dev", "bob")
    repo.rotate("dev")
    repo.grant("dev", "bob")
    epoch = repo.session().sealing_epoch("dev")
    name = f".sealring/groups/dev/epochs/{epoch.id}/bob.vouch"
    with open(repo.path(name), encoding="utf-8") as stream:
        lines = [line for line in stream if not line.startswith("bridge")]
    repo.write_all({name: "".join(lines).encode()})
    with pytest.raises(Tampered, match="was not started by a holder"):
        repo.session("bob").roots.open(epoch.at)


def leavers_epoch(repo, names):
    """Remove bob; he starts an epoch from the last one that he held."""
    (old,) = repo.session().standing("dev").current
    secret = repo.root_secret("dev", "bob")
    repo.remove("dev", "bob")
    root, files = forge_epoch(repo, names, parents=[(old, secret)])
    repo.write_all(files)
    return root


@pytest.mark.parametrize("names", [("alice", "carol"), ("alice", "bob", "carol")])
def test_values_under_an_epoch_that_a_leaver_started_are_refused_and_not_taken_over(repo, names):
    root = leavers_epoch(repo, names)
    place = Place(FieldPath((("k", "db"), ("k", "password"))))
    file_id = repo.session().file_id(FILE)
    forged = ValueCipher(root).seal(b"\0evil", place, file_id=file_id, set_time=NOW)
    planted = sealed(repo).replace(tokens_of(repo.session(), FILE, sealed(repo))["db.password"], forged.text())
    with pytest.raises(StaleEpoch):
        open_for_deploy(repo.session(), FILE, planted)
    with pytest.raises(Pending):
        seal(repo.session(), FILE, PLAIN.replace("hunter2", "new"), sealed(repo))
    session = repo.session()
    fresh = session.fresh_epochs("dev")
    assert EpochRef("dev", root.at.epoch) not in fresh
    repo.rotate("dev")
    result = rekey(repo.session(), FILE, planted, frozenset({"dev"}), fresh=fresh)
    assert result.count == 0
    assert [place for place, _token in result.doubtful] == ["db.password"]


def test_a_leaver_whose_wrap_is_gone_can_still_be_removed(repo):
    """He deletes his wrap first, so that no file says what he holds; a removal retires all before it."""
    old = sealed(repo)
    (epoch,) = repo.session().standing("dev").current
    for ending in ("age", "vouch"):
        os.unlink(repo.path(f".sealring/groups/dev/epochs/{epoch.id}/bob.{ending}"))
    with pytest.raises(UsageError, match="is not in group"):
        verbs.plan_revoke(repo.session(), "dev", "bob")
    repo.write_all(verbs.plan_revoke(repo.session(), "dev", "bob", is_gone=True))
    assert "bob" in repo.session().standing("dev").leaving
    repo.rotate("dev")
    assert repo.session().standing("dev").is_settled
    with pytest.raises(StaleEpoch):
        unseal(repo.session(), FILE, old)


def test_a_value_cannot_reach_beyond_its_place(repo):
    """A member seals a slice with a line end, which would add a field to the file."""
    session = repo.session()
    token = Token.parse(tokens_of(session, FILE, sealed(repo))["db.password"])
    place = Place(FieldPath((("k", "db"), ("k", "password"))))
    evil = session.cipher(token.at).seal(
        b"\0x\nadmin: true", place, file_id=token.file_id, set_time=token.set_time
    )
    planted = sealed(repo).replace(token.text(), evil.text())
    with pytest.raises(Tampered):
        unseal(session, FILE, planted)


def test_removal_files_name_only_what_is_held(repo):
    group = repo.session().keyring.group("dev")
    assert removal_files(group, "dave", NOW) == {}
    assert len(removal_files(group, "dave", NOW, is_gone=True)) == 1
    assert identity_of("dave")
