"""The worked examples of docs/spec.md: what must be refused first, then what must come out.

The vectors are fixed texts, so that another program can be held to them too.
"""

from __future__ import annotations

import json
import os

import pytest

from sealring.crypto import value as value_module
from sealring.crypto.age import X25519Identity
from sealring.crypto.epoch import Root, commitment, epoch_id
from sealring.crypto.padding import pad, padded_length, unpad
from sealring.crypto.value import Place, ValueCipher, file_id
from sealring.documents.payload import Payload
from sealring.errors import SealringError
from sealring.model.field_path import FieldPath
from sealring.model.token import EpochRef, Token

HERE = os.path.dirname(__file__)
with open(os.path.join(HERE, "..", "..", "vectors", "values.json"), encoding="utf-8") as stream:
    VECTORS = json.load(stream)

EPOCH = VECTORS["epoch"]
REJECTIONS = {
    step: [case for case in VECTORS["rejections"] if case["step"] == step]
    for step in ("parse", "open", "payload", "wrap", "commitment", "vouch")
}


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case["name"])


def root_of(case=None):
    case = case or {}
    at = EpochRef(case.get("group", EPOCH["group"]), case.get("epoch", EPOCH["epoch"]))
    secret = bytes.fromhex(case.get("root", EPOCH["root"]))
    return Root(case.get("repository", EPOCH["repository"]), at, secret)


def place_of(data):
    path = FieldPath(tuple(tuple(part) for part in data["path"]))
    return Place(path, data["tag"], data["anchor"], tuple(tuple(pair) for pair in data["bound"]))


def origin_of(text):
    return EpochRef(*text.split("@"))


# What must be refused


def test_every_rejection_has_a_step_and_a_name_of_its_own():
    assert sum(map(len, REJECTIONS.values())) == len(VECTORS["rejections"])
    assert len({case["name"] for case in VECTORS["rejections"]}) == len(VECTORS["rejections"])


@named(REJECTIONS["parse"])
def test_refuses_to_parse(case):
    with pytest.raises(SealringError) as caught:
        Token.parse(case["token"])
    assert caught.value.slug == case["error"]


@named(REJECTIONS["open"])
def test_refuses_to_open(case):
    token = Token.parse(case["token"])
    with pytest.raises(SealringError) as caught:
        ValueCipher(root_of(case)).open(token, place_of(case["place"]))
    assert caught.value.slug == case["error"]


@named(REJECTIONS["payload"])
def test_refuses_a_payload(case):
    with pytest.raises(SealringError) as caught:
        Payload.load(bytes.fromhex(case["payload"]))
    assert caught.value.slug == case["error"]


@named(REJECTIONS["wrap"])
def test_refuses_the_plaintext_of_a_wrap(case):
    with pytest.raises(ValueError, match=r"\S"):
        Root.load(case["plaintext"].encode("utf-8"), EPOCH["repository"], root_of().at)


@named(REJECTIONS["commitment"])
def test_refuses_a_commitment(case):
    assert not root_of({"root": case["root"], "epoch": case["epoch"]}).is_committed(case["published"])


@named(REJECTIONS["vouch"])
def test_refuses_a_vouch(case):
    own = root_of().vouch(case["member"], tuple(case["recipients"]), tuple(case["via"]))
    assert own != case["mac"]


@named(VECTORS["tokens"])
def test_any_flipped_bit_of_a_body_is_refused(case):
    token, place, cipher = Token.parse(case["token"]), place_of(case["place"]), ValueCipher(root_of())
    for position in range(len(token.body)):
        body = bytearray(token.body)
        body[position] ^= 1 << position % 8
        with pytest.raises(SealringError, match="does not authenticate"):
            cipher.open(Token(token.at, token.file_id, token.set_time, token.origin, bytes(body)), place)


@named(VECTORS["tokens"])
def test_any_token_cut_short_is_refused(case):
    for end in range(len(case["token"])):
        with pytest.raises(SealringError):
            Token.parse(case["token"][:end])


@pytest.mark.parametrize("length", [0, 1, 31, 32, 255, 256, 271, 272, 1023, 1024, 5000])
def test_padding_has_one_spelling(length):
    padded = pad(b"a" * length)
    assert unpad(padded) == b"a" * length
    longer, shorter = (padded + bytes(1), padded + bytes(32)), (padded[:-1], b"a" * length, b"")
    for wrong in (*longer, *shorter, padded[:-1] + b"\x01"):
        with pytest.raises(ValueError, match="canonical"):
            unpad(wrong)


# What must come out


def test_what_a_root_gives():
    root = root_of()
    assert root.commitment() == EPOCH["commitment"]
    assert root.commitment() == commitment(
        bytes.fromhex(EPOCH["root"]), EPOCH["repository"], EPOCH["group"], EPOCH["generation"]
    )
    assert epoch_id(EPOCH["generation"], EPOCH["commitment"]) == EPOCH["epoch"]
    assert root.is_committed(EPOCH["commitment"])
    assert root.value_key().hex() == EPOCH["value_key"]
    assert root.deposit_key().hex() == EPOCH["deposit_key"]


def test_the_plaintext_of_a_wrap():
    deposit = X25519Identity.from_bytes(bytes.fromhex(EPOCH["deposit_key"]))
    plaintext = EPOCH["wrap_plaintext"].encode("ascii")
    assert deposit.recipient().text == EPOCH["recipient"]
    assert root_of().dump(deposit.text()) == plaintext
    assert Root.load(plaintext, EPOCH["repository"], root_of().at) == root_of()


@named(VECTORS["macs"])
def test_macs_under_a_root(case):
    if case["kind"] == "vouch":
        made = root_of().vouch(case["member"], tuple(case["recipients"]), tuple(case["via"]))
        swapped = root_of().vouch(case["member"], tuple(case["recipients"][::-1]), tuple(case["via"][::-1]))
        assert made == swapped == case["mac"]
    else:
        assert root_of().statement_mac(tuple(case["items"])) == case["mac"]


@pytest.mark.parametrize("case", VECTORS["files"], ids=lambda case: case["file"])
def test_file_ids(case):
    assert file_id(EPOCH["repository"], case["file"]) == case["id"]


@pytest.mark.parametrize(("length", "padded"), VECTORS["padding"])
def test_padded_lengths(length, padded):
    assert padded_length(length) == padded


@pytest.mark.parametrize("case", VECTORS["paths"], ids=lambda case: case["text"] or "(root)")
def test_field_paths(case):
    path = FieldPath(tuple(tuple(part) for part in case["parts"]))
    assert path.encode().hex() == case["encoded"]
    assert path.text() == case["text"]


@named(VECTORS["tokens"])
def test_sealing_gives_the_token(case, monkeypatch):
    monkeypatch.setattr(value_module, "random_bytes", lambda size: bytes.fromhex(case["nonce"])[:size])
    made = ValueCipher(root_of()).seal(
        bytes.fromhex(case["payload"]),
        place_of(case["place"]),
        file_id=file_id(EPOCH["repository"], case["file"]),
        set_time=case["set_time"],
        origin=origin_of(case["origin"]),
    )
    assert made.text() == case["token"]


@named(VECTORS["tokens"])
def test_the_token_opens(case):
    token = Token.parse(case["token"])
    assert (token.set_time, token.origin) == (case["set_time"], origin_of(case["origin"]))
    opened = ValueCipher(root_of()).open(token, place_of(case["place"]))
    assert opened.hex() == case["payload"]
    assert Payload.load(opened).dump() == opened


@named(VECTORS["tokens"])
def test_a_token_by_hand_from_the_specification(case):
    """Section 4.4 written out over `cryptography` alone, with nothing of sealring's own."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    nonce, padded = bytes.fromhex(case["nonce"]), pad(bytes.fromhex(case["payload"]))
    sealed = AESSIV(bytes.fromhex(EPOCH["value_key"])).encrypt(
        padded, [bytes.fromhex(case["associated_data"]), nonce]
    )
    assert nonce + sealed == Token.parse(case["token"]).body


def test_the_specification_shows_the_same_example():
    with open(os.path.join(HERE, "..", "..", "..", "docs", "spec.md"), encoding="utf-8") as stream:
        spec = stream.read()
    shown, first = "".join(spec.split()), VECTORS["tokens"][0]
    for name in ("repository", "root", "commitment", "epoch", "value_key", "deposit_key", "recipient"):
        assert EPOCH[name] in shown
    for text in (
        first["token"],
        first["payload"],
        first["nonce"],
        VECTORS["files"][0]["id"],
        VECTORS["macs"][0]["mac"],
    ):
        assert text in shown
    rows = {
        row.split("|")[1].strip(): row.split("|")[2:-1] for row in spec.split("\n") if row.startswith("|")
    }
    table = zip(map(int, rows["n"]), map(int, rows["padded"]), strict=True)
    assert all(padded_length(length) == padded for length, padded in table)
    lines = spec.split("one item a line:\n\n")[1].split("\n\n")[0].split("\n")
    words = [word for line in lines for word in line.split()]
    hexadecimal = "".join(word for word in words if len(word) > 1 and set(word) <= set("0123456789abcdef"))
    assert first["associated_data"] in hexadecimal.replace(" ", "")
