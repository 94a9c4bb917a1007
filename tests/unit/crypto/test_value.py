"""One value at one place: what sealing must give, and that nothing but its own context opens it."""

from __future__ import annotations

import pytest

from sealring.crypto import value as value_module
from sealring.crypto.epoch import Root
from sealring.crypto.value import NONCE_BYTES, TAG_BYTES, Place, ValueCipher, file_id
from sealring.errors import Tampered
from sealring.model.field_path import FieldPath
from sealring.model.token import EpochRef

REPOSITORY = "5m2kq3r7aabbccddeeffgghh2a"
ROOT = Root.new(b"\x22" * 32, REPOSITORY, "prod", 4)
CIPHER = ValueCipher(ROOT)
PLACE = Place(
    FieldPath((("k", "db"), ("k", "password"))), "!t", "a", (("db.host", "plain:x"), ("db.port", "absent"))
)
OTHER_EPOCH = EpochRef("prod", "5.abcde")


def sealed(payload=b"\0hunter2", place=PLACE, **parts):
    return CIPHER.seal(payload, place, **{"file_id": "a" * 16, "set_time": "20261124T142800Z", **parts})


def path(*parts):
    return FieldPath(parts)


@pytest.mark.parametrize(
    "place",
    [
        PLACE.replace(path=path(("k", "db.password"))),
        PLACE.replace(path=path(("k", "db"))),
        PLACE.replace(path=path(("k", "password"), ("k", "db"))),
        PLACE.replace(path=path(("k", "db"), ("i",), ("k", "password"))),
        PLACE.replace(path=path(("d", "db", "", ""), ("k", "password"))),
        PLACE.replace(path=path()),
        PLACE.replace(tag=""),
        PLACE.replace(tag="a", anchor="!t"),
        PLACE.replace(tag="!ta", anchor=""),
        PLACE.replace(anchor=""),
        PLACE.replace(bound=()),
        PLACE.replace(bound=PLACE.bound[:1]),
        PLACE.replace(bound=PLACE.bound[::-1]),
        PLACE.replace(bound=(*PLACE.bound, PLACE.bound[0])),
        PLACE.replace(bound=(("db.host", "quoted:x"), PLACE.bound[1])),
        PLACE.replace(bound=(("db.port", "plain:x"), ("db.host", "absent"))),
        PLACE.replace(bound=(("db.hostplain:x", ""), PLACE.bound[1])),
    ],
)
def test_another_place_does_not_open_it(place):
    with pytest.raises(Tampered, match="does not authenticate here"):
        CIPHER.open(sealed(), place)


@pytest.mark.parametrize(
    "changes",
    [
        {"file_id": "b" * 16},
        {"set_time": "-"},
        {"set_time": "20261124T142801Z"},
        {"origin": OTHER_EPOCH},
        {"origin": ROOT.at.replace(group="dev")},
        {"at": OTHER_EPOCH},
        {"at": ROOT.at.replace(group="dev")},
        {"is_deposit": True},
        {"body": b""},
        {"body": bytes(64)},
    ],
)
def test_a_token_with_another_open_part_does_not_open(changes):
    token = sealed()
    with pytest.raises(Tampered):
        CIPHER.open(token.replace(**changes), PLACE)
    assert CIPHER.open(token, PLACE) == b"\0hunter2"


def test_an_origin_cannot_be_shifted_into_its_neighbours():
    token = sealed(origin=EpochRef("ab", "1.aaaaa"))
    for origin in (EpochRef("a", "b1.aaaaa"), EpochRef("ab1.aaaaa", ""), EpochRef("", "ab1.aaaaa")):
        with pytest.raises(Tampered):
            CIPHER.open(token.replace(origin=origin), PLACE)


@pytest.mark.parametrize("length", [0, 1, NONCE_BYTES, NONCE_BYTES + 1, NONCE_BYTES + TAG_BYTES, 47, 48, 63])
def test_a_short_body_is_refused_like_any_other(length):
    token = sealed()
    with pytest.raises(Tampered, match=r"^the sealed value does not authenticate here$"):
        CIPHER.open(token.replace(body=token.body[:length]), PLACE)


def test_a_padding_that_is_not_canonical_is_refused_although_it_authenticates(monkeypatch):
    for padded in (b"\0hunter2", b"\0hunter2\x80", b"\0hunter2\x80" + bytes(55), bytes(32)):
        monkeypatch.setattr(value_module, "pad", lambda _payload, padded=padded: padded)
        token = sealed()
        with pytest.raises(Tampered):
            CIPHER.open(token, PLACE)


def test_all_failures_look_alike():
    token, said = sealed(), set()
    for broken in (token.replace(body=b""), token.replace(at=OTHER_EPOCH), token.replace(set_time="-")):
        with pytest.raises(Tampered) as caught:
            CIPHER.open(broken, PLACE)
        said.add((type(caught.value), str(caught.value), caught.value.notes, caught.value.hints))
    assert len(said) == 1


def test_an_empty_payload_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="one byte"):
        sealed(b"")


def test_equal_values_differ_by_the_nonce_and_stay_safe_without_it(monkeypatch):
    assert sealed().body != sealed().body
    monkeypatch.setattr(value_module, "random_bytes", bytes)
    one, other = sealed(), sealed(b"\0hunter3")
    assert one == sealed()
    assert not {one.body[at : at + 16] for at in range(16, 49)} & {
        other.body[at : at + 16] for at in range(16, 49)
    }


def test_the_origin_of_a_new_value_is_its_own_epoch():
    assert sealed().origin == ROOT.at
    assert CIPHER.open(sealed(origin=OTHER_EPOCH), PLACE) == b"\0hunter2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((REPOSITORY, "a/b"), (REPOSITORY, "a/B")),
        ((REPOSITORY, "a"), (REPOSITORY[:-1] + "e", "a")),
        (("ab", "c"), ("a", "bc")),
        ((REPOSITORY, "é"), (REPOSITORY, "e\u0301")),
    ],
)
def test_files_have_ids_of_their_own(one, other):
    assert file_id(*one) != file_id(*other)
    assert len(file_id(*one)) == 16


def test_no_repr_shows_a_key_or_a_value():
    for shown in (repr(CIPHER), repr(ROOT), repr(sealed())):
        assert "hunter2" not in shown
        assert repr(ROOT.secret)[2:-1] not in shown
