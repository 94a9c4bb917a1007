"""Every failure that sealring expects, each with its exit code.

The class says what happened; the message says where, and what stays true. A class and its
docstring are also the row of the table in docs/reference/errors.md, which is generated from here.

Messages never hold plaintext or key material: they name the place instead.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class SealringError(Exception):
    """The work could not be done."""

    exit_code = 3
    slug = "failed"

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        notes: Iterable[str] = (),
        hints: Iterable[str] = (),
    ) -> None:
        """Describe a failure in the form that every message of sealring has.

        Args:
            message: lower case, no final stop, no secrets.
            file: path as the user would type it; shown in front.
            line: from 1.
            notes: what stays true, such as "nothing was written".
            hints: commands or edits that truly help.
        """
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.notes = tuple(notes)
        self.hints = tuple(hints)

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}: "
        if self.file is not None and self.line is not None:
            place = f"{self.file}:{self.line}: "
        return place + self.message

    def at(self, file: str, line: int | None = None) -> SealringError:
        """Name the file of an error that was raised by code that saw only its text.

        A place that is already known is kept.
        """
        if self.file is None:
            self.file = file
        if self.line is None:
            self.line = line
        return self


class Negative(SealringError):
    """It ran, and the answer is no: a finding, a drift, a conflict, plaintext that should be sealed."""

    exit_code = 1
    slug = "negative"


class PlaintextFound(Negative):
    """A field that the policy seals holds something other than one token."""

    slug = "plaintext"


class FieldMissing(Negative):
    """The file has no such field, or a required field is not there."""

    slug = "field-missing"


class Pending(Negative):
    """A group must be rotated, or a member wrapped, before this can be done."""

    slug = "pending"


class UsageError(SealringError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2
    slug = "usage"


class NotARepository(SealringError):
    """No `.sealring` directory was found here or above."""

    slug = "no-repository"


class DocumentRefused(SealringError):
    """The file does not parse, or holds something that could not be restored byte for byte."""

    slug = "document"


class LimitExceeded(DocumentRefused):
    """The input is larger, deeper or costlier than sealring accepts."""

    slug = "limit"


class FileChanged(SealringError):
    """The file was changed by somebody else between reading and writing it."""

    slug = "file-changed"


class FileAccess(SealringError):
    """A file could not be read or written."""

    slug = "file-access"


class PolicyError(SealringError):
    """A file under `.sealring/` is malformed, or names something that is not defined."""

    exit_code = 10
    slug = "policy"


class NoIdentity(SealringError):
    """None of your identities opens this."""

    exit_code = 11
    slug = "no-identity"


class IdentityRefused(NoIdentity):
    """An identity or a recipient cannot be used: malformed, protected, or of an unknown kind."""

    slug = "identity-refused"


class Tampered(SealringError):
    """Something was changed by somebody who may not: it does not authenticate here."""

    exit_code = 12
    slug = "tampered"


class MalformedToken(Tampered):
    """A text looks like a token, but is not one in its only accepted spelling."""

    slug = "malformed-token"


class ForeignToken(Tampered):
    """A token was sealed for another file or repository."""

    slug = "foreign-token"


class WrongGroup(Tampered):
    """A token is sealed to another group than the policy names for its field."""

    slug = "wrong-group"


class UnknownEpoch(Tampered):
    """A token names an epoch that this repository does not have."""

    slug = "unknown-epoch"


class StaleEpoch(Tampered):
    """A token is under an epoch that someone who has left the group still holds."""

    slug = "stale-epoch"


class DepositFound(Tampered):
    """A token was made by someone who cannot read the group, and no holder has accepted it."""

    slug = "deposit"


class UnvouchedRecipient(Tampered):
    """A member's recipients are not those that a holder of the group vouched for."""

    slug = "unvouched"


class MalformedAge(Tampered):
    """An age file does not follow the format, or does not authenticate."""

    slug = "malformed-age"


class GitError(SealringError):
    """Git failed, or is not installed."""

    exit_code = 13
    slug = "git"
