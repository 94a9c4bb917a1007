"""What a writer does with plaintext: which tokens stay, their times and origins, and what is refused."""

from __future__ import annotations

import pytest
from tests.support.repositories import (
    DAY_S,
    NOW,
    NOW_S,
    Repository,
    rekeyed,
    seal,
    token_at,
    tokens_of,
    unseal,
)

from sealring.core import groups as group_verbs
from sealring.core.sealing import encrypt
from sealring.errors import (
    DepositFound,
    DocumentRefused,
    FieldMissing,
    NoIdentity,
    Pending,
    PlaintextFound,
    PolicyError,
    StaleEpoch,
    Tampered,
    WrongGroup,
)
from sealring.model.token import Token

RULES = """\
rules:
  - name: bound
    files: ["bound.yaml"]
    fields: ["**.password"]
    bind: ["db.host"]
    group: prod
  - name: required
    files: ["required.yaml"]
    fields: ["db"]
    require: ["db.password"]
    group: prod
  - name: mixed
    files: ["mixed.yaml"]
    fields: ["prod"]
    group: prod
  - name: mixed-dev
    files: ["mixed.yaml"]
    fields: ["dev"]
    group: dev
  - name: labels
    files: ["labels.yaml"]
    fields: ["env"]
    group: prod
  - name: by-label
    files: ["by-label.yaml"]
    fields: ["env[name=DB]"]
    group: prod
  - name: rest
    files: ["*"]
    fields: ["**.password", "env[].value", "words", "users"]
    group: prod
"""
FILE = "a.yaml"
TOMORROW = NOW_S + DAY_S


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    return Repository(tmp_path_factory.mktemp("repository"), RULES)


@pytest.fixture(scope="module")
def session(repo):
    return repo.session()


@pytest.fixture
def own(repo, tmp_path):
    return repo.copy(tmp_path)


def kept(session, old_plain, new_plain, file=FILE):
    """Return (places whose token is one that the old document had, all sealed places), both as sets."""
    old = seal(session, file, old_plain)
    new = seal(session, file, new_plain, old)
    assert unseal(session, file, new) == new_plain
    before = set(tokens_of(session, file, old).values())
    after = tokens_of(session, file, new)
    assert len(set(after.values())) == len(after), "each old token is used once"
    return {place for place, token in after.items() if token in before}, set(after)


# What stays

ENV = [f"  - name: N{i}\n    value: value {i}\n" for i in range(5)]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("env:\n" + "".join(ENV), "env:\n" + "".join(reversed(ENV)), set()),
        ("env:\n" + "".join(ENV[1:]), "env:\n" + "".join(ENV), {"env[name=N0].value"}),
        ("env:\n" + "".join(ENV), "env:\n" + "".join(ENV[:2] + ENV[3:]), set()),
        ("words: [a, b, c]\n", "words: [z, a, b, c]\n", {"words[0]"}),
        ("words: [a, b, c]\n", "words: [c, b, a]\n", set()),
        ("words: [a, a, a]\n", "words: [a, b, a]\n", {"words[1]"}),
        ("words: [a, a]\n", "words: [a, a, a]\n", {"words[2]"}),
        ("users:\n- {n: 1}\n- {n: 2}\n", "users:\n- {n: 0}\n- {n: 1}\n- {n: 2}\n", {"users[0].n"}),
        ("a: {password: x}\nb: 1\n", "b: 2\n# a\na: {password: x}\n", set()),
        ("a: {password: x}\n", "a: {password: y}\n", {"a.password"}),
        ("a: {password: x}\nb: {password: x}\n", "b: {password: x}\na: {password: x}\n", set()),
        ("a:\n  password: |\n    one\n    two\n", "b: 1\na:\n  password: |\n    one\n    two\n", set()),
        ("a:\n  password: x\n", "a:\n  password: x   # why\n", set()),
        ("a:\n  password: x\n", 'a:\n  password: "x"\n', {"a.password"}),
        ("a: {password: 1}\n", "a: {password: '1'}\n", {"a.password"}),
        ("a: {password: x}\n", "b: {password: x}\n", {"b.password"}),
        ("a: {password: x}\n", "a: {password: !t x}\n", {"a.password"}),
        ("a: {password: x}\n", "a: {password: &n x}\n", {"a.password"}),
    ],
)
def test_a_value_that_did_not_change_keeps_its_token(session, old, new, changed):
    stayed, places = kept(session, old, new)
    assert places - stayed == changed


def test_sealing_again_changes_nothing(session):
    sealed = seal(session, FILE, "a: {password: x}\nwords: [a, b]\n")
    again = encrypt(session, FILE, sealed)
    assert (again.text, again.sealed, again.kept) == (sealed, 0, 3)
    assert seal(session, FILE, sealed, sealed) == sealed
    assert seal(session, FILE, unseal(session, FILE, sealed), sealed) == sealed


def test_tokens_that_stand_in_the_text_stay_and_are_not_used_twice(session):
    sealed = seal(session, FILE, "words:\n- a\n- a\n")
    first, second = tokens_of(session, FILE, sealed).values()
    result = encrypt(session, FILE, f"words:\n- {first}\n- a\n- a\n", sealed)
    texts = list(tokens_of(session, FILE, result.text).values())
    assert texts[0] == first
    assert second in texts[1:]
    assert len(set(texts)) == 3
    assert (result.sealed, result.kept) == (1, 2)


def test_a_file_without_sealed_fields_stays_as_it_is(session):
    assert encrypt(session, FILE, "a: 1\n").text == "a: 1\n"
    assert encrypt(session, "x.json", '{"a": 1}').sealed == 0
    assert seal(session, "a.env", "") == ""


def test_a_previous_text_that_cannot_be_read_is_no_help_and_no_obstacle(session):
    plain = "a: {password: x}\n"
    for previous in ("", "a: [", "\tb", "- 1\n", "a: {password: 'ENC[sr1,'}\n", "a: {password: x}\n"):
        assert unseal(session, FILE, seal(session, FILE, plain, previous)) == plain


def test_tokens_of_another_file_in_the_previous_text_are_not_taken(session):
    plain = "a: {password: x}\n"
    foreign = seal(session, "b.yaml", plain)
    sealed = seal(session, FILE, plain, foreign)
    assert unseal(session, FILE, sealed) == plain
    assert tokens_of(session, FILE, sealed) != tokens_of(session, "b.yaml", foreign)


# Times and origins


def times(session, file, text):
    return {place: Token.parse(token).set_time for place, token in tokens_of(session, file, text).items()}


def test_a_new_or_changed_value_has_the_present_as_its_time_and_others_keep_theirs(repo, session):
    old = seal(session, FILE, "a: {password: x}\nb: {password: y}\n")
    new = seal(
        repo.session(now_s=TOMORROW), FILE, "a: {password: x}\nb: {password: z}\nc: {password: w}\n", old
    )
    assert times(session, FILE, new) == {
        "a.password": NOW,
        "b.password": "20261125T142800Z",
        "c.password": "20261125T142800Z",
    }


@pytest.mark.parametrize("back_s", [0, 1, DAY_S])
def test_a_changed_value_is_later_than_the_one_before_whatever_the_clock_says(repo, session, back_s):
    old = seal(session, FILE, "a: {password: x}\n")
    new = seal(repo.session(now_s=NOW_S - back_s), FILE, "a: {password: y}\n", old)
    assert times(session, FILE, new) == {"a.password": "20261124T142801Z"}


def test_a_changed_value_in_a_list_is_later_than_all_of_the_list(repo, session):
    old = seal(repo.session(now_s=TOMORROW), FILE, "words: [b]\n")
    old = seal(session, FILE, old.replace("words: [", "words: [a, "), old)
    new = seal(session, FILE, unseal(session, FILE, old).replace("a,", "c,"), old)
    assert times(session, FILE, new)["words[0]"] == "20261125T142802Z"


@pytest.mark.parametrize(
    "new",
    ['a: {password: x}\n', "a:\n  password:\n    x\n", "b:\n  password: x\n", "a:\n  password: !!str x\n"],
)  # fmt: skip
def test_the_same_value_written_another_way_or_moved_keeps_its_time(repo, session, new):
    old = seal(session, FILE, "a:\n  password: x\n")
    sealed = seal(repo.session(now_s=TOMORROW), FILE, new, old)
    assert unseal(session, FILE, sealed) == new
    assert set(times(session, FILE, sealed).values()) == {NOW}


def test_the_same_text_with_another_type_is_another_value(repo, session):
    old = seal(session, FILE, "a: {password: 1}\n")
    sealed = seal(repo.session(now_s=TOMORROW), FILE, "a: {password: '1'}\n", old)
    assert set(times(session, FILE, sealed).values()) == {"20261125T142800Z"}


def test_a_rekey_keeps_time_and_origin_and_says_the_origin(own):
    sealed = seal(own.session(), FILE, "a: {password: x}\n")
    first = token_at(own.session(), FILE, sealed, "a.password")
    assert first.origin == first.at
    for _ in range(2):
        own.rotate("prod")
        session = own.session(now_s=TOMORROW)
        sealed = rekeyed(session, FILE, sealed, "prod")
        token = token_at(session, FILE, sealed, "a.password")
        assert token.at == session.sealing_epoch("prod").at
        assert (token.origin, token.set_time) == (first.at, NOW)
        assert unseal(session, FILE, sealed) == "a: {password: x}\n"


def test_an_unchanged_value_under_an_older_epoch_comes_to_the_newest_with_its_origin(own):
    old = seal(own.session(), FILE, "a: {password: x}\nb: 1\n")
    first = token_at(own.session(), FILE, old, "a.password")
    own.rotate("prod")  # nobody left, so the older epoch is nobody else's
    session = own.session(now_s=TOMORROW)
    assert unseal(session, FILE, old) == "a: {password: x}\nb: 1\n"
    new = token_at(session, FILE, seal(session, FILE, "a: {password: x}\nb: 2\n", old), "a.password")
    assert (new.origin, new.set_time) == (first.at, first.set_time)
    assert new.at == session.sealing_epoch("prod").at != first.at


def test_a_value_under_an_epoch_that_a_leaver_holds_is_left_for_the_rotation(own):
    old = seal(own.session(), FILE, "a:\n  password: x\n")
    own.remove("prod", "bob")
    session = own.session()
    assert tokens_of(session, FILE, seal(session, FILE, "b: 1\na:\n  password: x\n", old)) == tokens_of(
        session, FILE, old
    )
    changed = seal(session, FILE, "a:\n  password: y\n", old)
    assert unseal(session, FILE, changed) == "a:\n  password: y\n"
    with pytest.raises(StaleEpoch):
        seal(session, FILE, "b:\n  password: x\n", old)


# Neighbours and labels


def test_a_bound_value_is_sealed_anew_when_its_neighbour_changes_in_plaintext(repo, session):
    old = seal(session, "bound.yaml", "db: {host: a, password: x}\n")
    new = seal(repo.session(now_s=TOMORROW), "bound.yaml", "db: {host: b, password: x}\n", old)
    before, after = (token_at(session, "bound.yaml", text, "db.password") for text in (old, new))
    assert before != after
    assert (before.set_time, before.origin) == (after.set_time, after.origin)
    assert unseal(session, "bound.yaml", new) == "db: {host: b, password: x}\n"


def test_a_neighbour_changed_beside_a_token_needs_rebind(session):
    old = seal(session, "bound.yaml", "db: {host: a, password: x}\nother: {password: y}\n")
    edited = old.replace("host: a", "host: b")
    with pytest.raises(Tampered) as caught:
        seal(session, "bound.yaml", edited, old)
    assert "--rebind" in str(caught.value.hints)
    new = seal(session, "bound.yaml", edited, old, rebind=True)
    assert unseal(session, "bound.yaml", new) == "db: {host: b, password: x}\nother: {password: y}\n"
    before, after = (token_at(session, "bound.yaml", text, "db.password") for text in (old, new))
    assert (before.set_time, before.origin) == (after.set_time, after.origin)


def test_rebind_does_not_take_a_token_that_was_not_right_before(session):
    old = seal(session, "bound.yaml", "db: {host: a, password: x}\nother: {password: y}\n")
    one, two = tokens_of(session, "bound.yaml", old).values()
    moved = old.replace("host: a", "host: b").replace(one, "\0").replace(two, one).replace("\0", two)
    broken = old.replace(one, two)
    for text, previous in ((moved, None), (broken.replace("host: a", "host: b"), broken), (broken, None)):
        with pytest.raises(Tampered):
            seal(session, "bound.yaml", text, previous, rebind=True)


def test_rebind_does_not_launder_what_a_leaver_can_have_made(own):
    old = seal(own.session(), "bound.yaml", "db: {host: a, password: x}\n")
    own.remove("prod", "bob")
    with pytest.raises(StaleEpoch):
        seal(own.session(), "bound.yaml", old.replace("host: a", "host: b"), old, rebind=True)


def test_an_absent_neighbour_is_bound_too(session):
    sealed = seal(session, "bound.yaml", "other: {password: y}\n")
    with pytest.raises(Tampered):
        unseal(session, "bound.yaml", sealed + "db: {host: a}\n")


def test_a_label_that_is_sealed_itself_labels_nothing(session):
    plain = "env:\n  - name: DB\n    value: x\n  - name: MOTD\n    value: y\n"
    sealed = seal(session, "labels.yaml", plain)
    assert set(tokens_of(session, "labels.yaml", sealed)) == {
        "env[0].name", "env[0].value", "env[1].name", "env[1].value",
    }  # fmt: skip
    assert unseal(session, "labels.yaml", sealed) == plain
    assert seal(session, "labels.yaml", plain, sealed) == sealed
    edited = seal(session, "labels.yaml", plain.replace("x", "z"), sealed)
    assert unseal(session, "labels.yaml", edited) == plain.replace("x", "z")
    assert sum(token in sealed for token in tokens_of(session, "labels.yaml", edited).values()) == 3


def test_a_rule_that_names_a_field_by_a_label_that_it_seals_is_refused(session):
    with pytest.raises(PolicyError, match="label"):
        seal(session, "by-label.yaml", "env:\n  - name: DB\n    value: x\n")


# What is refused, and what is not


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {x: 1}\nb: {password: *a}\n",
        "a: &a 1\nb: {password: *a}\n",
        "a: &a {password: x}\nb: *a\n",
        "a: &a {password: x}\nb: {<<: *a}\n",
        "a: {password: x, password: y}\n",
        "a: {password: x}\na: {b: 1}\n",
        "a: {password: {}}\n",
        "a: {password: []}\n",
        "words: {}\n",
    ],
)
def test_a_place_that_a_rule_covers_holds_one_scalar(session, text):
    with pytest.raises(PlaintextFound) as caught:
        seal(session, FILE, text)
    assert "nothing was written" in caught.value.notes


@pytest.mark.parametrize(
    "text",
    [
        "a: {password: ~}\n",
        "a: {password: ''}\n",
        "a:\n  password:\n",
        "a:\n  password: # why\n  b: 1\n",
        "a:\n  password: {b: [1, {c: 2}]}\n",
        "a:\n  password: !t &x |+\n    one\n\n\nb: *x\n",
        "a: {password: &x y}\nb: *x\n",
        "env: []\nwords: [x]\n",
        "a: 1\na: 2\nb: {password: x}\n",
    ],
)
def test_null_empty_and_nested_values_are_sealed_like_any(session, text):
    sealed = seal(session, FILE, text)
    assert unseal(session, FILE, sealed) == text
    assert sealed != text


def test_a_required_field_that_is_missing_is_a_warning_when_writing(session):
    result = encrypt(session, "required.yaml", "db: {token: x}\n")
    assert [type(warning) for warning in result.warnings] == [FieldMissing]
    with pytest.raises(FieldMissing):
        unseal(session, "required.yaml", result.text)


def test_a_deposit_stays_with_a_warning(session):
    sealed = seal(session, FILE, "a: {password: x}\nb: {password: y}\n")
    deposit = token_at(session, FILE, sealed, "a.password").replace(is_deposit=True).text()
    planted = sealed.replace(tokens_of(session, FILE, sealed)["a.password"], deposit)
    result = encrypt(session, FILE, planted + "c: {password: z}\n")
    assert deposit in result.text
    assert [type(warning) for warning in result.warnings] == [DepositFound]


def test_values_of_a_closed_group_stay_and_others_can_be_edited(repo, session):
    carol = repo.session("carol")  # in dev alone
    old = seal(session, "mixed.yaml", "prod: {a: x}\ndev: {b: y}\n")
    edited = old.replace(tokens_of(session, "mixed.yaml", old)["dev.b"], "z")
    new = seal(carol, "mixed.yaml", edited, old)
    assert unseal(session, "mixed.yaml", new) == 'prod: {a: x}\ndev: {b: "z"}\n'
    with pytest.raises(NoIdentity):
        seal(carol, "mixed.yaml", "prod: {a: mine}\ndev: {b: y}\n", old)


def test_a_closed_token_that_was_moved_is_noticed_by_a_writer_who_cannot_open_it(repo, session):
    old = seal(session, "mixed.yaml", "prod: {a: x}\ndev: {b: y}\n")
    with pytest.raises(NoIdentity, match="stands elsewhere"):
        seal(repo.session("carol"), "mixed.yaml", old.replace("{a:", "{c:"), old)


def test_a_value_that_changes_its_rule_and_so_its_group_is_refused(own):
    old = seal(own.session(), "mixed.yaml", "prod: {a: x}\ndev: {b: y}\n")
    own.set_rules(
        RULES.replace('fields: ["dev"]', 'fields: ["dev", "prod"]').replace(
            'fields: ["prod"]', 'fields: ["no"]'
        )
    )
    for new in ("prod: {a: x}\ndev: {b: z}\n", "prod: {a: new}\ndev: {b: y}\n"):
        with pytest.raises(WrongGroup):
            seal(own.session(), "mixed.yaml", new, old)
    assert seal(own.session(), "mixed.yaml", "dev: {b: y}\n", old) in old


def test_nothing_is_sealed_to_a_group_with_two_current_epochs(own, tmp_path_factory):
    branch = own.copy(tmp_path_factory.mktemp("branch"))
    own.rotate("prod")
    session = branch.session()
    own.write_all(group_verbs.carry_out(session, group_verbs.plan_rotation(session, "prod")))
    with pytest.raises(Pending, match="two branches"):
        seal(own.session(), FILE, "a: {password: x}\n")
    assert own.session().standing("prod").is_doubled
    own.rotate("prod")
    assert seal(own.session(), FILE, "a: {password: x}\n")


def test_a_group_without_files_is_named(own):
    own.set_rules('rules:\n  - {files: ["*"], group: nobody}\n')
    with pytest.raises(PolicyError, match="nobody"):
        seal(own.session(), FILE, "a: 1\n")


def test_a_text_that_does_not_parse_is_refused_with_its_line(session):
    with pytest.raises(DocumentRefused) as caught:
        seal(session, FILE, "a: 1\nb: {{ helm }}\nc: [\n")
    assert (caught.value.file, caught.value.line is not None) == (FILE, True)


def test_a_stranger_who_has_no_identity_can_seal_nothing(repo):
    with pytest.raises(NoIdentity, match="no identity"):
        seal(repo.stranger(), FILE, "a: {password: x}\n")
