"""Why a field is sealed or not, and who reads it."""

from __future__ import annotations

import pytest
from tests.support.repositories import NOW, Repository, seal

from sealring.core.explain import explain
from sealring.errors import FieldMissing, PlaintextFound, WrongGroup

RULES = """\
rules:
  - name: narrow
    files: ["app.yaml"]
    fields: ["db.**"]
    except: ["db.host"]
    group: prod
  - name: wide
    files: ["app.yaml"]
    fields: ["**.token", "db.port"]
    group: dev
  - preset: kubernetes-secret
    files: ["k8s.yaml"]
    group: prod
"""
PLAIN = "db:\n  host: h\n  password: hunter2\napi:\n  token: t\n  url: u\n"


@pytest.fixture
def repo(tmp_path):
    return Repository(tmp_path, RULES)


@pytest.fixture
def sealed(repo):
    return seal(repo.session(), "app.yaml", PLAIN)


def one(session, text, field, name="app.yaml"):
    (found,) = explain(session, name, text, field)
    return found


def test_the_first_rule_that_matches_and_its_pattern_are_named(repo, sealed):
    found = one(repo.stranger(), sealed, "db.password")
    assert found.state == "sealed"
    assert found.decision.rule.name == "narrow"
    assert found.decision.pattern == "db.**"
    assert found.decision.rule.line == 4
    assert found.group == "prod"
    assert found.token.set_time == NOW
    assert [(reader.name, reader.kind, reader.via) for reader in found.readers] == [
        ("alice", "person", ()),
        ("bob", "person", ()),
    ]


def test_rules_before_the_one_that_decides_say_why_they_do_not(repo, sealed):
    found = one(repo.session(), sealed, "api.token")
    assert found.decision.rule.name == "wide"
    assert [(passed.rule, passed.why) for passed in found.decision.passed] == [
        ("narrow", "no pattern of it names the field (db.**)")
    ]


def test_a_plain_field_says_what_excepts_it(repo, sealed):
    found = one(repo.session(), sealed, "db.host")
    assert found.state == "plain"
    assert found.decision.rule is None
    assert found.decision.passed[0].why == 'it excepts "db.host"'
    assert found.readers == ()


def test_a_document_of_another_kind_says_so(repo):
    text = "kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: y\n"
    found = one(repo.session(), text, "data.x", "k8s.yaml")
    assert found.decision.passed[0].why == "it is for documents of kind Secret"


def test_a_file_without_rule_has_nothing_passed_over(repo):
    assert one(repo.session(), "a: 1\n", "a", "other.yaml").decision.passed == ()


def test_plaintext_in_a_sealed_place_is_a_problem_with_the_readers_to_be(repo):
    found = one(repo.session(), PLAIN, "db.password")
    assert found.state == "problem"
    assert isinstance(found.problem, PlaintextFound)
    assert [reader.name for reader in found.readers] == ["alice", "bob"]


def test_a_token_of_another_group_is_a_problem_and_its_own_readers_are_shown(repo, sealed):
    repo.set_rules(RULES.replace("group: prod", "group: dev", 1))
    found = one(repo.session(), sealed, "db.password")
    assert isinstance(found.problem, WrongGroup)
    assert found.group == "prod"


def test_a_stale_token_shows_who_left_and_still_holds_it(repo, sealed):
    repo.remove("prod", "bob")
    for session in (repo.session(), repo.stranger()):
        found = one(session, sealed, "db.password")
        assert found.state == "stale"
        assert found.is_retired
        assert [(reader.name, bool(reader.note)) for reader in found.readers] == [
            ("alice", False),
            ("bob", True),
        ]


def test_one_who_is_to_leave_is_shown_as_a_reader_who_is_to_leave(repo, sealed):
    repo.bury("prod", "bob")
    readers = one(repo.session(), sealed, "db.password").readers
    assert readers[-1].name == "bob"
    assert "is to leave" in readers[-1].note


def test_members_of_an_included_group_are_shown_with_it(tmp_path):
    repo = Repository(tmp_path, RULES, groups={"prod": ("alice",), "dev": ("carol",)})
    repo.write_all({".sealring/groups/prod/group.yaml": b'description: ""\nincludes: ["dev"]\n'})
    readers = one(repo.session(), PLAIN, "db.password").readers
    assert [(reader.name, reader.via) for reader in readers] == [("alice", ()), ("carol", ("dev",))]
    assert "not yet" in readers[1].note


def test_a_collection_gives_its_fields_and_no_field_gives_all(repo, sealed):
    session = repo.session()
    assert [entry.place for entry in explain(session, "app.yaml", sealed, "api")] == ["api.token", "api.url"]
    assert len(explain(session, "app.yaml", sealed)) == 4


def test_an_alias_is_explained_too(repo):
    text = "x: &a secret\ndb:\n  password: *a\n"
    assert isinstance(one(repo.session(), text, "db.password").problem, PlaintextFound)


def test_a_field_that_is_not_there_is_missing_with_its_neighbours(repo, sealed):
    with pytest.raises(FieldMissing) as caught:
        explain(repo.session(), "app.yaml", sealed, "db.pasword")
    assert "db.password" in caught.value.hints[0]
