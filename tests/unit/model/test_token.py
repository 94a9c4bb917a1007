"""The text of a token has one spelling, and times are real."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealring.errors import MalformedToken
from sealring.model import token as token_module
from sealring.model.token import (
    EpochRef,
    Token,
    check_epoch_id,
    check_file_id,
    check_name,
    check_time,
    is_token,
    later_than,
    time_seconds,
    time_text,
)

AT = EpochRef("prod", "4.k7q2m")
TOKEN = Token(AT, "q7m2x3kd5h2w9abc".replace("9", "7"), "20261124T142800Z", AT, b"\xfb\xff\xfe" * 22)
TEXT = TOKEN.text()

# What must be refused: more in tests/vectors/values.json


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:-1],
        TEXT + "\n",
        "\ufeff" + TEXT,
        TEXT.replace("ENC[", "ENC ["),
        TEXT.replace("Z,", "Z@4.k7q2m,"),
        TEXT.replace("Z,", "Z@prod@4.k7q2m,"),
        TEXT.replace("Z,", "Z@,"),
        TEXT.replace("Z,", "Z@dev@,"),
        TEXT.replace("Z,", "Z@dev@1.aaaaa@1.aaaaa,"),
        TEXT.replace("4.k7q2m", "04.k7q2m"),
        TEXT.replace("4.k7q2m", "٤.k7q2m"),
        TEXT.replace("4.k7q2m", "4.k7q2m.k7q2m"),
        TEXT.replace("4.k7q2m", "4.K7q2m"),
        TEXT.replace("20261124T142800Z", "２0261124T142800Z"),
        TEXT.replace("20261124T142800Z", "20261131T142800Z"),
        TEXT.replace("20261124T142800Z", "+0261124T142800Z"),
        TEXT.replace("20261124T142800Z", "2026 124T142800Z"),
        TEXT.replace("prod", "pröd"),
        TEXT.replace("prod", "-prod"),
        TEXT.replace("prod", "p" * 64),
        TEXT.replace("sr1", "sr01"),
        TEXT.replace("sr1", "sr1 "),
        TEXT.replace("]", "=]"),
        TEXT.replace("-__", "+//"),
        TEXT.replace("-__", "-_\n_"),
        TEXT.replace("-__", "-_\ud800"),
    ],
)
def test_another_spelling_is_refused(text):
    assert text != TEXT
    with pytest.raises(MalformedToken) as caught:
        Token.parse(text)
    assert TOKEN.file_id not in str(caught.value)


def test_a_text_of_many_megabytes_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(token_module, "MAX_TOKEN_CHARS", len(TEXT) - 1)
    monkeypatch.setattr(token_module, "from_base64url", None)
    with pytest.raises(MalformedToken):
        Token.parse(TEXT)


def test_unused_bits_have_one_value():
    for size in (64, 65):
        text = TOKEN.replace(body=bytes(size)).text()
        assert text.endswith("A]")
        spellings = []
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            try:
                spellings.append(Token.parse(text[:-2] + last + "]").body)
            except MalformedToken:
                continue
        assert len(set(spellings)) == len(spellings) == {1: 4, 2: 16}[size % 3]


# What must be read

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
EPOCHS = st.builds(
    "{}.{}".format,
    st.integers(1, 999_999_999),
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=5, max_size=5),
)
REFS = st.builds(EpochRef, NAMES, EPOCHS)
TIMES = st.just("-") | st.integers(0, 253_402_300_799).map(time_text)
TOKENS = st.builds(
    Token,
    REFS,
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16),
    TIMES,
    REFS,
    st.binary(max_size=100),
    st.booleans(),
)


@given(token=TOKENS, same_epoch=st.booleans(), same_group=st.booleans())
def test_a_token_reads_back_as_itself(token, same_epoch, same_group):
    if same_group:
        token = token.replace(origin=EpochRef(token.at.group, token.origin.epoch))
    if same_epoch:
        token = token.replace(origin=EpochRef(token.origin.group, token.at.epoch))
    assert Token.parse(token.text()) == token
    assert is_token(token.text())
    assert not set(token.text()) & set(" \"'\\$#:\n{}")


@pytest.mark.parametrize(("origin", "shown"), [
    (AT, "20261124T142800Z,"),
    (EpochRef("prod", "3.aaaaa"), "20261124T142800Z@3.aaaaa,"),
    (EpochRef("dev", "3.aaaaa"), "20261124T142800Z@dev@3.aaaaa,"),
    (EpochRef("dev", "4.k7q2m"), "20261124T142800Z@dev@4.k7q2m,"),
])  # fmt: skip
def test_an_origin_is_spelled_as_short_as_can_be(origin, shown):
    assert shown in TOKEN.replace(origin=origin).text()


def test_a_repr_is_short():
    assert repr(TOKEN) == "Token(prod@4.k7q2m, 20261124T142800Z)"


@pytest.mark.parametrize("text", ["enc[sr1", " ENC[sr1", "ENC[s", "ENC(sr1", ""])
def test_what_does_not_claim_to_be_a_token(text):
    assert not is_token(text)


# Names, ids and times


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a.b", "a/b", "..", "a" * 64, "a\n", "é"])
def test_names_that_are_none(name):
    with pytest.raises(ValueError, match="name"):
        check_name(name)


@pytest.mark.parametrize(
    "epoch",
    [
        "",
        "1",
        "1.",
        "0.aaaaa",
        "01.aaaaa",
        "1.aaaa",
        "1.aaaaaa",
        "1.aaaa1",
        "1.aaaaA",
        "²1.aaaaa",
        "1234567890.aaaaa",
        "-1.aaaaa",
    ],
)
def test_epoch_ids_that_are_none(epoch):
    with pytest.raises(ValueError, match="epoch"):
        check_epoch_id(epoch)


@pytest.mark.parametrize("file_id", ["", "a" * 15, "a" * 17, "A" * 16, "a" * 15 + "1", "a" * 15 + "é"])
def test_file_ids_that_are_none(file_id):
    with pytest.raises(ValueError, match="file id"):
        check_file_id(file_id)


@pytest.mark.parametrize(
    "time",
    ["", "--", "20261124T142800", "20261124t142800Z", "20261124T142800z", "20260229T000000Z",
     "21000229T000000Z",
     "20260431T000000Z", "20261301T000000Z", "20260001T000000Z", "20260100T000000Z", "20260101T240000Z",
     "20260101T006000Z", "20260101T000060Z", "19691231T235959Z", "2026112 T142800Z", "20261124T14280٠Z"],
)  # fmt: skip
def test_times_that_are_none(time):
    with pytest.raises(ValueError, match="time"):
        check_time(time)


@pytest.mark.parametrize(
    "time", ["-", "19700101T000000Z", "20240229T235959Z", "20000229T000000Z", "99991231T235959Z"]
)
def test_times(time):
    check_time(time)


@given(seconds=st.integers(0, 253_402_300_799))
def test_a_time_reads_back(seconds):
    check_time(time_text(seconds))
    assert time_seconds(time_text(seconds)) == seconds


def test_an_unknown_time_is_no_number():
    with pytest.raises(ValueError, match="not known"):
        time_seconds("-")


def test_after_the_last_time_there_is_no_later_one():
    assert later_than("99991231T235959Z", 0) == "99991231T235959Z"
    assert later_than("-", 10**12) == "99991231T235959Z"


@given(earlier=TIMES, now=st.integers(0, 253_402_300_000))
def test_a_new_value_is_later_than_the_one_before(earlier, now):
    made = later_than(earlier, now)
    check_time(made)
    assert made >= time_text(now)
    assert earlier in ("-", "99991231T235959Z") or made > earlier
    assert later_than("", now) == time_text(now)
