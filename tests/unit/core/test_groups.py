"""Grants, rotations, removals and new keys: who is wrapped to, what nobody vouched for, what is rekeyed."""

import os
import shutil

import pytest
from tests.support.repositories import Repository, identity_of, member_of, seal, tokens_of, unseal

from sealring.core import groups as verbs
from sealring.core import members as member_verbs
from sealring.core import rotation
from sealring.core.journal import Journal
from sealring.core.texts import text_of
from sealring.crypto.age import generate_hybrid, generate_x25519
from sealring.errors import (
    IdentityRefused,
    NoIdentity,
    Pending,
    PolicyError,
    StaleEpoch,
    Tampered,
    UnvouchedRecipient,
    UsageError,
)
from sealring.keyring.change import Holder, group_files, member_files, wrap_files
from sealring.keyring.load import epoch_dir
from sealring.model.token import Token

TEAM = ("alice", "bob", "carol")
FILES = ("a.yaml", "b.yaml")
PLAIN = "db:\n  password: hunter2\n  host: h\n"
RULES = 'rules:\n  - files: ["*.yaml"]\n    fields: ["**.password"]\n    group: dev\n'


@pytest.fixture
def repo(tmp_path):
    repo = Repository(tmp_path / "base", RULES, groups={"dev": TEAM}, members=("dave",))
    for name in FILES:
        repo.write_all({name: seal(repo.session(), name, PLAIN).encode()})
    return repo


def text(repo, name):
    with open(repo.path(name), "rb") as stream:
        return text_of(name, stream.read())


def epochs_in(repo):
    session = repo.session()
    return {
        str(Token.parse(token).at)
        for name in FILES
        for token in tokens_of(session, name, text(repo, name)).values()
    }


def rotate(repo, *groups, by="alice", **options):
    session = repo.session(by)
    return rotation.rotate(session, groups or None, FILES, **options)


def current(repo, group="dev"):
    (epoch,) = repo.session().standing(group).current
    return epoch


def plant(repo, name, *identities):
    """Put keys into a member's file, as somebody who can push may."""
    recipients = tuple(identity.recipient().text for identity in identities)
    repo.write_all(member_files(member_of(name).replace(recipients=recipients)))


# Grants


def test_a_grant_touches_only_two_files_below_sealring(repo):
    plan = verbs.plan_grant(repo.session(), "dev", "dave")
    files = verbs.carry_out(repo.session(), plan)
    folder = epoch_dir(current(repo).at)
    assert sorted(files) == [f"{folder}/dave.age", f"{folder}/dave.vouch"]


def test_a_granted_member_reads_everything_without_a_change_of_any_file(repo):
    before = {name: text(repo, name) for name in FILES}
    repo.grant("dev", "dave")
    assert all(unseal(repo.session("dave"), name, before[name]) == PLAIN for name in FILES)


def test_a_newcomer_is_shown_as_unvouched_with_fingerprints(repo):
    (candidate,) = verbs.plan_grant(repo.session(), "dev", "dave").candidates
    assert candidate.why == verbs.NEW_KEYS
    ((recipient, fingerprint),) = candidate.fingerprints
    assert recipient == member_of("dave").recipients[0]
    assert fingerprint.startswith("SHA256:")


def test_a_holder_with_other_keys_is_shown_as_that(repo):
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    (candidate,) = verbs.plan_grant(repo.session(), "dev", "bob").candidates
    assert candidate.why == verbs.OTHER_KEYS


def test_only_a_holder_can_grant(repo):
    with pytest.raises(NoIdentity, match="closed to you"):
        verbs.plan_grant(repo.session("dave"), "dev", "dave")


def test_nobody_is_let_in_while_a_rotation_is_pending(repo):
    repo.bury("dev", "bob")
    with pytest.raises(Pending, match="must be rotated"):
        verbs.plan_grant(repo.session(), "dev", "dave")


def test_a_plan_that_nobody_approved_is_not_carried_out(repo):
    session = repo.session()
    plan = verbs.plan_grant(session, "dev", "dave")
    with pytest.raises(UnvouchedRecipient):
        rotation.wrap_planned(session, [plan])
    assert "dave" not in current(repo).holders


# Rotations


def test_a_rotation_moves_every_value_and_keeps_it(repo):
    outcome = rotate(repo, "dev")
    assert epochs_in(repo) == {str(current(repo).at)}
    assert outcome.values == 2
    assert all(unseal(repo.session("carol"), name, text(repo, name)) == PLAIN for name in FILES)


def test_a_rotation_keeps_time_and_origin(repo):
    (old,) = tokens_of(repo.session(), "a.yaml", text(repo, "a.yaml")).values()
    rotate(repo, "dev")
    (new,) = tokens_of(repo.session(), "a.yaml", text(repo, "a.yaml")).values()
    before, after = Token.parse(old), Token.parse(new)
    assert (after.set_time, after.origin) == (before.set_time, before.origin)
    assert after.at != before.at


def test_nothing_pending_changes_nothing(repo):
    assert rotate(repo) == rotation.Outcome()


def test_a_removal_takes_every_value_from_the_leaver(repo):
    repo.bury("dev", "bob")
    outcome = rotate(repo)
    assert outcome.left_out == (("dev", "bob", "removed, and the group was not rotated since"),)
    for name in FILES:
        with pytest.raises(NoIdentity):
            unseal(repo.session("bob"), name, text(repo, name))
        assert unseal(repo.session(), name, text(repo, name)) == PLAIN


def test_somebody_who_does_not_hold_the_group_learns_who_can(repo):
    with pytest.raises(NoIdentity, match="holds its secret") as caught:
        rotate(repo, "dev", by="dave")
    assert caught.value.notes[0] == "holders: alice, bob, carol"


def test_what_only_others_can_do_stays_outstanding(repo):
    repo.bury("dev", "bob")
    assert rotate(repo, by="dave") == rotation.Outcome()
    (waiting,) = rotation.outstanding(repo.session("dave"))
    assert (waiting.group, waiting.able) == ("dev", ("alice", "carol", "bob"))
    assert waiting.command == "sealring rotate dev"


def test_a_rotation_that_would_leave_nobody_is_refused(repo):
    for name in TEAM:
        repo.bury("dev", name)
    with pytest.raises(UsageError, match="nobody would be left"):
        rotate(repo, "dev")
    assert rotate(repo) == rotation.Outcome()


def test_a_missed_grant_is_wrapped_without_a_new_epoch(repo, tmp_path):
    ours = repo.copy(tmp_path / "ours")
    repo.grant("dev", "dave")
    ours.rotate("dev")
    shutil.copytree(repo.path(".sealring"), ours.path(".sealring"), dirs_exist_ok=True)
    before = current(ours)
    outcome = rotate(ours)
    assert outcome.wrapped == (("dev", "dave"),)
    assert current(ours).id == before.id
    assert all(unseal(ours.session("dave"), name, text(ours, name)) == PLAIN for name in FILES)


def test_a_member_with_a_bad_key_is_postponed_and_the_others_are_not(repo):
    repo.write_all(member_files(member_of("bob").replace(recipients=("age1nonsense",))))
    outcome = rotate(repo, "dev")
    ((group, name, error),) = outcome.postponed
    assert (group, name) == ("dev", "bob")
    assert isinstance(error, IdentityRefused)
    assert current(repo).holders == ("alice", "carol")
    assert epochs_in(repo) == {str(current(repo).at)}


def test_a_postponed_member_gets_in_once_their_key_is_good_again(repo):
    repo.write_all(member_files(member_of("bob").replace(recipients=("age1nonsense",))))
    rotate(repo, "dev")
    repo.write_all(member_files(member_of("bob")))
    assert rotate(repo).wrapped == (("dev", "bob"),)
    assert unseal(repo.session("bob"), "a.yaml", text(repo, "a.yaml")) == PLAIN


def test_a_member_without_a_file_is_postponed(repo):
    os.unlink(repo.path(".sealring/members/bob.yaml"))
    ((_group, name, error),) = rotate(repo, "dev").postponed
    assert name == "bob"
    assert isinstance(error, PolicyError)


def test_one_bad_file_does_not_stop_the_others(repo):
    damaged = text(repo, "a.yaml").replace("password: ENC", "password: >>>\n  ENC").encode()
    repo.write_all({"a.yaml": damaged + b"<<<<<<< ours\n"})
    outcome = rotate(repo, "dev")
    assert [error.file for error in outcome.failures] == ["a.yaml"]
    assert outcome.files == (("b.yaml", 1),)


def test_a_value_that_does_not_authenticate_stays_and_is_reported(repo):
    swapped = text(repo, "a.yaml").replace("db:", "motd:")
    repo.write_all({"a.yaml": swapped.encode()})
    outcome = rotate(repo, "dev")
    (error,) = outcome.failures
    assert isinstance(error, Tampered)
    assert "motd.password" in str(error)
    assert text(repo, "a.yaml") == swapped
    assert outcome.values == 1


def test_a_file_without_a_token_is_not_even_parsed(repo):
    repo.write_all({"c.yaml": b"{{ broken: [\n"})
    assert rotation.rekey_files(repo.session(), ["c.yaml"], ["dev"]) == rotation.Outcome()


def test_a_member_may_rotate_without_themselves(repo):
    repo.bury("dev", "alice")
    outcome = rotate(repo)
    assert outcome.values == 2
    with pytest.raises(NoIdentity):
        unseal(repo.session("alice"), "a.yaml", text(repo, "a.yaml"))
    assert unseal(repo.session("bob"), "a.yaml", text(repo, "a.yaml")) == PLAIN


def test_a_group_that_includes_another_follows_its_removal(repo):
    session = repo.session()
    candidates = verbs.plan_group(session, "ops", ["dev"], [])
    repo.write_all(verbs.create_group(session, "ops", "", ["dev"], candidates))
    repo.bury("dev", "bob")
    assert rotation.touched_by_removal(repo.session(), "dev") == ["dev", "ops"]
    outcome = rotate(repo)
    assert [at.group for at in outcome.epochs] == ["dev", "ops"]
    assert current(repo, "ops").holders == ("alice", "carol")
    assert rotation.outstanding(repo.session()) == []


# Keys that nobody vouched for


def test_a_planted_key_stops_the_rotation_before_anything_is_written(repo):
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    before = current(repo)
    with pytest.raises(UnvouchedRecipient, match="keys of bob") as caught:
        rotate(repo, "dev")
    assert current(repo) == before
    assert any("--trust bob" in hint for hint in caught.value.hints)
    assert sum("SHA256:" in note for note in caught.value.notes) == 2


def test_an_approval_counts_for_just_the_keys_that_were_seen(repo):
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    seen = frozenset(map(rotation.key_of, rotation.unvouched([verbs.plan_rotation(repo.session(), "dev")])))
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    with pytest.raises(UnvouchedRecipient):
        rotate(repo, "dev", approved=seen)


def test_an_approved_key_is_vouched_for_from_then_on(repo):
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    seen = frozenset(map(rotation.key_of, rotation.unvouched([verbs.plan_rotation(repo.session(), "dev")])))
    rotate(repo, "dev", approved=seen)
    assert verbs.plan_rotation(repo.session("carol"), "dev").unvouched() == ()


def test_a_planted_wrap_is_not_a_vouch(repo):
    """A pusher copies somebody's files under a new name: the group is joined by nobody unnoticed."""
    mallory = generate_x25519()
    plant(repo, "mallory", mallory)
    folder = epoch_dir(current(repo).at)
    for ending in ("age", "vouch"):
        shutil.copy(repo.path(f"{folder}/bob.{ending}"), repo.path(f"{folder}/mallory.{ending}"))
    with pytest.raises(UnvouchedRecipient, match="keys of mallory"):
        rotate(repo, "dev")


def test_an_include_edited_by_a_pusher_lets_nobody_in_unnoticed(repo):
    mallory = generate_x25519()
    plant(repo, "mallory", mallory)
    evil = Repository(repo.root + "-evil", groups={"evil": ("mallory",)}, repository=repo.id)
    shutil.copytree(evil.path(".sealring/groups"), repo.path(".sealring/groups"), dirs_exist_ok=True)
    repo.write_all(group_files("dev", "", ["evil"]))
    with pytest.raises(UnvouchedRecipient, match="keys of mallory"):
        rotate(repo)
    with pytest.raises(UnvouchedRecipient, match="keys of mallory"):
        rotate(repo, "dev")


def test_a_vouch_of_a_leaver_under_an_old_root_does_not_count(repo):
    session = repo.session("bob")
    old_root = session.roots.open(current(repo).at)
    repo.remove("dev", "bob")
    plant(repo, "carol", identity_of("bob"))
    forged = wrap_files(old_root, Holder(repo.session().keyring.member("carol")))
    repo.write_all(forged)
    with pytest.raises(UnvouchedRecipient, match="keys of carol"):
        rotate(repo, "dev")


def test_keys_of_an_included_group_are_vouched_for_by_it(repo):
    candidates = verbs.plan_group(repo.session(), "ops", ["dev"], [])
    assert [candidate.why for candidate in candidates] == ["", "", ""]


def test_a_new_group_vouches_for_nobody_by_itself(repo):
    candidates = verbs.plan_group(repo.session(), "ops", [], ["alice", "bob"])
    assert [bool(candidate.why) for candidate in candidates] == [False, True]


# Tampered epochs


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        ("retired", lambda line: "retired: []"),
        ("dropped", lambda line: "dropped: []"),
        ("created", lambda line: 'created: "20200101T000000Z"'),
        ("recipient", lambda line: "recipient: " + generate_x25519().recipient().text),
    ],
)
def test_an_edited_statement_is_refused_by_who_opens_the_epoch(repo, part, edit):
    repo.remove("dev", "bob")
    file = f"{epoch_dir(current(repo).at)}/epoch.yaml"
    lines = text(repo, file).split("\n")
    lines = [edit(line) if line.startswith(f"{part}:") else line for line in lines]
    repo.write_all({file: "\n".join(lines).encode()})
    with pytest.raises(Tampered):
        rotate(repo, "dev")


def test_a_swapped_commitment_is_refused(repo):
    repo.rotate("dev")
    first, second = repo.session().keyring.group("dev").epochs
    file = f"{epoch_dir(second.at)}/epoch.yaml"
    repo.write_all({file: text(repo, file).replace(second.commitment, first.commitment).encode()})
    with pytest.raises(Tampered):
        rotate(repo, "dev")


def test_a_wrap_of_another_epoch_copied_over_is_refused(repo):
    repo.rotate("dev")
    first, second = repo.session().keyring.group("dev").epochs
    for ending in ("age", "vouch"):
        source, target = (repo.path(f"{epoch_dir(each.at)}/alice.{ending}") for each in (first, second))
        shutil.copy(source, target)
    with pytest.raises(Tampered, match="another repository, group or epoch"):
        rotate(repo, "dev")


# Removals


def test_a_removal_needs_no_identity(repo):
    session = repo.stranger()
    assert member_verbs.bury(session, ["dev"], "bob") == ["dev"]
    assert list(repo.session().standing("dev").leaving) == ["bob"]


def test_a_second_removal_leaves_the_first_as_it_is(repo):
    member_verbs.bury(repo.stranger(), ["dev"], "bob")
    before = text(repo, f".sealring/groups/dev/removed/bob@{current(repo).id}.yaml")
    assert member_verbs.bury(repo.session(now_s=2_000_000_000), ["dev"], "bob") == []
    assert text(repo, f".sealring/groups/dev/removed/bob@{current(repo).id}.yaml") == before


def test_somebody_who_is_not_in_the_group_cannot_be_removed(repo):
    with pytest.raises(UsageError, match="dave is not in group dev"):
        member_verbs.bury(repo.session(), ["dev"], "dave")


def test_who_comes_through_another_group_is_removed_there(repo):
    session = repo.session()
    candidates = verbs.plan_group(session, "ops", ["dev"], [])
    repo.write_all(verbs.create_group(session, "ops", "", ["dev"], candidates))
    with pytest.raises(UsageError, match="through group dev") as caught:
        member_verbs.bury(repo.session(), ["ops"], "bob")
    assert caught.value.hints == ("`sealring revoke dev bob`",)


def test_a_member_is_deleted_only_when_no_group_has_them(repo):
    assert not member_verbs.delete_member(repo.session(), "bob")
    repo.remove("dev", "bob")
    assert member_verbs.delete_member(repo.session(), "bob")
    assert "bob" not in repo.session().keyring.member_names()


# Values that a leaver can have made


@pytest.fixture
def late(repo):
    """A value that was sealed under an epoch that the leaver still holds, on a branch of its own."""
    kept = text(repo, "a.yaml")
    repo.bury("dev", "bob")
    rotate(repo)
    repo.write_all({"a.yaml": kept.encode()})
    return repo


def test_a_value_from_before_a_removal_waits_for_a_look(late):
    before = text(late, "a.yaml")
    (doubtful,) = rotate(late).doubtful
    assert (doubtful.file, doubtful.place) == ("a.yaml", "db.password")
    assert text(late, "a.yaml") == before
    with pytest.raises(StaleEpoch):
        unseal(late.session(), "a.yaml", before)


def test_a_value_that_was_looked_at_is_sealed_anew(late):
    outcome = rotate(late)
    assert rotation.accept_doubtful(late.session(), outcome.doubtful).values == 1
    assert unseal(late.session(), "a.yaml", text(late, "a.yaml")) == PLAIN


def test_an_acceptance_counts_for_just_the_values_that_were_seen(late):
    outcome = rotate(late)
    other = outcome.doubtful[0].replace(token=outcome.doubtful[0].token.replace(body=bytes(48)))
    again = rotation.accept_doubtful(late.session(), [other])
    assert again.values == 0
    assert len(again.doubtful) == 1


# Killed half-way


class Killed(Exception):
    pass


def killed(repo, monkeypatch, name):
    """Rotate, and be killed before the file `name` is written."""
    session = repo.session()
    write = session.write

    def write_or_die(file, *args, **options):
        if file.endswith(name):
            raise Killed
        return write(file, *args, **options)

    monkeypatch.setattr(session, "write", write_or_die)
    with pytest.raises(Killed):
        rotation.rotate(session, None, FILES)


@pytest.mark.parametrize("name", ["a.yaml", "b.yaml", "alice.age", "epoch.yaml"])
def test_a_killed_rotation_is_finished_by_the_next_one(repo, monkeypatch, name):
    repo.bury("dev", "bob")
    killed(repo, monkeypatch, name)
    outcome = rotate(repo)
    assert outcome.doubtful == ()
    assert epochs_in(repo) == {str(current(repo).at)}
    assert all(unseal(repo.session(), file, text(repo, file)) == PLAIN for file in FILES)
    assert not os.path.lexists(repo.path(".sealring/tmp/rotation"))


def test_a_file_that_changed_since_the_kill_waits_for_a_look(repo, monkeypatch):
    session = repo.session("bob")
    forged = seal(session, "b.yaml", PLAIN.replace("hunter2", "forged")).encode()
    repo.bury("dev", "bob")
    killed(repo, monkeypatch, "a.yaml")
    repo.write_all({"b.yaml": forged})
    outcome = rotate(repo)
    assert [each.file for each in outcome.doubtful] == ["b.yaml"]
    assert outcome.files == (("a.yaml", 1),)


def test_a_journal_that_a_pusher_wrote_does_not_count(repo, monkeypatch):
    repo.bury("dev", "bob")
    killed(repo, monkeypatch, "a.yaml")
    file = repo.path(".sealring/tmp/rotation")
    with open(file) as stream:
        journal = stream.read()
    with open(file, "w") as stream:
        stream.write(journal.replace('"files": {', '"files": {"c.yaml": "00", '))
    assert Journal.read(repo.session()) is None
    assert not os.path.lexists(file)
    assert len(rotate(repo).doubtful) == 2


def test_a_link_in_the_place_of_the_journal_is_not_followed(repo, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("keep")
    os.makedirs(repo.path(".sealring/tmp"), mode=0o700)
    os.symlink(outside, repo.path(".sealring/tmp/rotation"))
    rotate(repo, "dev")
    assert outside.read_text() == "keep"


# Keys of members


def test_an_added_key_opens_what_the_member_can_read(repo):
    phone = generate_x25519()
    session = repo.session("bob")
    member = member_verbs.with_keys(session, "bob", [phone.recipient().text])
    rotation.wrap_planned(session, member_verbs.plan_keys(session, member))
    member_verbs.write_member(session, member)
    again = repo.session("bob")
    again._identities = lambda: [phone]
    assert unseal(again, "a.yaml", text(repo, "a.yaml")) == PLAIN
    assert verbs.plan_rotation(repo.session(), "dev").unvouched() == ()


def test_a_planted_key_does_not_get_in_with_an_added_one(repo):
    plant(repo, "bob", identity_of("bob"), generate_x25519())
    session = repo.session("bob")
    member = member_verbs.with_keys(session, "bob", [generate_x25519().recipient().text])
    with pytest.raises(UnvouchedRecipient):
        rotation.wrap_planned(session, member_verbs.plan_keys(session, member))


def test_a_removed_key_opens_no_wrap_any_more(repo):
    phone = generate_x25519()
    session = repo.session("bob")
    both = member_verbs.with_keys(session, "bob", [phone.recipient().text])
    rotation.wrap_planned(session, member_verbs.plan_keys(session, both))
    member_verbs.write_member(session, both)
    left = member_verbs.without_keys(session, "bob", [both.recipients[0]])
    rotation.wrap_planned(session, member_verbs.plan_keys(session, left))
    member_verbs.write_member(session, left)
    assert left.recipients == (phone.recipient().text,)
    with pytest.raises(NoIdentity):
        unseal(repo.session("bob"), "a.yaml", text(repo, "a.yaml"))


def test_a_rewrap_keeps_the_link_of_a_member_who_came_back(repo):
    repo.remove("dev", "bob")
    repo.rotate("dev")
    repo.grant("dev", "bob")
    before = repo.session().keyring.wrap(current(repo).at, "bob").bridge
    session = repo.session()
    member = member_verbs.with_keys(session, "bob", [generate_x25519().recipient().text])
    rotation.wrap_planned(session, member_verbs.plan_keys(session, member))
    assert before
    assert repo.session().keyring.wrap(current(repo).at, "bob").bridge == before


def test_a_key_can_be_named_by_its_fingerprint(repo):
    phone = generate_x25519().recipient().text
    member = member_verbs.with_keys(repo.session(), "bob", [phone])
    member_verbs.write_member(repo.session(), member)
    fingerprint = dict(verbs.fingerprints(member))[phone]
    left = member_verbs.without_keys(repo.session(), "bob", [fingerprint])
    assert left.recipients == member_of("bob").recipients


def test_the_last_key_cannot_be_removed(repo):
    with pytest.raises(UsageError, match="no key left"):
        member_verbs.without_keys(repo.session(), "bob", member_of("bob").recipients)


def test_post_quantum_and_other_keys_are_not_mixed(repo):
    with pytest.raises(IdentityRefused, match="mixed"):
        member_verbs.with_keys(repo.session(), "bob", [generate_hybrid().recipient().text])


def test_a_key_belongs_to_one_member(repo):
    with pytest.raises(UsageError, match="that of member bob"):
        member_verbs.new_member(repo.session(), "robert", "person", member_of("bob").recipients)


def test_a_key_is_named_once(repo):
    key = generate_x25519().recipient().text
    with pytest.raises(UsageError, match="named twice"):
        member_verbs.new_member(repo.session(), "erin", "person", [key, key])


@pytest.mark.parametrize("name", ["", "Erin", "-erin", "a/b", "..", "bob", "x" * 64])
def test_names_of_members_are_checked(repo, name):
    with pytest.raises(UsageError):
        member_verbs.new_member(repo.session(), name, "person", [generate_x25519().recipient().text])


def test_keys_that_a_forge_serves_are_taken_where_they_can_be():
    ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti"
    ecdsa = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA=="
    found, skipped = member_verbs.recipients_in(f"{ecdsa} a\n{ed25519} b\n\n{ed25519} twice\n")
    assert found == [ed25519]
    assert len(skipped) == 1
    assert skipped[0].startswith("line 1: ")


# Groups and requests


def test_a_group_that_a_rule_names_cannot_be_deleted(repo):
    with pytest.raises(UsageError, match="seals to group dev") as caught:
        verbs.delete_group(repo.session(), "dev")
    assert caught.value.file == ".sealring/policy.yaml"


def test_a_group_that_another_includes_cannot_be_deleted(repo):
    session = repo.session()
    for name, includes, members in (("team", [], ["alice"]), ("ops", ["team"], ["alice"])):
        candidates = verbs.plan_group(session, name, includes, members)
        repo.write_all(verbs.create_group(session, name, "", includes, candidates))
    with pytest.raises(UsageError, match="group ops includes group team"):
        verbs.delete_group(repo.session(), "team")
    member_verbs.delete_group_files(repo.session(), "ops")
    verbs.delete_group(repo.session(), "team")


def test_a_group_needs_a_member(repo):
    with pytest.raises(UsageError, match="needs a member"):
        verbs.plan_group(repo.session(), "empty", [], [])


def test_requests_are_found_and_odd_names_are_passed_over(repo):
    repo.write_all(member_verbs.request_files(repo.session(), "dave", ["dev"]))
    repo.write_all({".sealring/requests/dev/Not A Name.yaml": b"", ".sealring/requests/dev/x.txt": b""})
    assert [(each.member, each.group) for each in member_verbs.requests(repo.session())] == [("dave", "dev")]


def test_a_request_for_what_one_has_is_refused(repo):
    with pytest.raises(UsageError, match="in group dev already"):
        member_verbs.request_files(repo.session(), "bob", ["dev"])


def test_a_symbolic_link_below_sealring_is_not_followed_when_something_is_deleted(repo, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "dave.yaml").write_text("keep")
    os.makedirs(repo.path(".sealring/requests"))
    os.symlink(outside, repo.path(".sealring/requests/dev"))
    asked = member_verbs.requests(repo.session())
    assert [each.member for each in asked] == ["dave"]
    with pytest.raises(Exception, match="symbolic link"):
        member_verbs.delete_requests(repo.session(), asked)
    assert (outside / "dave.yaml").exists()
