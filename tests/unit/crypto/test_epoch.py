"""What one root gives, and that nothing else passes for it."""

from __future__ import annotations

import pytest

from sealring.crypto.epoch import ROOT_BYTES, Root, commitment, epoch_id
from sealring.model.encoding import base64url
from sealring.model.token import EpochRef

REPOSITORY = "5m2kq3r7aabbccddeeffgghh2a"
SECRET = bytes(range(32))
ROOT = Root.new(SECRET, REPOSITORY, "prod", 4)
IDENTITY = "AGE-SECRET-KEY-1X"
DUMP = ROOT.dump(IDENTITY).decode("ascii")
LINE = f"# root: {base64url(SECRET)}\n"

# What must be refused


@pytest.mark.parametrize(
    "plaintext",
    [
        "",
        "\n",
        IDENTITY,
        DUMP.replace("prod", "dev"),
        DUMP.replace("# group: prod\n", ""),
        DUMP.replace("# group: prod", "# Group: prod"),
        DUMP.replace(ROOT.at.epoch, "4.aaaaa"),
        DUMP.replace(ROOT.at.epoch, "5" + ROOT.at.epoch[1:]),
        DUMP.replace(REPOSITORY, REPOSITORY[:-1] + "e"),
        DUMP.replace(LINE, ""),
        DUMP.replace(LINE, LINE * 2),
        DUMP.replace(LINE, LINE + "# root: " + base64url(bytes(32)) + "\n"),
        DUMP.replace(LINE, LINE.replace("# ", "")),
        DUMP.replace(LINE, f"# root: {base64url(SECRET[:31])}\n"),
        DUMP.replace(LINE, f"# root: {base64url(SECRET + b'x')}\n"),
        DUMP.replace(LINE, f"# root: {base64url(SECRET)}=\n"),
        DUMP.replace(LINE, f"# root: {base64url(SECRET)[:-1]}9\n"),
        DUMP.replace(LINE, f"# root: {SECRET.hex()}\n"),
        DUMP.replace(LINE, "# root: é\n"),
        DUMP.replace(LINE, "# group: dev\n" + LINE),
    ],
)
def test_a_wrap_that_says_something_else_is_refused(plaintext):
    with pytest.raises(ValueError, match=r"\S"):
        Root.load(plaintext.encode("utf-8"), REPOSITORY, ROOT.at)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_root_has_32_bytes(size):
    with pytest.raises(ValueError, match="32 bytes"):
        Root.new(bytes(size), REPOSITORY, "prod", 1)
    with pytest.raises(ValueError, match="32 bytes"):
        Root(REPOSITORY, ROOT.at, bytes(size)).value_key()


@pytest.mark.parametrize(
    "other",
    [
        Root(REPOSITORY, ROOT.at, SECRET[::-1]),
        Root(REPOSITORY[:-1] + "e", ROOT.at, SECRET),
        Root(REPOSITORY, EpochRef("dev", ROOT.at.epoch), SECRET),
        Root(REPOSITORY, EpochRef("prod", "5" + ROOT.at.epoch[1:]), SECRET),
        Root(REPOSITORY, EpochRef("prod", "4.aaaaa"), SECRET),
    ],
)
def test_a_commitment_and_an_id_admit_one_root(other):
    assert ROOT.is_committed(ROOT.commitment())
    assert not other.is_committed(ROOT.commitment())
    assert other.value_key() != ROOT.value_key()


@pytest.mark.parametrize(
    "published", ["", "a" * 52, ROOT.commitment()[:-1], ROOT.commitment() + "a", "é" * 52]
)
def test_another_commitment_is_not_taken(published):
    assert not ROOT.is_committed(published)


def test_an_epoch_whose_id_was_chosen_is_not_taken_although_the_commitment_is_right():
    other = Root(REPOSITORY, EpochRef("prod", "4.aaaaa"), SECRET)
    assert not other.is_committed(other.commitment())


# What must come out


def test_a_wrap_reads_back():
    assert Root.load(DUMP.encode("ascii"), REPOSITORY, ROOT.at) == ROOT
    assert Root.load(DUMP.replace("\n", "\r\n").encode("ascii"), REPOSITORY, ROOT.at) == ROOT
    assert DUMP.splitlines()[-1] == IDENTITY


def test_no_two_purposes_share_a_key():
    keys = [ROOT.value_key()[:32], ROOT.value_key()[32:], ROOT.deposit_key(), SECRET]
    texts = [ROOT.commitment(), ROOT.vouch("a", (), ()), ROOT.statement_mac(("a",))]
    assert len({*keys, *texts}) == 7
    assert [len(ROOT.value_key()), len(ROOT.deposit_key()), ROOT_BYTES] == [64, 32, 32]


def test_a_vouch_counts_its_groups_so_that_none_passes_for_a_recipient():
    vouches = [
        ROOT.vouch("alice", ("a", "b"), ()),
        ROOT.vouch("alice", ("b",), ("a",)),
        ROOT.vouch("alice", (), ("a", "b")),
        ROOT.vouch("alicea", ("b",), ()),
        ROOT.vouch("alice", ("ab",), ()),
        ROOT.vouch("alice", ("a",), ()),
    ]
    assert len(set(vouches)) == len(vouches)
    assert ROOT.vouch("alice", ("b", "a"), ("y", "x")) == ROOT.vouch("alice", ("a", "b"), ("x", "y"))


def test_an_id_is_the_generation_and_the_start_of_the_commitment():
    assert ROOT.at.epoch == epoch_id(4, ROOT.commitment()) == f"4.{ROOT.commitment()[:5]}"
    assert ROOT.generation == 4
    assert len(commitment(SECRET, REPOSITORY, "prod", 4)) == 52


def test_a_repr_shows_no_secret():
    assert repr(ROOT) == f"Root({ROOT.at})"
