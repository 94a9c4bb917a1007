"""What somebody who can push, but holds no key, may try; and what somebody may try who held one once.

Each attack edits sealed files or files under `.sealring`. The answer is always the same: nothing is
given out.
"""

from __future__ import annotations

import os

import pytest
from tests.support.repositories import (
    NOW_S,
    Repository,
    identity_of,
    rekeyed,
    seal,
    token_at,
    tokens_of,
    unseal,
)

from sealring.core import groups as group_verbs
from sealring.core.fields import get
from sealring.core.reading import open_for_deploy
from sealring.core.rekey import regroup
from sealring.crypto.epoch import Root
from sealring.crypto.value import Place, ValueCipher
from sealring.errors import (
    DepositFound,
    FieldMissing,
    ForeignToken,
    LimitExceeded,
    MalformedToken,
    NoIdentity,
    Pending,
    PlaintextFound,
    PolicyError,
    SealringError,
    StaleEpoch,
    Tampered,
    UnknownEpoch,
    WrongGroup,
)
from sealring.keyring.change import member_files
from sealring.model.encoding import base64url
from sealring.model.field_path import FieldPath
from sealring.model.members import Member
from sealring.model.token import EpochRef, Token

RULES = """\
rules:
  - name: bound
    files: ["bound.yaml"]
    fields: ["db.password"]
    bind: ["db.host", "db.port"]
    require: ["db.password"]
    group: prod
  - name: team
    files: ["config/team.yaml"]
    group: dev
  - name: kubernetes
    preset: kubernetes-secret
    files: ["k8s/*.yaml"]
    group: prod
  - name: config
    files: ["config/*"]
    fields: ["db.password", "db.token", "**.value", "left[].secret", "right[].secret", "DB_PASSWORD"]
    group: prod
"""

PLAIN = """\
db:
  host: db.internal
  password: hunter2
  token: "abcdef"
env:
  - name: DB_PASSWORD
    value: sesame
  - name: MOTD
    value: welcome
left:
  - secret: left-one
  - secret: left-two
right:
  - secret: right-one
motd: hello
"""
SECRETS = ("hunter2", "abcdef", "sesame", "welcome", "left-one", "left-two", "right-one")
FILE, OTHER = "config/prod.yaml", "config/test.yaml"
PASSWORD, TOKEN = "db.password", "db.token"

BOUND = "db:\n  host: db.internal\n  port: 5432\n  password: hunter2\n"
K8S = """\
kind: Secret
metadata:
  name: db
data:
  password: aHVudGVyMg==
---
kind: Secret
metadata:
  name: web
data:
  password: c2VzYW1l
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    return Repository(tmp_path_factory.mktemp("repository"), RULES)


@pytest.fixture(scope="module")
def session(repo):
    return repo.session()


@pytest.fixture(scope="module")
def sealed(session):
    return seal(session, FILE, PLAIN)


@pytest.fixture(scope="module")
def tokens(session, sealed):
    return tokens_of(session, FILE, sealed)


@pytest.fixture
def own(repo, tmp_path):
    """A copy of the repository whose files a test may change."""
    return repo.copy(tmp_path)


def refused(session, text, kind, file=FILE):
    """Hold that an attack gives nothing: not to a program, and not by a writer's next save."""
    with pytest.raises(SealringError) as caught:
        open_for_deploy(session, file, text)
    assert type(caught.value) is kind, caught.value
    assert not any(secret in str((caught.value, caught.value.notes)) for secret in SECRETS)
    with pytest.raises(SealringError):
        seal(session, file, text)
    return caught.value


def swapped(text, one, other):
    assert one in text
    assert other in text
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def test_untouched_it_opens(session, sealed):
    assert unseal(session, FILE, sealed) == PLAIN
    assert not any(secret in sealed for secret in SECRETS)


# Moving tokens


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TOKEN, PASSWORD),
        ("env[name=MOTD].value", "env[name=DB_PASSWORD].value"),
        (PASSWORD, "env[name=DB_PASSWORD].value"),
        ("left[0].secret", "right[0].secret"),
        ("left[0].secret", PASSWORD),
    ],
)
def test_a_token_in_another_place_of_the_file(session, sealed, tokens, source, target):
    refused(session, sealed.replace(tokens[target], tokens[source]), Tampered)
    refused(session, swapped(sealed, tokens[target], tokens[source]), Tampered)


def test_elements_of_one_list_without_a_label_are_interchangeable_as_specified(session, sealed, tokens):
    moved = swapped(sealed, tokens["left[0].secret"], tokens["left[1].secret"])
    assert unseal(session, FILE, moved) == swapped(PLAIN, "left-one", "left-two")


def test_a_label_changed_above_a_token(session, sealed):
    refused(session, swapped(sealed, "name: DB_PASSWORD", "name: MOTD"), Tampered)
    refused(session, sealed.replace("- name: MOTD", "- id: MOTD"), Tampered)
    refused(session, sealed.replace("- name: MOTD", "- title: MOTD"), Tampered)


@pytest.mark.parametrize("label", ["name: MOTD", '"name": MOTD', "id: MOTD\n    id: MOTD"])
def test_a_second_label_that_programs_would_prefer(session, sealed, label):
    doubled = sealed.replace("- name: DB_PASSWORD\n", f"- name: DB_PASSWORD\n    {label}\n")
    refused(session, doubled, PlaintextFound)


def test_a_second_label_in_json(session):
    text = '{"env": [{"name": "DB", "value": "hunter2"}, {"name": "MOTD", "value": "x"}]}\n'
    sealed = seal(session, "config/prod.json", text)
    assert unseal(session, "config/prod.json", sealed) == text
    doubled = sealed.replace('"name": "DB"', '"name": "DB", "n\\u0061me": "MOTD"')
    refused(session, doubled, PlaintextFound, "config/prod.json")


def test_a_renamed_parent_key(session, sealed):
    moved = sealed.replace("left:", "former:").replace("right:", "left:")
    refused(session, moved, Tampered)


def test_a_token_on_a_place_that_no_rule_covers_is_judged_as_strictly(session, sealed, tokens):
    refused(session, sealed.replace("motd: hello", f"motd: {tokens[PASSWORD]}"), Tampered)


def test_a_token_whose_rule_was_taken_away_opens_where_it_was_sealed(own, sealed):
    own.set_rules("rules: []\n")
    assert unseal(own.session(), FILE, sealed) == PLAIN


def test_a_token_of_another_file(session, sealed, tokens):
    other = seal(session, OTHER, PLAIN)
    foreign = tokens_of(session, OTHER, other)[PASSWORD]
    refused(session, sealed.replace(tokens[PASSWORD], foreign), ForeignToken)


def test_two_files_with_their_contents_swapped(session, sealed):
    other = seal(session, OTHER, PLAIN)
    refused(session, other, ForeignToken, FILE)
    refused(session, sealed, ForeignToken, OTHER)


def test_a_planted_file_id(session, sealed, tokens):
    foreign = token_at(session, OTHER, seal(session, OTHER, PLAIN), PASSWORD)
    planted = foreign.replace(file_id=session.file_id(FILE)).text()
    refused(session, sealed.replace(tokens[PASSWORD], planted), Tampered)


def test_a_token_of_another_repository(session, sealed, tokens, tmp_path):
    elsewhere = Repository(tmp_path, RULES).session()
    foreign = token_at(elsewhere, FILE, seal(elsewhere, FILE, PLAIN), PASSWORD)
    refused(session, sealed.replace(tokens[PASSWORD], foreign.text()), ForeignToken)
    planted = foreign.replace(file_id=session.file_id(FILE))
    refused(session, sealed.replace(tokens[PASSWORD], planted.text()), UnknownEpoch)
    own_epoch = planted.replace(at=token_at(session, FILE, sealed, PASSWORD).at, origin=foreign.origin)
    refused(session, sealed.replace(tokens[PASSWORD], own_epoch.text()), Tampered)


def test_a_repository_id_changed_in_the_policy(own, sealed):
    for name in ("a" * 26, "5m2kq3r7aabbccddeeffgghh2a"):
        own.id = name
        own.set_rules(RULES)
        with pytest.raises(ForeignToken):
            unseal(own.session(), FILE, sealed)


def test_a_document_of_a_stream_under_another_name(session):
    sealed = seal(session, "k8s/db.yaml", K8S)
    assert unseal(session, "k8s/db.yaml", sealed) == K8S
    for attack in (
        swapped(sealed, "name: db", "name: web"),
        sealed.replace("name: db", "name: db\n  namespace: evil"),
        sealed.replace("name: db", "name: other"),
        swapped(sealed, *tokens_of(session, "k8s/db.yaml", sealed).values()),
        sealed.replace("kind: Secret", "kind: ConfigMap"),
    ):
        refused(session, attack, Tampered, "k8s/db.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: Secret", "kind: Secret\nkind: ConfigMap"),
        ("  name: db\n", "  name: db\n  name: web\n"),
        ("  name: db\n", "  name: db\n  namespace: a\n  namespace: b\n"),
        ("data:", "metadata:\n  name: web\ndata:"),
    ],
)
def test_a_document_that_names_itself_twice(session, old, new):
    sealed = seal(session, "k8s/db.yaml", K8S)
    attack = sealed.replace(old, new, 1)
    with pytest.raises((PlaintextFound, Tampered)):
        open_for_deploy(session, "k8s/db.yaml", attack)


# Something else where a token should be


@pytest.mark.parametrize(
    "instead",
    ["plain", '"plain"', "~", "null", "", '""', "|\n    text", "!!null", "{}", "[]", "{a: b}", "[a]"],
)
def test_something_else_where_a_token_should_be(session, sealed, tokens, instead):
    attack = sealed.replace(tokens[PASSWORD], instead)
    with pytest.raises(PlaintextFound):
        open_for_deploy(session, FILE, attack)
    with pytest.raises(SealringError):
        get(session, FILE, attack, PASSWORD)


def test_an_alias_in_the_place_of_a_token(session, sealed, tokens):
    attack = sealed.replace(tokens[PASSWORD], "*a").replace("db.internal", "&a db.internal")
    refused(session, attack, PlaintextFound)
    attack = sealed.replace(tokens[PASSWORD], f"&a {tokens[PASSWORD]}").replace(f'"{tokens[TOKEN]}"', "*a")
    refused(session, attack, PlaintextFound)


def test_an_alias_that_stands_for_a_mapping_with_a_token(session, sealed):
    refused(
        session,
        sealed.replace("db:\n", "db: &a\n").replace("left:", "dbs: {value: *a}\nleft:"),
        PlaintextFound,
    )


def test_a_merge_key_in_the_place_of_a_token(session, sealed, tokens):
    attack = "base: &b {password: evil}\n" + sealed.replace(f"password: {tokens[PASSWORD]}", "<<: *b")
    refused(session, attack, PlaintextFound)


@pytest.mark.parametrize("first", [True, False])
def test_a_key_that_stands_twice(session, sealed, tokens, first):
    line = f"  password: {tokens[PASSWORD]}\n"
    both = f"  password: evil\n{line}" if first else f"{line}  password: evil\n"
    refused(session, sealed.replace(line, both), PlaintextFound)
    refused(session, sealed.replace(line, line * 2), PlaintextFound)


def test_a_parent_that_stands_twice(session, sealed):
    refused(session, sealed + "db:\n  host: evil\n", PlaintextFound)


def test_a_variable_that_stands_twice(session):
    sealed = seal(session, "config/prod.env", "DB_PASSWORD=hunter2\n")
    assert "hunter2" not in sealed
    for attack in (sealed + "DB_PASSWORD=evil\n", "export 'DB_PASSWORD'=evil\n" + sealed):
        refused(session, attack, PlaintextFound, "config/prod.env")


def test_a_required_field_deleted(session):
    sealed = seal(session, "bound.yaml", BOUND)
    gone = sealed.replace(sealed[sealed.index("  password") :], "")
    with pytest.raises(FieldMissing):
        open_for_deploy(session, "bound.yaml", gone)
    with pytest.raises(SealringError):
        open_for_deploy(session, "bound.yaml", gone + "  password: {}\n")


def test_a_plain_value_that_looks_like_a_token(session):
    for text in ("ENC[sr1,prod@1.aaaaa]", "ENC[sr9,future]", "ENC[sr"):
        refused(session, f"motd: '{text}'\n", MalformedToken)
        refused(session, f"db: {{password: '{text}'}}\n", MalformedToken)


# Edits of the token's own text


def edits_of(token):
    parsed = Token.parse(token)
    head, body = token[:-1].rsplit(",", 1)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bits = last[last.index(body[-1]) ^ 1]
    standard = base64url(b"\xfb\xff" + parsed.body[2:]).replace("-", "+").replace("_", "/")
    yield "unused bits of the body", f"{head},{body[:-1]}{same_bits}]", MalformedToken
    yield "padding", f"{head},{body}==]", MalformedToken
    yield "padding in hex", f"{head},{body}%3D%3D]", MalformedToken
    yield "the other alphabet", f"{head},{standard}]", MalformedToken
    yield "a blank in the body", f"{head},{body[:40]} {body[40:]}]", MalformedToken
    yield "a blank behind a comma", token.replace(",", ", ", 1), MalformedToken
    yield "a trailing blank in quotes", token + " ", MalformedToken
    yield "the version in capitals", token.replace("sr1", "sr1D"), MalformedToken
    yield "a newer version", token.replace("sr1", "sr2"), MalformedToken
    yield "the group in capitals", token.replace("prod@", "Prod@"), MalformedToken
    yield "the origin written out", token.replace("Z,", f"Z@{parsed.at.epoch},"), MalformedToken
    yield "the bracket missing", token[:-1], MalformedToken
    yield "the body missing", f"{head},]", Tampered
    yield "the body cut to its nonce", f"{head},{base64url(parsed.body[:16])}]", Tampered
    yield "the body cut to nonce and tag", f"{head},{base64url(parsed.body[:32])}]", Tampered
    yield "the last byte missing", f"{head},{base64url(parsed.body[:-1])}]", Tampered
    yield "one byte more", f"{head},{base64url(parsed.body + b'x')}]", Tampered
    yield "an older set time", parsed.replace(set_time="20201124T142800Z").text(), Tampered
    yield "a newer set time", parsed.replace(set_time="20301124T142800Z").text(), Tampered
    yield "the set time taken away", parsed.replace(set_time="-").text(), Tampered
    yield "an origin put in", parsed.replace(origin=EpochRef("prod", "9.aaaaa")).text(), Tampered
    yield (
        "an origin of another group",
        parsed.replace(origin=EpochRef("dev", parsed.at.epoch)).text(),
        Tampered,
    )
    yield "an unknown epoch", parsed.replace(at=EpochRef("prod", "9.aaaaa")).text(), UnknownEpoch
    yield "an epoch named like a folder", token.replace(parsed.at.epoch, "../../x"), MalformedToken
    yield "another group", parsed.replace(at=EpochRef("dev", parsed.at.epoch)).text(), WrongGroup
    yield "a group that is not there", parsed.replace(at=EpochRef("nobody", "1.aaaaa")).text(), WrongGroup
    yield "a deposit", parsed.replace(is_deposit=True).text(), DepositFound


EDITS = [
    "unused bits of the body", "padding", "padding in hex", "the other alphabet", "a blank in the body",
    "a blank behind a comma", "a trailing blank in quotes", "the version in capitals", "a newer version",
    "the group in capitals", "the origin written out", "the bracket missing", "the body missing",
    "the body cut to its nonce", "the body cut to nonce and tag", "the last byte missing", "one byte more",
    "an older set time", "a newer set time", "the set time taken away", "an origin put in",
    "an origin of another group", "an unknown epoch", "an epoch named like a folder", "another group",
    "a group that is not there", "a deposit",
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_a_token_whose_text_was_edited(session, sealed, tokens, edit):
    token = tokens[TOKEN]  # this one stands in quotes
    new, kind = next((new, kind) for name, new, kind in edits_of(token) if name == edit)
    assert new != token
    attack = sealed.replace(token, new)
    with pytest.raises(SealringError) as caught:
        open_for_deploy(session, FILE, attack)
    assert type(caught.value) is kind, caught.value


def test_every_edit_of_a_token_is_in_the_list(tokens):
    assert [name for name, _, _ in edits_of(tokens[TOKEN])] == EDITS


def test_another_group_on_a_place_that_no_rule_covers(own, sealed, tokens):
    own.set_rules("rules: []\n")
    session = own.session()
    dev = session.sealing_epoch("dev").at
    token = Token.parse(tokens[PASSWORD])
    for at, kind in ((dev, Tampered), (EpochRef("nobody", "1.aaaaa"), UnknownEpoch)):
        attack = sealed.replace(tokens[PASSWORD], token.replace(at=at, origin=at).text())
        refused(session, attack, kind)


@pytest.mark.parametrize("mark", ["enc[sr1", "ENC(sr1", " ENC[sr1", "ENC[SR1", "\ufeffENC[sr1"])
def test_a_text_that_is_nearly_a_token_is_plaintext(session, sealed, tokens, mark):
    attack = sealed.replace(tokens[TOKEN], mark + tokens[TOKEN].removeprefix("ENC[sr1"))
    with pytest.raises(PlaintextFound):
        open_for_deploy(session, FILE, attack)


def test_what_counts_is_what_the_scalar_says_not_how_it_is_written(session, sealed, tokens):
    token = tokens[PASSWORD]
    for spelled in (
        f'"{token}"',
        f"'{token}'",
        '"\\x45' + token[1:] + '"',
        f'"{token[:30]}\\\n      {token[30:]}"',
        f">-\n    {token}",
    ):
        # Formatters do such things, and the token is the same one: it opens, and the bytes come back.
        assert unseal(session, FILE, sealed.replace(token, spelled)) == PLAIN


def test_a_token_folded_over_two_lines_has_a_blank_in_it(session, sealed, tokens):
    token = tokens[PASSWORD]
    refused(session, sealed.replace(token, f"{token[:40]}\n    {token[40:]}"), MalformedToken)
    refused(session, sealed.replace(token, f"|\n    {token}"), MalformedToken)  # it ends with a line end


def test_any_byte_of_a_token_flipped(session, sealed, tokens):
    token = tokens[TOKEN]
    for at in range(len(token)):
        for bit in (1, 4, 32):
            changed = chr(ord(token[at]) ^ bit)
            attack = sealed.replace(token, token[:at] + changed + token[at + 1 :])
            with pytest.raises(SealringError):
                open_for_deploy(session, FILE, attack)


def test_a_text_beyond_the_limits(own, sealed):
    own.set_rules(RULES + "limits: {text: 4KiB, plaintext: 300}\n")
    session = own.session()
    assert unseal(session, FILE, sealed) == PLAIN
    with pytest.raises(LimitExceeded):
        open_for_deploy(session, FILE, sealed + "# " + "x" * 4096)
    with pytest.raises(SealringError, match="300 characters"):
        seal(session, FILE, PLAIN + "# " + "x" * 300)


@pytest.mark.parametrize("time", ["99991231T235959Z", "20991231T235959Z"])
def test_a_set_time_that_was_edited_does_not_date_the_next_value(session, sealed, tokens, time):
    planted = sealed.replace(tokens[PASSWORD], Token.parse(tokens[PASSWORD]).replace(set_time=time).text())
    edited = planted.replace(tokens_of(session, FILE, planted)[PASSWORD], "new")
    result = seal(session, FILE, edited, planted)
    assert unseal(session, FILE, result) == PLAIN.replace("hunter2", "new")
    assert token_at(session, FILE, result, PASSWORD).set_time == "20261124T142800Z"


# Tags, anchors and neighbours


def test_a_tag_or_an_anchor_put_in_taken_away_or_changed(session):
    plain = "db:\n  password: !secret &p hunter2\n  token: abcdef\n"
    sealed = seal(session, FILE, plain)
    assert unseal(session, FILE, sealed) == plain
    assert "!secret &p ENC[" in sealed
    for old, new in (
        ("!secret &p ", ""),
        ("!secret &p ", "&p "),
        ("!secret &p ", "!secret "),
        ("!secret &p ", "!other &p "),
        ("!secret &p ", "!secret &q "),
        ("token: ", "token: !secret "),
        ("token: ", "token: !!str "),
        ("token: ", "token: &p2 "),
    ):
        refused(session, sealed.replace(old, new), Tampered)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("host: db.internal", "host: evil.example"),
        ("host: db.internal", 'host: "db.internal"'),
        ("host: db.internal", "host: !env db.internal"),
        ("host: db.internal", "host: &h db.internal\n  old: *h"),
        ("host: db.internal", "other: &h db.internal\n  host: *h"),
        ("  host: db.internal\n", ""),
        ("port: 5432", "port: '5432'"),
        ("port: 5432", "port:"),
        ("port: 5432", "port: [5432]"),
    ],
)
def test_a_bound_neighbour_changed(session, old, new):
    sealed = seal(session, "bound.yaml", BOUND)
    assert unseal(session, "bound.yaml", sealed) == BOUND
    attack = sealed.replace(old, new)
    if "&h" in new and "old" in new:  # an anchor on it changes nothing of what it says
        assert unseal(session, "bound.yaml", attack) == BOUND.replace(old, new)
    else:
        error = refused(session, attack, Tampered, "bound.yaml")
        assert any("neighbour" in note for note in error.notes)


def test_a_neighbour_that_is_sealed_itself_cannot_be_bound(own):
    rules = "rules:\n  - {files: ['*'], fields: [p], bind: [host], group: prod}\n"
    for more in ("", "  - {files: ['*'], group: prod}\n"):
        own.set_rules(rules + more)
        text = "host: a\np: hunter2\n"
        if not more:
            assert unseal(own.session(), "a.yaml", seal(own.session(), "a.yaml", text)) == text
        else:
            with pytest.raises(PolicyError, match="cannot be bound to host"):
                seal(own.session(), "a.yaml", text)


@pytest.mark.parametrize("host", ["!env db.internal", "[db.internal]", "db.internal\n  host: other"])
def test_nothing_is_sealed_to_a_neighbour_that_could_be_changed_unnoticed(session, host):
    with pytest.raises(PolicyError, match=r"cannot be bound to db\.host"):
        seal(session, "bound.yaml", BOUND.replace("db.internal", host))


def test_a_bound_neighbour_doubled(session):
    sealed = seal(session, "bound.yaml", BOUND)
    refused(session, sealed + "  host: evil\n", Tampered, "bound.yaml")


def test_a_binding_taken_out_of_the_policy(own):
    sealed = seal(own.session(), "bound.yaml", BOUND)
    own.set_rules(RULES.replace('    bind: ["db.host", "db.port"]\n', ""))
    refused(own.session(), sealed, Tampered, "bound.yaml")
    own.set_rules(RULES.replace('["db.host", "db.port"]', '["db.port", "db.host"]'))
    refused(own.session(), sealed, Tampered, "bound.yaml")


# The policy edited


def weaker(own):
    own.set_rules(RULES.replace("group: prod", "group: dev"))
    return own.session()


def test_a_policy_that_names_a_weaker_group_moves_nothing_at_the_next_save(own, sealed):
    session = weaker(own)
    for edited in (PLAIN.replace("motd: hello", "motd: bye"), PLAIN.replace("hunter2", "new one")):
        with pytest.raises(WrongGroup):
            seal(session, FILE, edited, sealed)
    with pytest.raises(WrongGroup):
        open_for_deploy(session, FILE, sealed)
    assert seal(session, FILE, sealed) == sealed  # a token that stands there stays as it is


def test_a_new_value_at_a_new_path_goes_where_the_policy_now_says(own, sealed):
    session = weaker(own)
    edited = seal(session, FILE, sealed + "more: {value: new}\n", sealed)
    groups = {place: Token.parse(text).at.group for place, text in tokens_of(session, FILE, edited).items()}
    assert groups.pop("more.value") == "dev"
    assert set(groups.values()) == {"prod"}


def test_regroup_alone_moves_values_to_another_group(own, sealed):
    session = weaker(own)
    moved = regroup(session, FILE, sealed)
    assert unseal(session, FILE, moved.text) == PLAIN
    before = token_at(session, FILE, sealed, PASSWORD)
    after = token_at(session, FILE, moved.text, PASSWORD)
    assert (after.at.group, after.origin, after.set_time) == ("dev", before.origin, before.set_time)


def test_a_token_of_a_weaker_group_planted_where_the_policy_wants_a_stronger(session, sealed, tokens):
    # carol holds dev alone; she makes a token for just this place
    dev = session.sealing_epoch("dev").at
    place = Place(FieldPath((("k", "db"), ("k", "password"))))
    forged = session.cipher(dev).seal(b"\0evil", place, file_id=session.file_id(FILE), set_time="-")
    refused_by_deploy(session, sealed.replace(tokens[PASSWORD], forged.text()), WrongGroup)


def refused_by_deploy(session, text, kind):
    with pytest.raises(SealringError) as caught:
        open_for_deploy(session, FILE, text)
    assert type(caught.value) is kind
    with pytest.raises(kind):
        get(session, FILE, text, PASSWORD)


@pytest.mark.parametrize(
    "rules", ["rules: []\n", RULES.replace('"db.password", ', ""), RULES.replace("config/*", "x/*")]
)
def test_a_rule_taken_away_does_not_leave_a_value_plain_at_the_next_save(own, sealed, rules):
    own.set_rules(rules)
    session = own.session()
    plain = unseal(session, FILE, sealed)
    for edited in (plain.replace("motd: hello", "motd: bye"), plain.replace("hunter2", "new one")):
        with pytest.raises(WrongGroup) as caught:
            seal(session, FILE, edited, sealed)
        assert "hunter2" not in str((caught.value, caught.value.notes, caught.value.hints))


def test_a_rule_for_a_label_and_its_value_taken_away(own):
    own.set_rules('rules:\n  - {files: ["*.yaml"], fields: [env], group: prod}\n')
    plain = "env:\n  - name: DB\n    value: hunter2\nmotd: hello\n"
    sealed = seal(own.session(), "a.yaml", plain)
    assert "name: DB" not in sealed
    own.set_rules("rules: []\n")
    with pytest.raises(WrongGroup):
        seal(own.session(), "a.yaml", plain + "more: 1\n", sealed)


def test_a_value_that_was_never_sealed_stays_plain_without_a_rule(session, sealed):
    edited = PLAIN.replace("motd: hello", "motd: bye\nmore: 1")
    assert "motd: bye\nmore: 1" in seal(session, FILE, edited, sealed)


# Members, epochs and those who left


@pytest.fixture
def left(own, sealed):
    """The repository after bob was removed and the group rotated, nothing rekeyed yet."""
    own.remove("prod", "bob")
    return own


def test_a_token_under_an_epoch_that_a_leaver_holds(left, sealed):
    session = left.session()
    refused_by_deploy(session, sealed, StaleEpoch)
    assert unseal(session, FILE, sealed, allow_stale=True) == PLAIN
    assert unseal(session, FILE, rekeyed(session, FILE, sealed, "prod")) == PLAIN


def test_a_leavers_forgery(left, sealed, tokens):
    old = Token.parse(tokens[PASSWORD])
    place = Place(FieldPath((("k", "db"), ("k", "password"))))
    cipher = ValueCipher(left.session("bob").roots.open(old.at))
    forged = cipher.seal(b"\0evil", place, file_id=old.file_id, set_time="20300101T000000Z")
    session = left.session()
    fresh = rekeyed(session, FILE, sealed, "prod")
    current = tokens_of(session, FILE, fresh)[PASSWORD]
    refused_by_deploy(session, fresh.replace(current, forged.text()), StaleEpoch)
    renamed = forged.replace(at=Token.parse(current).at)
    refused_by_deploy(session, fresh.replace(current, renamed.text()), Tampered)


def test_a_leavers_forgery_is_not_laundered_by_an_edit_of_something_else(left, sealed, tokens):
    session = left.session()
    plain = unseal(session, FILE, sealed, allow_stale=True)
    after = seal(session, FILE, plain.replace("motd: hello", "motd: bye"), sealed)
    refused_by_deploy(session, after, StaleEpoch)


def test_a_leaver_who_hides_that_they_held_an_epoch(left, sealed, tokens):
    old = Token.parse(tokens[PASSWORD]).at
    for ending in ("age", "vouch"):
        os.unlink(left.path(f".sealring/groups/prod/epochs/{old.epoch}/bob.{ending}"))
    for name in os.listdir(left.path(".sealring/groups/prod/removed")):
        os.unlink(left.path(f".sealring/groups/prod/removed/{name}"))
    refused_by_deploy(left.session(), sealed, StaleEpoch)


def test_a_leaver_who_edits_what_the_new_epoch_says_of_the_old_one(left, sealed):
    session = left.session()
    new = session.sealing_epoch("prod").at
    fresh = rekeyed(session, FILE, sealed, "prod")
    name = f".sealring/groups/prod/epochs/{new.epoch}/epoch.yaml"
    with open(left.path(name), encoding="utf-8") as stream:
        text = stream.read()
    lines = [
        line for line in text.splitlines() if line.startswith(("retired", "dropped", "parents", "recipient"))
    ]
    assert len(lines) == 4
    for line in lines:
        instead = f"{line.split(':')[0]}: []"
        if line.startswith("recipient"):
            instead = f"recipient: {identity_of('bob').recipient().text}"
        left.write_all({name: text.replace(line, instead).encode("utf-8")})
        with pytest.raises(SealringError) as caught:
            open_for_deploy(left.session(), FILE, fresh)
        assert type(caught.value) in (Tampered, StaleEpoch, PolicyError)
        with pytest.raises((Tampered, Pending, PolicyError)):
            seal(left.session(), FILE, PLAIN.replace("hunter2", "for bob"), fresh)


def test_a_leaver_who_hides_and_edits_the_statement_of_the_new_epoch(left, sealed, tokens):
    new = left.session().sealing_epoch("prod").at
    name = f".sealring/groups/prod/epochs/{new.epoch}/epoch.yaml"
    with open(left.path(name), encoding="utf-8") as stream:
        text = stream.read()
    for ending in ("age", "vouch"):
        os.unlink(
            left.path(f".sealring/groups/prod/epochs/{Token.parse(tokens[PASSWORD]).at.epoch}/bob.{ending}")
        )
    fresh = seal(left.session(), FILE, PLAIN)
    for key in ("retired", "dropped"):
        line = next(line for line in text.splitlines() if line.startswith(key))
        left.write_all({name: text.replace(line, f"{key}: []").encode("utf-8")})
        for attack in (sealed, fresh):
            with pytest.raises(Tampered):
                open_for_deploy(left.session(), FILE, attack)
    left.write_all({name: text.replace('created: "2026', 'created: "2025').encode("utf-8")})
    with pytest.raises(Tampered, match="statement was changed"):
        open_for_deploy(left.session(), FILE, fresh)


def test_nothing_new_is_sealed_while_a_leaver_still_holds_the_epoch(own, sealed):
    own.bury("prod", "bob")
    with pytest.raises(Pending):
        seal(own.session(), FILE, PLAIN.replace("hunter2", "new"), sealed)
    refused_by_deploy(own.session(), sealed, StaleEpoch)


def test_a_leaver_opens_nothing_that_was_sealed_afterwards(left, sealed):
    fresh = rekeyed(left.session(), FILE, sealed, "prod")
    with pytest.raises(NoIdentity):
        open_for_deploy(left.session("bob"), FILE, fresh)


def test_a_recipient_planted_in_a_members_file_is_noticed_by_the_next_rotation(own):
    mallory = identity_of("mallory").recipient().text
    bob = identity_of("bob").recipient().text
    for recipients in ((mallory,), (bob, mallory)):
        own.write_all(member_files(Member("bob", "person", recipients)))
        plan = group_verbs.plan_rotation(own.session(), "prod")
        assert [candidate.name for candidate in plan.unvouched()] == ["bob"]
    own.write_all(member_files(Member("bob", "person", (bob,))))
    assert not group_verbs.plan_rotation(own.session(), "prod").unvouched()


def test_a_wrap_of_another_root_under_the_name_of_an_epoch(own, sealed, tokens):
    """Mallory wraps a root of her own to alice, so that alice would seal to it."""
    from sealring.crypto import age

    at = Token.parse(tokens[PASSWORD]).at
    evil = Root(own.id, at, b"\x07" * 32)
    wrap = age.encrypt(evil.dump("AGE-SECRET-KEY-1X"), [identity_of("alice").recipient()], armored=True)
    own.write_all({f".sealring/groups/prod/epochs/{at.epoch}/alice.age": wrap})
    for call in (open_for_deploy, seal):
        with pytest.raises(Tampered, match="committed"):
            call(own.session(), FILE, sealed if call is open_for_deploy else PLAIN)


def test_a_wrap_moved_from_another_epoch_or_group(own, sealed, tokens):
    at = Token.parse(tokens[PASSWORD]).at
    dev = own.session().sealing_epoch("dev").at
    with open(own.path(f".sealring/groups/dev/epochs/{dev.epoch}/alice.age"), "rb") as stream:
        own.write_all({f".sealring/groups/prod/epochs/{at.epoch}/alice.age": stream.read()})
    with pytest.raises(Tampered, match="another repository, group or epoch"):
        open_for_deploy(own.session(), FILE, sealed)


def test_values_of_a_group_that_the_reader_is_not_in_are_closed(repo, session, sealed):
    carol = repo.session("carol")
    with pytest.raises(NoIdentity) as caught:
        open_for_deploy(carol, FILE, sealed)
    assert PASSWORD in str(caught.value.notes)
    assert open_for_deploy(carol, FILE, sealed, partial=True).payloads == {}
    with pytest.raises(NoIdentity):
        get(carol, FILE, sealed, PASSWORD)
    with pytest.raises(NoIdentity):
        seal(carol, FILE, sealed + "more: {value: x}\n", sealed)


def test_one_wrong_field_gives_out_nothing_of_the_file(session, sealed, tokens):
    attack = sealed.replace(tokens[PASSWORD], tokens[TOKEN])
    for options in ({}, {"allow_stale": True}, {"partial": True}):
        with pytest.raises(Tampered):
            open_for_deploy(session, FILE, attack, **options)
    assert get(session, FILE, attack, TOKEN) == "abcdef"  # `get` judges its own field alone


def test_the_clock_of_the_tests_is_the_one_in_the_tokens(tokens):
    assert Token.parse(tokens[PASSWORD]).set_time == "20261124T142800Z"
    assert NOW_S == 1_795_530_480
