"""Read and change single fields of a document."""

from __future__ import annotations

from sealring.core.reading import Opened, examine, open_tokens, refuse
from sealring.documents.base import TOKEN_PREFIX
from sealring.errors import DocumentRefused, FieldMissing, SealringError, UsageError
from sealring.model.field_path import FieldPath, FieldPattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sealring.core.session import Session
    from sealring.documents.base import Document

    Value = str | int | float | bool | None


def address(source: str) -> FieldPattern:
    """Read the field path that a person typed.

    Raises:
        UsageError: malformed; names the column.
    """
    try:
        return FieldPattern.parse(source)
    except ValueError as error:
        raise UsageError(str(error)) from None


def find(document: Document, name: str, where: FieldPattern) -> list[int]:
    """Return the positions of the scalar fields that an address names, or that lie below it.

    Raises:
        FieldMissing: none; with names that come near.
    """
    fields = document.fields
    exact = [i for i, f in enumerate(fields) if f.kind == "scalar" and where.names(f.path, f.indices)]
    found = exact or [
        i for i, f in enumerate(fields) if f.kind == "scalar" and where.covers(f.path, f.indices)
    ]
    if not found:
        from difflib import get_close_matches

        near = get_close_matches(where.source, [field.place for field in fields], 3, 0.5)
        hints = (
            [f"did you mean {' or '.join(near)}?"] if near else [f"`sealring status {name}` lists its fields"]
        )
        raise FieldMissing(f"there is no field {where}", file=name, hints=hints)
    return found


def find_one(document: Document, name: str, where: FieldPattern) -> int:
    """Return the position of the one scalar field that an address names.

    Raises:
        FieldMissing: none, or several, or a collection.
    """
    found = find(document, name, where)
    if len(found) > 1:
        shown = ", ".join(document.fields[i].place for i in found[:6]) + (", ..." if len(found) > 6 else "")
        raise FieldMissing(
            f"{where} names {len(found)} fields: {shown}", file=name, hints=["name one of them"]
        )
    field = document.fields[found[0]]
    if not where.names(field.path, field.indices):
        raise FieldMissing(f"{where} is not a value; it holds {field.place}", file=name)
    return found[0]


def get(session: Session, name: str, text: str, source: str, *, allow_stale: bool = False) -> Value:
    """Return one value, typed; no other field of the file is judged.

    Raises:
        FieldMissing: no such field, or several.
        PlaintextFound, Tampered, NoIdentity: this field is not right, or closed.
    """
    sealed = examine(session, name, text)
    index = find_one(sealed.document, name, address(source))
    return opened_values(session, name, text, [index], allow_stale=allow_stale)[1][index]


def opened_values(
    session: Session, name: str, text: str, indices: Iterable[int], *, allow_stale: bool = False
) -> tuple[Document, dict[int, Value]]:
    """Return the plaintext document and the typed values of some of its fields, by position.

    Raises:
        SealringError: one of these fields is not right, or closed.
    """
    wanted = set(indices)
    sealed = examine(session, name, text)
    refuse([error for index, error in sealed.problems.items() if index in wanted])
    opened = open_tokens(session, sealed, wanted=lambda index: index in wanted, allow_stale=allow_stale)
    for index, error in opened.closed.items():
        field = sealed.document.fields[index]
        error.message = f"{field.place or 'the value'} is closed to you: {error.message}"
        raise error.at(name, sealed.document.line_of(field.start))
    plain = opened.plain()
    return plain, {index: plain.value(plain.fields[index]) for index in sorted(wanted)}


def data_of(session: Session, opened: Opened) -> Any:
    """Return an opened document as plain dicts, lists and scalars, without the fields that are closed."""
    name = opened.sealed.name
    if opened.sealed.document.format == "opaque":
        from sealring.core.texts import bytes_of

        return bytes_of(name, opened.text())
    data = opened.plain().data()
    return _without_tokens(data) if opened.closed else data


def _without_tokens(data: Any) -> Any:
    """Leave out what is still sealed: a token is never passed on as a value.

    No opened value looks like a token, as `encrypt` refuses those.
    """
    if isinstance(data, dict):
        return {key: _without_tokens(value) for key, value in data.items() if not _is_token(value)}
    if isinstance(data, list):
        return [_without_tokens(value) for value in data if not _is_token(value)]
    return data


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value.startswith(TOKEN_PREFIX)


def set_value(session: Session, name: str, text: str, source: str, value: Value) -> str:
    """Return the text with one value put in plain, to be sealed by `encrypt` next.

    Raises:
        FieldMissing: the address names a collection or several fields.
        DocumentRefused: no safe place was found for a new field.
    """
    where = address(source)
    if where.has_wildcard:
        raise UsageError(f"{source} has a wildcard; name one field")
    document = session.parse(name, text)
    named = [i for i, f in enumerate(document.fields) if where.covers(f.path, f.indices)]
    try:
        if not named:
            return document.inserted(where, document.literal(value, None))
        index = named[0]
        if document.fields[index].kind != "empty" or len(named) > 1:
            index = find_one(document, name, where)
        return document.replaced(index, document.literal(value, document.fields[index]))
    except SealringError as error:
        raise error.at(name) from None


def unset(session: Session, name: str, text: str, sources: Iterable[str]) -> str:
    """Return the text without some fields; each may be a whole collection.

    Raises:
        FieldMissing: no such field.
        DocumentRefused: no safe edit was found.
    """
    for source in sources:
        where = address(source)
        document = session.parse(name, text)
        positions = find(document, name, where)
        for position in reversed(positions):
            try:
                text = session.parse(name, text).removed(position)
            except SealringError as error:
                raise error.at(name) from None
    return text


def move_field(session: Session, name: str, text: str, old: str, new: str) -> str:
    """Return the text with a value moved to another place; its token opens there no more until it is sealed.

    The value is put there in plain, to be sealed by `encrypt`, which recognises it and keeps its time.
    """
    document = session.parse(name, text)
    index = find_one(document, name, address(old))
    if any(address(new).covers(f.path, f.indices) for f in document.fields):
        raise UsageError(f"{new} is there already", file=name)
    plain, values = opened_values(session, name, text, [index])
    if plain.fields[index].anchor:
        raise DocumentRefused(f"{old} has an anchor that aliases point to", file=name)
    removed = document.removed(index)
    return set_value(session, name, removed, new, values[index])


def get_any(session: Session, name: str, text: str, source: str, *, allow_stale: bool = False) -> Any:
    """Return one value, or a collection as plain data.

    Raises:
        FieldMissing: no such field, or it names several that lie apart.
        PlaintextFound, Tampered, NoIdentity: a field of it is not right, or closed.
    """
    where = address(source)
    document = session.parse(name, text)
    found = find(document, name, where)
    if where.names(document.fields[found[0]].path, document.fields[found[0]].indices):
        index = find_one(document, name, where)
        return opened_values(session, name, text, [index], allow_stale=allow_stale)[1][index]
    plain, _values = opened_values(session, name, text, found, allow_stale=allow_stale)
    field = plain.fields[found[0]]
    depth = next(
        n
        for n in range(len(field.path.parts))
        if where.covers(FieldPath(field.path.parts[: n + 1]), field.indices)
    )
    positions = iter(field.indices)
    keys = [next(positions, 0) if part[0] == "i" else part[-1] for part in field.path.parts[: depth + 1]]
    data = plain.data()
    for part, key in zip(field.path.parts, keys, strict=False):
        if part[0] == "d":
            data = _document_named(data, part)
            continue
        data = data[key]
    return data


def _document_named(data: Any, part: tuple[str, ...]) -> Any:
    for document in data if isinstance(data, list) else [data]:
        if isinstance(document, dict) and document.get("kind") == part[1]:
            metadata = document.get("metadata") or {}
            if (str(metadata.get("namespace") or ""), str(metadata.get("name"))) == part[2:]:
                return document
    raise FieldMissing("the document was not found")


def shown(value: Value) -> str:
    """Spell a typed value as text: true and false, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
