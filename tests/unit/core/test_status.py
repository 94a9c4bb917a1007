"""What `status` finds, with and without a key."""

from __future__ import annotations

import pytest
from tests.support.repositories import DAY_S, NOW_S, Repository, seal

from sealring.core.status import status
from sealring.errors import DocumentRefused, FileAccess, PolicyError
from sealring.model.token import EpochRef, Token

RULES = """\
rules:
  - name: main
    files: ["app.yaml"]
    fields: ["**.password", "db.tokn"]
    max_age: 30d
    group: prod
  - name: team
    files: ["team.yaml"]
    group: dev
"""
PLAIN = "db:\n  host: h\n  password: hunter2\napi:\n  password: s3cret\n"


@pytest.fixture
def repo(tmp_path):
    return Repository(tmp_path, RULES)


def of(session, text, name="app.yaml"):
    return status(session, [(name, text)]).files[0]


def test_a_sealed_file_is_fine(repo):
    session = repo.session()
    file = of(session, seal(session, "app.yaml", PLAIN))
    assert file.counts == {
        "sealed": 2,
        "plaintext": 0,
        "stale": 0,
        "deposits": 0,
        "foreign": 0,
        "problems": 0,
    }
    assert file.is_fine


def test_plaintext_is_counted_and_its_line_named(repo):
    file = of(repo.session(), PLAIN)
    assert file.counts["plaintext"] == 2
    assert [problem.line for problem in file.problems] == [3, 5]
    assert not file.is_fine
    assert "hunter2" not in "".join(map(str, file.problems))


def test_a_pattern_that_matches_nothing_is_named(repo):
    assert of(repo.session(), PLAIN).unmatched == (("main", "db.tokn"),)


def test_tokens_of_another_file_are_foreign(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    other = Repository(repo.root, RULES.replace("app.yaml", "other.yaml"), repository=repo.id)
    file = of(other.session(), sealed, "other.yaml")
    assert file.counts["foreign"] == 2
    assert file.counts["sealed"] == 0


def test_a_deposit_and_a_damaged_token_have_counts_of_their_own(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    first, second = (field.token for field in session.parse("app.yaml", sealed).fields if field.token)
    deposit = Token.parse(first).replace(is_deposit=True).text()
    file = of(session, sealed.replace(first, deposit).replace(second, second.replace(",2026", ",1926")))
    assert file.counts == {
        "sealed": 0,
        "plaintext": 0,
        "stale": 0,
        "deposits": 1,
        "foreign": 0,
        "problems": 1,
    }


def test_an_epoch_that_is_not_there_is_a_problem_also_without_a_key(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    epoch = session.sealing_epoch("prod").id
    file = of(repo.stranger(), sealed.replace(f"prod@{epoch}", "prod@9.aaaaa"))
    assert file.counts["sealed"] == 0
    assert file.counts["problems"] == 2


def test_a_file_that_does_not_parse_is_a_problem_of_the_file(repo):
    file = of(repo.session(), "a: [1\n")
    assert isinstance(file.problems[0], DocumentRefused)
    assert file.problems[0].file == "app.yaml"


def test_a_file_that_cannot_be_read_is_a_problem_of_the_file(repo):
    error = FileAccess("cannot read the file: permission denied", file="app.yaml")
    assert status(repo.session(), [("app.yaml", error)]).files[0].problems == (error,)


@pytest.mark.parametrize("text", ["a: 1\n", "a: [1\n"])
def test_a_file_without_rule_and_token_is_passed_over(repo, text):
    assert status(repo.session(), [("else.yaml", text)]).files == ()


def test_tokens_in_a_file_that_lost_its_rule_are_shown(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    repo.set_rules("rules: []\n")
    file = of(repo.session(), sealed)
    assert not file.is_covered
    assert file.sealed == 2


def test_stale_tokens_are_counted_for_file_and_group(repo):
    sealed = seal(repo.session(), "app.yaml", PLAIN)
    repo.rotate("prod")
    result = status(repo.session(), [("app.yaml", sealed)])
    assert result.files[0].counts["stale"] == 2
    assert result.files[0].retired == 0
    assert [group.stale for group in result.groups] == [0, 2]
    assert not result.is_fine


def test_what_a_leaver_still_holds_is_counted_also_without_a_key(repo):
    sealed = seal(repo.session(), "app.yaml", PLAIN)
    repo.remove("prod", "bob")
    for session in (repo.session(), repo.stranger()):
        assert of(session, sealed).retired == 2


@pytest.mark.parametrize(("days", "found"), [(29, []), (30, [30, 30]), (400, [400, 400])])
def test_values_older_than_their_rule_allows_are_listed(repo, days, found):
    sealed = seal(repo.session(), "app.yaml", PLAIN)
    file = of(repo.session(now_s=NOW_S + days * DAY_S), sealed)
    assert [overdue.days for overdue in file.overdue] == found
    assert file.is_fine == (not found)


def test_a_value_whose_set_time_is_unknown_is_not_overdue(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    for field in session.parse("app.yaml", sealed).fields:
        if field.token:
            sealed = sealed.replace(field.token, Token.parse(field.token).replace(set_time="-").text())
    assert of(repo.session(now_s=NOW_S + 400 * DAY_S), sealed).overdue == ()


@pytest.mark.parametrize(("who", "closed"), [("alice", 0), ("carol", 2)])
def test_values_closed_to_the_user_are_counted(repo, who, closed):
    sealed = seal(repo.session(), "app.yaml", PLAIN)
    assert of(repo.session(who), sealed).closed == closed


def test_without_identity_it_is_not_known_what_is_closed(repo):
    result = status(repo.stranger(), [("app.yaml", seal(repo.session(), "app.yaml", PLAIN))])
    assert result.files[0].closed is None
    assert result.identities == 0
    assert all(group.can_rotate is None for group in result.groups)
    assert result.is_fine


def test_a_pending_removal_is_told_with_those_who_can_rotate(repo):
    repo.bury("prod", "bob")
    dev, prod = status(repo.session("carol"), []).groups
    assert dev.is_fine
    assert "bob is to leave" in prod.pending
    assert prod.able == ("alice",)
    assert prod.can_rotate is False
    assert status(repo.session("alice"), []).groups[1].can_rotate is True


def test_a_group_with_one_reader_is_a_warning_and_no_more(tmp_path):
    repo = Repository(tmp_path, "rules: []\n", groups={"solo": ("alice",)})
    result = status(repo.session(), [])
    assert result.groups[0].is_single_reader
    assert result.is_fine


def test_a_rule_for_a_group_that_is_not_there_is_an_error(repo):
    repo.set_rules(
        'rules:\n  - files: ["a.yaml"]\n    group: prd\n  - files: ["b.yaml"]\n    group: nobody\n'
    )
    errors = status(repo.session(), []).errors
    assert [error.line for error in errors] == [4, 6]
    assert all(isinstance(error, PolicyError) for error in errors)
    assert "prod" in errors[0].hints[0]


def test_a_member_with_an_unusable_recipient_is_an_error_and_the_rest_goes_on(repo):
    repo.write_all(
        {".sealring/members/eve.yaml": b'name: "eve"\nkind: person\nrecipients: ["age1nonsense"]\n'}
    )
    result = status(repo.session(), [("app.yaml", PLAIN)])
    assert [error.file for error in result.errors] == [".sealring/members/eve.yaml"]
    assert len(result.groups) == 2
    assert result.files


def test_a_malformed_group_is_an_error_and_the_others_are_shown(repo):
    repo.write_all({".sealring/groups/dev/group.yaml": b"nonsense: 1\n"})
    result = status(repo.session(), [])
    assert [group.name for group in result.groups] == ["prod"]
    assert len(result.errors) == 1


def test_the_token_of_an_unknown_group_is_a_problem(repo):
    session = repo.session()
    sealed = seal(session, "app.yaml", PLAIN)
    at = session.sealing_epoch("prod").at
    for field in session.parse("app.yaml", sealed).fields:
        if field.token:
            moved = Token.parse(field.token).replace(
                at=EpochRef("gone", at.epoch), origin=EpochRef("gone", at.epoch)
            )
            sealed = sealed.replace(field.token, moved.text())
    assert of(session, sealed).counts["problems"] == 2
