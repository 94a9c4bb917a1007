"""Which files a rule covers: the patterns of .gitignore, on repository-relative paths with "/".

No regular expressions: translated ones can take exponential time on `**/**/**`, and importing `re`
costs 6 ms at every start. Here the work is at most the length of the pattern times that of the path.

One rule differs from .gitignore, on purpose. There, nothing below an ignored directory can be taken
back. Here, of all patterns that match a file or a directory above it, the last one decides.

Source: gitignore(5), wildmatch.c of git; spec.md 3.1.
"""

from __future__ import annotations

from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Atom = tuple[bool, tuple[tuple[str, str], ...]]  # negated, ranges of characters
    Piece = str | tuple[Atom, ...]
    Component = str | tuple[Piece, ...]  # a literal name, or the pieces between its stars

ANY: Atom = (True, ())
DEPTH = ("", "", "")
"""The component `**`: any number of directories."""


class FileGlob(Record):
    """One pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `**` between slashes, and `\\` before any of them.

    Without a "/" (or with one only at the end) it matches a name at any depth. It covers the file
    that it matches, and everything below a directory that it matches; with a "/" at the end it
    matches directories only.
    """

    source: str
    components: tuple[Component, ...]
    is_directory: bool

    @classmethod
    def parse(cls, source: str) -> FileGlob:
        r"""Read one pattern, without a leading `!` (`\!` is a file name that begins so).

        Raises:
            ValueError: what is wrong, with the column from 1.
        >>> FileGlob.parse("deploy/**/*.json").matches("deploy/eu/west/db.json")
        True
        """
        reader = _GlobReader(source)
        components = reader.components()
        if not (reader.is_anchored or len(components) > 1):
            components.insert(0, DEPTH)
        if components[-1] == DEPTH:  # `a/**` covers what is in `a`, so one name at least
            components.append(("", ""))
        return cls(source, tuple(components), reader.is_directory)

    def matches(self, file: str) -> bool:
        """Tell whether the pattern covers a file, itself or by a directory above it."""
        return self.matches_names(file.split("/"))

    def matches_names(self, names: Sequence[str]) -> bool:
        """Do the same for a path that was split at its slashes.

        Only the last `**` is ever tried again further down: where an earlier one stopped first
        leaves every later part the most room.
        """
        wanted = self.components
        p = f = 0
        again_p = again_f = -1
        while True:
            if p == len(wanted):
                # The first place where it fits ends first, so a later one cannot do better.
                return f < len(names) or not self.is_directory
            if wanted[p] == DEPTH:
                p += 1
                again_p, again_f = p, f
            elif f == len(names):
                return False
            elif _fits(wanted[p], names[f]):
                p += 1
                f += 1
            elif again_p < 0:
                return False
            else:
                again_f += 1
                p, f = again_p, again_f

    def __str__(self) -> str:
        return self.source


class FileSet(Record):
    """Several patterns in order: the last one that covers a file decides, and `!` takes it out."""

    source: tuple[str, ...]
    globs: tuple[tuple[bool, FileGlob], ...]

    @classmethod
    def parse(cls, sources: Iterable[str]) -> FileSet:
        """Read a list of patterns.

        Raises:
            ValueError: a pattern is malformed, or none of them adds files.
        >>> FileSet.parse([".env.*", "!.env.example"]).matches(".env.example")
        False
        """
        listed = tuple(sources)
        globs = tuple(
            (not source.startswith("!"), FileGlob.parse(source.removeprefix("!"))) for source in listed
        )
        if not any(adds for adds, _ in globs):
            raise ValueError("no pattern adds files: all of them begin with '!'" if globs else "no pattern")
        return cls(listed, globs)

    def matches(self, file: str) -> bool:
        """Tell whether the set holds a file, named from the root of the repository."""
        names = file.split("/")
        for adds, glob in reversed(self.globs):
            if glob.matches_names(names):
                return adds
        return False


def _fits(component: Component, name: str) -> bool:
    """Match one name: first and last piece at its ends, the others each at the first place found."""
    if isinstance(component, str):
        return component == name
    first, last = component[0], component[-1]
    at, end = len(first), len(name) - len(last)
    if len(component) == 1:
        return len(name) == at and _is_at(first, name, 0)
    if at > end or not _is_at(first, name, 0) or not _is_at(last, name, end):
        return False
    for piece in component[1:-1]:
        at = _find(piece, name, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _is_at(piece: Piece, name: str, at: int) -> bool:
    if isinstance(piece, str):
        return name.startswith(piece, at)
    return all(
        any(low <= char <= high for low, high in ranges) != negated
        for (negated, ranges), char in zip(piece, name[at : at + len(piece)], strict=True)
    )


def _find(piece: Piece, name: str, start: int, end: int) -> int:
    if isinstance(piece, str):
        return name.find(piece, start, end)
    for at in range(start, end - len(piece) + 1):
        if _is_at(piece, name, at):
            return at
    return -1


class _GlobReader:
    """A cursor over the text of a pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.is_anchored = False
        self.is_directory = False

    def fail(self, what: str, at: int | None = None) -> ValueError:
        column = (self.at if at is None else at) + 1
        return ValueError(f"{what} at column {column} of file pattern {self.source!r}")

    def components(self) -> list[Component]:
        found: list[Component] = []
        end = len(self.source)
        if self.source[-1:].isspace() and self.source[-2:-1] != "\\":
            raise self.fail("a space", end - 1)
        if self.source.startswith("/"):
            self.is_anchored = True
            self.at = 1
        while True:
            found.append(self.component())
            if self.at == end:
                return found
            self.at += 1
            if self.at == end:
                self.is_directory = True
                return found

    def component(self) -> Component:
        """Read up to the next "/": atoms between stars, joined to plain text where they are plain."""
        start = self.at
        pieces: list[list[Atom]] = [[]]
        while self.at < len(self.source) and self.source[self.at] != "/":
            char = self.source[self.at]
            if char == "*":
                pieces.append([])
                self.at += 1
            else:
                pieces[-1].append(self.atom(char))
        text = self.source[start : self.at]
        if text in ("", ".", ".."):
            raise self.fail(f"a file name cannot be {text!r}" if text else "a file name is missing", start)
        if len(text) > 1 and not text.strip("*"):
            return DEPTH
        # A run of stars that does not stand alone is one star, as in git.
        pieces = [pieces[0], *(piece for piece in pieces[1:-1] if piece), *pieces[1:][-1:]]
        joined = tuple(_plain(piece) for piece in pieces)
        return joined[0] if len(joined) == 1 and isinstance(joined[0], str) else joined

    def atom(self, char: str) -> Atom:
        self.at += 1
        if char == "?":
            return ANY
        if char == "[":
            return self.char_class(self.at - 1)
        if char == "\\":
            char = self.escaped()
        return (False, ((char, char),))

    def escaped(self) -> str:
        char = self.source[self.at : self.at + 1]
        if char in ("", "/"):
            raise self.fail("nothing to escape", self.at - 1)
        self.at += 1
        return char

    def char_class(self, start: int) -> Atom:
        negated = self.source[self.at : self.at + 1] in ("!", "^")
        self.at += negated
        ranges: list[tuple[str, str]] = []
        while not ranges or self.source[self.at : self.at + 1] != "]":
            low_at = self.at
            low = high = self.class_char(start)
            if self.source[self.at : self.at + 1] == "-" and self.source[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                high = self.class_char(start)
                if high < low:
                    raise self.fail("the range is the wrong way round", low_at)
            ranges.append((low, high))
        self.at += 1
        return (negated, tuple(ranges))

    def class_char(self, start: int) -> str:
        char = self.source[self.at : self.at + 1]
        if char in ("", "/"):
            raise self.fail("the '[' is not closed", start)
        if char == "[" and self.source[self.at + 1 : self.at + 2] == ":":
            raise self.fail("named classes such as [:digit:] are not supported, found one", self.at)
        self.at += 1
        return self.escaped() if char == "\\" else char


def _plain(piece: list[Atom]) -> Piece:
    if all(not negated and len(ranges) == 1 and ranges[0][0] == ranges[0][1] for negated, ranges in piece):
        return "".join(ranges[0][0] for _, ranges in piece)
    return tuple(piece)
