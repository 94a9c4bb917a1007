"""Renames and moves keep every value sealed, and launder nothing."""

from __future__ import annotations

import pytest
from tests.support.repositories import Repository, seal, token_at, tokens_of, unseal

from sealring.core.moving import moved_field, renamed_text
from sealring.errors import (
    ForeignToken,
    NoIdentity,
    PlaintextFound,
    StaleEpoch,
    Tampered,
    UsageError,
    WrongGroup,
)

RULES = """\
rules:
  - files: ["old.yaml", "new.yaml", "odd.yaml", "old.json"]
    fields: ["**.password"]
    group: prod
  - files: ["old.yaml"]
    fields: ["team.*"]
    group: dev
"""
PLAIN = "db:\n  host: h\n  password: hunter2\napi:\n  password: s3cret\n"


@pytest.fixture
def repo(tmp_path):
    return Repository(tmp_path, RULES)


@pytest.fixture
def sealed(repo):
    return seal(repo.session(), "old.yaml", PLAIN)


def test_a_renamed_text_opens_under_the_new_name_only(repo, sealed):
    session = repo.session()
    moved = renamed_text(session, "old.yaml", "new.yaml", sealed)
    assert unseal(session, "new.yaml", moved) == PLAIN
    with pytest.raises(ForeignToken):
        unseal(session, "old.yaml", moved)


def test_running_a_move_again_changes_nothing(repo, sealed):
    session = repo.session()
    moved = renamed_text(session, "old.yaml", "new.yaml", sealed)
    assert renamed_text(session, "old.yaml", "new.yaml", moved) == moved


def test_a_text_without_tokens_is_moved_as_it_is(repo):
    assert renamed_text(repo.session(), "old.yaml", "elsewhere.yaml", PLAIN) == PLAIN


def test_tokens_of_a_third_file_are_not_adopted(repo):
    session = repo.session()
    odd = seal(session, "odd.yaml", PLAIN)
    with pytest.raises(ForeignToken):
        renamed_text(session, "old.yaml", "new.yaml", odd)


def test_a_file_is_not_moved_to_where_its_values_have_no_rule(repo, sealed):
    with pytest.raises(UsageError, match=r"no rule says to seal it in elsewhere.yaml") as caught:
        renamed_text(repo.session(), "old.yaml", "elsewhere.yaml", sealed)
    assert caught.value.hints == (
        "add elsewhere.yaml to the `files` of the rule in .sealring/policy.yaml:4 first",
    )


def test_a_file_keeps_its_format(repo, sealed):
    with pytest.raises(UsageError, match=r"old.yaml is yaml and old.json is json"):
        renamed_text(repo.session(), "old.yaml", "old.json", sealed)


def test_who_does_not_open_a_value_does_not_move_it(repo, sealed):
    with pytest.raises(NoIdentity):
        renamed_text(repo.session("carol"), "old.yaml", "new.yaml", sealed)


def test_a_token_that_was_tampered_with_is_not_moved(repo, sealed):
    session = repo.session()
    one, two = tokens_of(session, "old.yaml", sealed).values()
    swapped = sealed.replace(one, "?").replace(two, one).replace("?", two)
    with pytest.raises(Tampered):
        renamed_text(session, "old.yaml", "new.yaml", swapped)


def test_a_rename_after_a_rotation_brings_values_to_the_newest_epoch(repo, sealed):
    repo.rotate("prod")
    session = repo.session()
    moved = renamed_text(session, "old.yaml", "new.yaml", sealed)
    token = token_at(session, "new.yaml", moved, "db.password")
    assert token.at == session.sealing_epoch("prod").at
    assert token.origin != token.at


def test_what_a_leaver_can_have_made_is_not_sealed_anew_in_passing(repo, sealed):
    repo.remove("prod", "bob")
    session = repo.session()
    with pytest.raises(StaleEpoch):
        renamed_text(session, "old.yaml", "new.yaml", sealed)


def test_a_moved_field_stands_in_plain_for_the_sealing_that_follows(repo, sealed):
    session = repo.session()
    moved = moved_field(session, "old.yaml", sealed, "db.password", "admin.password")
    assert "admin:\n  password: hunter2" in moved
    assert unseal(session, "old.yaml", seal(session, "old.yaml", moved, sealed)).count("hunter2") == 1


@pytest.mark.parametrize(
    ("new", "error"), [("db.pw", PlaintextFound), ("team.pw", WrongGroup), ("api.password", UsageError)]
)
def test_a_field_is_not_moved_to_where_it_may_not_be(repo, sealed, new, error):
    with pytest.raises(error) as caught:
        moved_field(repo.session(), "old.yaml", sealed, "db.password", new)
    assert "hunter2" not in f"{caught.value}{caught.value.notes}{caught.value.hints}"


def test_a_plain_field_may_be_moved_anywhere(repo, sealed):
    assert "name: h" in moved_field(repo.session(), "old.yaml", sealed, "db.host", "db.name")
