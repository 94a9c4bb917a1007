"""The text of one sealed value: what it says in the open, and its only accepted spelling.

    ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z,<body>]
    ENC[sr1,prod@5.x2w9a,q7m2x3kd5h2w9abc,20261124T142800Z@4.k7q2m,<body>]
    ENC[sr1d,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z,<body>]       a deposit

A text that is not its own re-serialisation is refused, so one token has one spelling.
Source: spec.md 4.1.
"""

from __future__ import annotations

from sealring.errors import MalformedToken
from sealring.model.encoding import BASE32, base64url, from_base64url
from sealring.model.record import Record

UNKNOWN_TIME = "-"
_LAST_S = 253_402_300_799  # 99991231T235959Z
MAX_TOKEN_CHARS = 24 * 1024 * 1024
FILE_ID_CHARS = 16
EPOCH_SUFFIX_CHARS = 5


class EpochRef(Record):
    """A group and one epoch of it, as tokens name them: `prod@4.k7q2m`."""

    group: str
    epoch: str

    def __str__(self) -> str:
        return f"{self.group}@{self.epoch}"


class Token(Record):
    """One sealed value.

    set_time: UTC, `20261124T142800Z`, when the value was last set; "-" when that is not known.
    origin: the epoch under which this value was first sealed; equal to `at` unless it was rekeyed
    or regrouped since.
    body: nonce (16) || SIV (16) || ciphertext; in a deposit a binary age file.
    """

    at: EpochRef
    file_id: str
    set_time: str
    origin: EpochRef
    body: bytes
    is_deposit: bool = False

    def text(self) -> str:
        """Return the one spelling of this token."""
        time = self.set_time
        if self.origin != self.at:
            same_group = self.origin.group == self.at.group
            time += "@" + (self.origin.epoch if same_group else f"{self.origin.group}@{self.origin.epoch}")
        version = "sr1d" if self.is_deposit else "sr1"
        return f"ENC[{version},{self.at},{self.file_id},{time},{base64url(self.body)}]"

    def __repr__(self) -> str:
        return f"Token({self.at}, {self.set_time})"

    @classmethod
    def parse(cls, text: str) -> Token:
        """Read a token.

        Raises:
            MalformedToken: not a token, of an unknown version, or not in its one spelling.
        """
        parts = text[4:-1].split(",") if text.startswith("ENC[") and text.endswith("]") else []
        if len(parts) != 5 or len(text) > MAX_TOKEN_CHARS:
            raise MalformedToken("the text looks like a sealed value, but has not its form")
        version, at, file_id, times, body = parts
        if version not in ("sr1", "sr1d"):
            raise MalformedToken(
                f"the sealed value has version {version[:8]!r}, which this version of sealring does not know",
                hints=["a newer sealring may open it"],
            )
        try:
            group, epoch = at.split("@")
            set_time, *origin = times.split("@")
            check_name(group)
            check_epoch_id(epoch)
            check_time(set_time)
            if len(origin) > 2:
                raise ValueError("origin")
            origin_ref = EpochRef(origin[0] if len(origin) == 2 else group, origin[-1] if origin else epoch)
            check_name(origin_ref.group)
            check_epoch_id(origin_ref.epoch)
            check_file_id(file_id)
            token = cls(
                EpochRef(group, epoch), file_id, set_time, origin_ref, from_base64url(body), version == "sr1d"
            )
        except ValueError:
            token = None
        if token is None or token.text() != text:
            raise MalformedToken("the sealed value is not in its only accepted spelling")
        return token


def is_token(text: str) -> bool:
    """Tell whether a text claims to be a token, well-formed or not."""
    return text.startswith("ENC[sr")


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def check_name(name: str) -> None:
    """Check the name of a group or member: lower-case letters, digits and `-`, 63 at most.

    Raises:
        ValueError: says what is wrong.
    """
    if not name or name[0] == "-" or not set(name) <= _LETTERS | {"-"}:
        raise ValueError("a name has lower-case letters, digits and '-', and starts with a letter or digit")
    if len(name) > 63:
        raise ValueError("a name has 63 characters at most")


def check_epoch_id(epoch: str) -> None:
    """Check an epoch's id: its generation, a dot, and five base32 characters.

    Raises:
        ValueError: not of this form.
    """
    generation, _, suffix = epoch.partition(".")
    if not (generation.isascii() and generation.isdigit() and generation[0] != "0" and len(generation) < 10):
        raise ValueError("an epoch starts with its generation, from 1")
    if len(suffix) != EPOCH_SUFFIX_CHARS or not set(suffix) <= set(BASE32):
        raise ValueError("an epoch ends with five base32 characters")


def check_file_id(file_id: str) -> None:
    """Check a file id: 16 base32 characters.

    Raises:
        ValueError: not of this form.
    """
    if len(file_id) != FILE_ID_CHARS or not set(file_id) <= set(BASE32):
        raise ValueError("a file id has 16 base32 characters")


def check_time(time: str) -> None:
    """Check a set time: `YYYYMMDDThhmmssZ` of a real day, or "-".

    Raises:
        ValueError: not of this form.
    """
    if time == UNKNOWN_TIME:
        return
    digits = time[:8] + time[9:15]
    if len(time) != 16 or time[8] != "T" or time[15] != "Z" or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a time has the form 20261124T142800Z")
    year, month, day = int(time[:4]), int(time[4:6]), int(time[6:8])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= days[month - 1]):
        raise ValueError("a time names a real day")
    if int(time[9:11]) > 23 or int(time[11:13]) > 59 or int(time[13:15]) > 59:
        raise ValueError("a time names a real moment")


def time_text(seconds: int) -> str:
    """Spell seconds since 1970 (UTC) as a set time."""
    from time import gmtime

    t = gmtime(seconds)
    return f"{t[0]:04}{t[1]:02}{t[2]:02}T{t[3]:02}{t[4]:02}{t[5]:02}Z"


def time_seconds(time: str) -> int:
    """Return a set time as seconds since 1970 (UTC).

    Raises:
        ValueError: the time is unknown or malformed.
    """
    from calendar import timegm

    check_time(time)
    if time == UNKNOWN_TIME:
        raise ValueError("the time is not known")
    fields = (time[:4], time[4:6], time[6:8], time[9:11], time[11:13], time[13:15])
    return timegm(tuple(int(field) for field in fields))


def later_than(earlier: str, now_s: int) -> str:
    """Return now as a set time, or the second after an earlier set time that lies in the future."""
    if earlier and earlier != UNKNOWN_TIME:
        now_s = max(now_s, time_seconds(earlier) + 1)
    return time_text(min(now_s, _LAST_S))
