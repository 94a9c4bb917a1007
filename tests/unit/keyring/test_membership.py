"""Who belongs to a group after branches were merged, from files alone: nothing is lost, removal wins."""

import os

import pytest
from tests.support.repositories import NOW, Repository, member_of

from sealring.core import groups as verbs
from sealring.errors import PolicyError
from sealring.keyring.change import Holder, group_files, member_files, new_epoch
from sealring.keyring.load import epoch_dir
from sealring.keyring.membership import standing
from sealring.model.members import Member
from sealring.model.token import EpochRef

TEAM = ("alice", "bob", "carol")


@pytest.fixture
def repo(tmp_path):
    return Repository(tmp_path / "base", groups={"dev": TEAM})


@pytest.fixture
def branches(repo, tmp_path):
    return repo.copy(tmp_path / "ours"), repo.copy(tmp_path / "theirs")


def state_of(repo, group="dev"):
    return standing(repo.stranger().keyring, group)


def merged(ours, theirs):
    """Return what plain git makes of two branches that each added files below .sealring."""
    for folder, _folders, names in os.walk(os.path.join(theirs.root, ".sealring")):
        for name in names:
            file = os.path.relpath(os.path.join(folder, name), theirs.root)
            if not os.path.exists(ours.path(file)):
                with open(theirs.path(file), "rb") as stream:
                    ours.write_all({file: stream.read()})
    return ours


def including(repo, name, includes, members=()):
    """Add a group that includes others."""
    session = repo.session()
    candidates = verbs.plan_group(session, name, includes, members)
    repo.write_all(verbs.create_group(session, name, "", includes, candidates))


def test_a_new_group_is_settled(repo):
    state = state_of(repo)
    assert (state.members, state.leaving, state.joining) == (TEAM, {}, {})
    assert state.is_settled


def test_a_granted_member_belongs_at_once(repo):
    repo.grant("dev", "dave")
    assert "dave" in state_of(repo).members
    assert state_of(repo).is_settled


def test_a_tombstone_makes_a_member_leave_until_the_rotation(repo):
    repo.bury("dev", "bob")
    state = state_of(repo)
    assert state.members == ("alice", "carol")
    assert list(state.leaving) == ["bob"]
    assert state.needs_rotation
    repo.rotate("dev")
    state = state_of(repo)
    assert state.members == ("alice", "carol")
    assert state.is_settled
    assert state.current[0].dropped == ("bob",)


def test_a_member_who_comes_back_is_not_removed_by_the_old_tombstone(repo):
    repo.remove("dev", "bob")
    repo.grant("dev", "bob")
    assert state_of(repo).is_settled
    repo.rotate("dev")
    assert "bob" in state_of(repo).members
    assert state_of(repo).is_settled


def test_two_branches_that_each_grant_one(branches):
    ours, theirs = branches
    ours.grant("dev", "dave")
    theirs.grant("dev", "erin")
    state = state_of(merged(ours, theirs))
    assert state.members == (*TEAM, "dave", "erin")
    assert state.is_settled


def test_two_branches_that_each_remove_one_leave_the_intersection(branches):
    ours, theirs = branches
    ours.remove("dev", "bob")
    theirs.remove("dev", "carol")
    both = merged(ours, theirs)
    state = state_of(both)
    assert state.is_doubled
    assert state.members == ("alice",)
    assert sorted(state.leaving) == ["bob", "carol"]
    both.rotate("dev")
    state = state_of(both)
    assert state.members == ("alice",)
    assert state.is_settled
    assert len(state.current[0].parents) == 2


def test_a_removal_on_one_branch_and_a_rotation_on_the_other(branches):
    ours, theirs = branches
    ours.bury("dev", "bob")
    theirs.rotate("dev")
    both = merged(ours, theirs)
    state = state_of(both)
    assert (list(state.leaving), state.members) == (["bob"], ("alice", "carol"))
    both.rotate("dev")
    assert state_of(both).members == ("alice", "carol")
    assert state_of(both).is_settled


def test_a_grant_on_one_branch_and_a_rotation_on_the_other_is_pending(branches):
    ours, theirs = branches
    ours.grant("dev", "dave")
    theirs.rotate("dev")
    state = state_of(merged(ours, theirs))
    assert state.joining == {"dave": ()}
    assert "dave" in state.members
    assert not state.needs_rotation


def test_a_second_grant_after_a_removal_and_a_rotation_on_the_other_branch_is_pending(repo, tmp_path):
    repo.remove("dev", "bob")
    ours, theirs = repo.copy(tmp_path / "ours"), repo.copy(tmp_path / "theirs")
    ours.grant("dev", "bob")
    theirs.rotate("dev")
    assert state_of(merged(ours, theirs)).joining == {"bob": ()}


def test_a_removal_of_somebody_who_was_only_granted_the_replaced_epoch(branches):
    ours, theirs = branches
    ours.grant("dev", "dave")
    theirs.rotate("dev")
    both = merged(ours, theirs)
    both.bury("dev", "dave")
    state = state_of(both)
    assert "dave" not in state.members
    assert state.is_settled


def test_two_rotations_without_removals_keep_everybody(branches):
    ours, theirs = branches
    ours.rotate("dev")
    theirs.rotate("dev")
    both = merged(ours, theirs)
    state = state_of(both)
    assert state.is_doubled
    assert (state.members, state.leaving) == (TEAM, {})
    both.rotate("dev")
    assert state_of(both).members == TEAM
    assert state_of(both).is_settled


def test_members_of_an_included_group_belong_through_it(repo):
    including(repo, "prod", ["dev"])
    state = state_of(repo, "prod")
    assert state.members == TEAM
    assert state.via == dict.fromkeys(TEAM, ("dev",))
    assert state.is_settled


def test_who_is_added_to_an_included_group_is_joining(repo):
    including(repo, "prod", ["dev"])
    repo.grant("dev", "dave")
    state = state_of(repo, "prod")
    assert state.joining == {"dave": ("dev",)}
    assert not state.needs_rotation


def test_who_leaves_an_included_group_leaves_the_other_too(repo):
    including(repo, "prod", ["dev"])
    repo.remove("dev", "bob")
    assert list(state_of(repo, "prod").leaving) == ["bob"]


def test_a_direct_grant_outlives_the_included_group(repo):
    including(repo, "prod", ["dev"], ["bob"])
    repo.remove("dev", "bob")
    state = state_of(repo, "prod")
    assert "bob" in state.members
    assert state.is_settled


def test_groups_in_groups_reach_through(repo):
    including(repo, "prod", ["dev"])
    including(repo, "ops", ["prod"])
    repo.bury("dev", "carol")
    assert list(state_of(repo, "ops").leaving) == ["carol"]


def test_groups_that_include_each_other_are_refused(repo):
    including(repo, "prod", ["dev"])
    repo.write_all(group_files("dev", "", ["prod"]))
    with pytest.raises(PolicyError, match="circle: dev > prod > dev"):
        state_of(repo)


def test_a_group_without_an_epoch_has_no_members(repo):
    repo.write_all(group_files("empty", "", ()))
    assert state_of(repo, "empty").members == ()


def test_an_epoch_that_a_killed_command_left_is_not_one(repo):
    root, files = new_epoch(os.urandom(32), repo.id, "dev", [Holder(member_of("alice"))], created=NOW)
    del files[f"{epoch_dir(root.at)}/epoch.yaml"]
    repo.write_all(files)
    assert state_of(repo).is_settled
    assert state_of(repo).members == TEAM


def test_a_postponed_member_is_joining_and_not_dropped(repo):
    bad = Member("bob", "person", ("age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq0000000",))
    repo.write_all(member_files(bad))
    repo.rotate("dev")
    state = state_of(repo)
    assert state.joining == {"bob": ()}
    assert state.current[0].dropped == ()
    assert state.current[0].retired == ()
    assert not state.needs_rotation


def test_a_member_who_came_back_and_is_postponed_is_still_not_forgotten(repo):
    repo.remove("dev", "bob")
    repo.grant("dev", "bob")
    os.unlink(repo.path(".sealring/members/bob.yaml"))
    repo.rotate("dev")
    assert state_of(repo).joining == {"bob": ()}


def test_names_finds_the_members_that_an_identity_is(repo):
    assert repo.session("bob").roots.names() == ["bob"]
    assert repo.stranger().roots.names() == []


def test_a_renamed_member_still_opens_what_was_wrapped_to_the_old_name(repo):
    os.unlink(repo.path(".sealring/members/bob.yaml"))
    repo.write_all(member_files(member_of("bob").replace(name="robert")))
    session = repo.session("bob")
    assert session.roots.can_open(session.standing("dev").current[0].at)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("members/bob.yaml", "name: bob\nrecipients: []\n", "no recipients"),
        ("members/bob.yaml", "name: mallory\nrecipients: [x]\n", "another name"),
        ("members/bob.yaml", "name: bob\nkind: god\nrecipients: [x]\n", "kind 'god'"),
        ("members/bob.yaml", "name: bob\nrecipients: [x]\nadmin: true\n", "unknown key 'admin'"),
        ("members/bob.yaml", "name: bob\nrecipients: [x, x]\n", "twice"),
        ("members/bob.yaml", "- bob\n", "expected a mapping"),
        ("groups/dev/group.yaml", "description: 1\n", "not text"),
        ("groups/dev/group.yaml", "includes: prod\n", "not a list"),
        ("groups/dev/group.yaml", "includes: [../x]\n", "a name has"),
        ("groups/dev/removed/bob@nonsense.yaml", "removed: x\n", "not the name of a removal"),
    ],
)
def test_malformed_files_are_refused_by_name(repo, file, text, said):
    repo.write_all({f".sealring/{file}": text.encode()})
    keyring = repo.stranger().keyring
    read = keyring.member if file.startswith("members") else keyring.group
    with pytest.raises(PolicyError, match=said) as caught:
        read("bob" if file.startswith("members") else "dev")
    assert caught.value.file == f".sealring/{file}"


def test_an_unknown_name_gets_a_near_one_as_hint(repo):
    with pytest.raises(PolicyError, match="no group is named 'devv'") as caught:
        repo.stranger().keyring.group("devv")
    assert caught.value.hints[0] == 'did you mean "dev"?'


def test_a_wrap_without_its_vouch_is_refused(repo):
    at = EpochRef("dev", state_of(repo).current[0].id)
    os.unlink(repo.path(f"{epoch_dir(at)}/bob.vouch"))
    with pytest.raises(PolicyError, match=r"vouches for a wrap is missing"):
        state_of(repo)
