"""A file that a merge has left with conflict markers: its parts, its two versions, its resolved text.

Source: spec.md 7.1 for what is sealed; git-merge(1) for the markers.
"""

from __future__ import annotations

from sealring.core.merge_values import places_of
from sealring.errors import DocumentRefused, SealringError
from sealring.model.record import Record
from sealring.model.token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealring.core.session import Session

OURS, THEIRS = "ours", "theirs"


class Block(Record):
    """One conflict: the lines of both sides, with their line ends, and where it stands."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    line: int


class Conflicted(Record):
    """A text taken apart: lines, and blocks in between."""

    pieces: tuple[str | Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The conflicts, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Block))

    def text(self, choices: Sequence[str]) -> str:
        """Return the text with one text for each conflict."""
        left = iter(choices)
        return "".join(piece if isinstance(piece, str) else next(left) for piece in self.pieces)

    def side(self, side: str) -> str:
        """Return the text as one side of all conflicts has it."""
        return self.text(["".join(block.ours if side == OURS else block.theirs) for block in self.blocks])


def take_apart(name: str, text: str) -> Conflicted:
    """Find the conflicts of a text.

    Raises:
        DocumentRefused: markers do not fit together, as after an edit by hand; names the line.
    """
    pieces: list[str | Block] = []
    ours: list[str] = []
    theirs: list[str] = []
    state, start, size = "", 0, 7
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        mark = _mark(line, size if state else 0)
        if mark == "<" and not state:
            state, start, size, ours, theirs = OURS, number, _size(line), [], []
        elif mark == "|" and state == OURS:
            state = "base"
        elif mark == "=" and state in (OURS, "base"):
            state = THEIRS
        elif mark == ">" and state == THEIRS:
            pieces.append(Block(tuple(ours), tuple(theirs), start))
            state = ""
        elif mark in ("<", ">"):
            raise _refused(name, number)
        elif state == OURS:
            ours.append(line)
        elif state == THEIRS:
            theirs.append(line)
        elif not state:
            pieces.append(line)
    if state:
        raise _refused(name, start)
    return Conflicted(tuple(pieces))


def _refused(name: str, line: int) -> DocumentRefused:
    return DocumentRefused(
        "the conflict markers do not fit together",
        file=name,
        line=line,
        notes=["nothing was written"],
        hints=[f"`git checkout --merge -- {name}` makes the conflict anew"],
    )


def _size(line: str) -> int:
    return len(line) - len(line.lstrip(line[0]))


def _mark(line: str, size: int) -> str:
    """Return the letter of a marker line; with a size, only of one that long."""
    letter = line[:1]
    if letter not in ("<", "=", ">", "|"):
        return ""
    length = _size(line)
    rest = line[length : length + 1]
    if length < 7 or (size and length != size) or rest not in (" ", "\n", "\r", ""):
        return ""
    return letter if size or letter in "<>" else ""


class Opening(Record):
    """What the tokens of a conflict say: payloads by token text; closed: tokens that nobody here opens."""

    payloads: Mapping[str, bytes]
    closed: frozenset[str]


def open_versions(session: Session, name: str, texts: Sequence[str]) -> Opening:
    """Open the tokens of several versions of a file, each where it stands there.

    A version that does not parse is passed over, and a token that does not open in one may in another.
    """
    payloads: dict[str, bytes] = {}
    seen: set[str] = set()
    for text in texts:
        try:
            document = session.parse(name, text)
        except SealringError:
            continue
        for index, place in places_of(document, session.policy.for_file(name)).items():
            written = document.fields[index].token
            seen.add(written)
            try:
                token = Token.parse(written)
                payloads[written] = session.cipher(token.at).open(token, place)
            except SealringError:
                continue
    return Opening(payloads, frozenset(seen - payloads.keys()))


def shown(session: Session, name: str, side: str, lines: Sequence[str], opening: Opening) -> str:
    """Return the lines of one side of a conflict with their values in plaintext.

    Args:
        side: the whole text as that side has it, in which the lines stand.
    """
    text = "".join(lines)
    try:
        document = session.parse(name, side)
    except SealringError:
        return text
    opened = {
        index: opening.payloads[field.token]
        for index, field in enumerate(document.fields)
        if field.token in opening.payloads
    }
    for index, payload in opened.items():
        token = document.fields[index].token
        if token not in text.replace("\n", "") and token not in text:
            continue
        plain = session.parse(name, document.with_payloads({index: payload}))
        if len(plain.fields) == len(document.fields):
            value = plain.slice_of(plain.fields[index])
            text = value if document.format == "opaque" else text.replace(token, value)
    return text


def settled(session: Session, name: str, text: str, opening: Opening) -> str:
    """Return a resolved text in which every token that can be opened opens at its place.

    A value that was chosen for another place than its own (the other side has renamed a mapping) is
    sealed anew there, with its time and origin: whoever chose it has seen it.

    Raises:
        DocumentRefused: the text does not parse, or a key stands there twice.
        StaleEpoch, Pending: a value cannot be sealed anew now.
    """
    document = session.parse(name, text)
    own_id = session.file_id(name)
    if document.duplicates:
        double = document.duplicates[0]
        raise DocumentRefused(
            f"{double.path} would stand there twice",
            file=name,
            line=double.line,
            notes=["nothing was written"],
            hints=["choose one side for the other conflict, or edit"],
        )
    tokens: dict[int, str] = {}
    for index, place in places_of(document, session.policy.for_file(name)).items():
        written = document.fields[index].token
        payload = opening.payloads.get(written)
        if payload is None:
            continue
        token = Token.parse(written)
        try:
            if session.cipher(token.at).open(token, place) == payload and token.file_id == own_id:
                continue
        except SealringError:
            pass
        at = session.sealing_epoch(token.at.group).at
        tokens[index] = (
            session.cipher(at)
            .seal(payload, place, file_id=own_id, set_time=token.set_time, origin=token.origin)
            .text()
        )
    return document.with_tokens(tokens) if tokens else text
