"""Try every promise about documents on real files: `python tests/corpus.py [-v] DIR...`.

Each file that has a format is parsed, every scalar is replaced by a text of a token's form, the
result is parsed again and compared, and the values are put back. A file may be refused, with a
cause; it must never come back with other bytes. Exits with 1 if one did.
Files over 4 MiB, and those that hold a token, are passed over.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))

from sealring.documents import decode, format_of, parse
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 4 * 1024 * 1024
BODY = "Qm9keV9vZi1hX3Rva2Vu" * 6


def token(number: int) -> str:
    """Return a text of the form of a token, each another one."""
    return f"ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z@{number % 9 + 1}.abcde,{BODY}{number}]"


def try_text(text: str, format: str) -> str:
    """Seal and restore everything in a text; return "exact", or how it went wrong."""
    try:
        document = parse(text, format)
    except DocumentRefused as error:
        return f"refused: {error.message}"
    scalars = [i for i, field in enumerate(document.fields) if field.kind == "scalar"]
    skipped = set()
    if format == "yaml":  # a bare null without a place of its own is refused one by one
        for i in scalars:
            if document.fields[i].start == document.fields[i].end:
                try:
                    document.with_tokens({i: token(i)})
                except DocumentRefused:
                    skipped.add(i)
    tokens = {i: token(i) for i in scalars if i not in skipped}
    # as encrypt does: names that label elements or documents change the paths, so they stay
    before = [field.path for field in document.fields]
    while True:
        try:
            sealed = parse(document.with_tokens(tokens), format)
        except DocumentRefused as error:
            return f"refused when sealed: {error.message}"
        if len(sealed.fields) != len(document.fields):
            return "refused when sealed: the number of fields differs"
        moved = [i for i, field in enumerate(sealed.fields) if field.path != before[i]]
        if not moved:
            break
        names = {i for i in tokens if before[i].parts and before[i].parts[-1][-1] in NAMES}
        if not names:
            return "refused when sealed: paths differ"
        tokens = {i: each for i, each in tokens.items() if i not in names}
    if any(sealed.fields[i].token != each for i, each in tokens.items()):
        return "refused when sealed: a token reads otherwise"
    places = frozenset(tokens)
    if document.outline(places) != sealed.outline(places):
        return "refused when sealed: the outline differs"
    payloads = {i: document.payload(document.fields[i]) for i in tokens}
    try:
        restored = sealed.with_payloads(payloads)
    except DocumentRefused as error:
        return f"DAMAGED: {error.message}"
    return "exact" if restored == text else "DAMAGED"


NAMES = ("name", "id", "key", "kind", "namespace")


def files_in(folders: list[str]) -> Iterator[str]:
    """Give all files that have a format."""
    for folder in folders:
        for where, below, names in os.walk(folder):
            below[:] = sorted(each for each in below if each != ".git")
            for name in sorted(names):
                if format_of(name) != "opaque":
                    yield os.path.join(where, name)


def main(arguments: list[str]) -> int:
    """Run on folders and print what was found."""
    is_verbose = "-v" in arguments
    wanted = [each[2:] for each in arguments if each.startswith("--")]
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for file in files_in([each for each in arguments if not each.startswith("-")]):
        format = format_of(file)
        if wanted and format not in wanted:
            continue
        try:
            if not os.path.isfile(file) or os.path.getsize(file) > MAX_BYTES:
                continue
            with open(file, "rb") as opened:
                data = opened.read()
        except OSError:
            continue
        if b"ENC[sr" in data:
            continue
        try:
            outcome = try_text(decode(data), format)
        except DocumentRefused as error:
            outcome = f"refused: {error.message}"
        except ModuleNotFoundError:
            continue
        counts[format, outcome] += 1
        examples.setdefault((format, outcome), file)
        if is_verbose and outcome != "exact":
            print(outcome, file)
    for (format, outcome), count in sorted(counts.items(), key=lambda each: (each[0][0], -each[1])):
        example = "" if outcome == "exact" else f"   such as {examples[format, outcome]}"
        print(f"{format:8} {count:7,}  {outcome}{example}")
    return 1 if any(outcome.startswith("DAMAGED") for _, outcome in counts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
