"""Values as environment variables of one program. Source: docs/reference/commands.md, run."""

from __future__ import annotations

from sealring.core.fields import shown
from sealring.errors import PolicyError, UsageError
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.core.reading import Opened
    from sealring.core.session import Session
    from sealring.documents.base import Field
    from sealring.model.field_path import FieldPattern

# Variables by which a program loads code. Plain fields can be edited by anybody who can push, so they
# must not set them; sealed ones were written by a member.
_LOADERS = frozenset(
    {
        "PATH",
        "IFS",
        "ENV",
        "BASH_ENV",
        "SHELLOPTS",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PERL5LIB",
        "PERL5OPT",
        "RUBYLIB",
        "RUBYOPT",
        "NODE_OPTIONS",
        "NODE_PATH",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "CLASSPATH",
        "GIT_SSH_COMMAND",
        "GIT_EXEC_PATH",
        "PROMPT_COMMAND",
        "EDITOR",
        "PAGER",
    }
)
_LOADER_PREFIXES = ("LD_", "DYLD_", "SEALRING_", "BASH_FUNC_")


class Variable(Record):
    """One variable, and the field that it came from."""

    name: str
    value: str
    place: str

    def __repr__(self) -> str:
        return f"Variable({self.name!r}, {self.place!r})"


def variables(
    session: Session, opened: Opened, *, only: Sequence[FieldPattern] = (), prefix: str = ""
) -> list[Variable]:
    """Return the scalar values of an opened file as variables.

    `db.password` becomes DB_PASSWORD, `env[name=TOKEN].value` ENV_TOKEN_VALUE; keys of .env files stay as
    they are. Null becomes an empty value.

    Args:
        only: fields, or collections, to take; all if empty.
        prefix: put in front of each name.
    Raises:
        UsageError: two fields would have one name, or a value holds a NUL.
        PolicyError: a field that is not sealed would set a variable by which programs load code.
    """
    name = opened.sealed.name
    plain = opened.plain()
    found: dict[str, Variable] = {}
    for index, field in enumerate(plain.fields):
        if field.kind != "scalar" or index in opened.closed:
            continue
        if only and not any(pattern.covers(field.path, field.indices) for pattern in only):
            continue
        variable = prefix + (field.path.parts[-1][-1] if plain.format == "dotenv" else _flattened(field))
        if variable in found:
            raise UsageError(
                f"{found[variable].place} and {field.place} would both be {variable}",
                file=name,
                hints=["--only takes one of them"],
            )
        if index not in opened.payloads and (variable in _LOADERS or variable.startswith(_LOADER_PREFIXES)):
            raise PolicyError(
                f"{field.place} would set {variable}, and it is not sealed: who can push may change it",
                file=name,
                line=plain.line_of(field.start),
                hints=["seal it by a rule, or leave it out with --only, or rename it with --prefix"],
            )
        value = shown(plain.value(field))
        if "\0" in value or "\0" in variable or "=" in variable:
            raise UsageError(f"{field.place} does not fit into an environment variable", file=name)
        found[variable] = Variable(variable, value, field.place)
    return list(found.values())


def _flattened(field: Field) -> str:
    words: list[str] = []
    positions = iter(field.indices)
    for part in field.path.parts:
        if part[0] == "i":
            position = next(positions, 0)
            words.append(part[2] if len(part) == 3 else str(position))
        elif part[0] == "k":
            words.append(part[1])
    joined = "_".join(words) or "VALUE"
    made = "".join(c.upper() if c.isascii() and c.isalnum() else "_" for c in joined)
    return f"_{made}" if made[0].isdigit() else made
