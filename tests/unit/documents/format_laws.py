"""What every format promises, as functions that the tests of each format call."""

from __future__ import annotations

import pytest

from sealring.documents import parse
from sealring.errors import DocumentRefused

TOKEN = "ENC[sr1,prod@4.k7q2m,q7m2x3kd5h2w9abc,20261124T142800Z,QUJD_-x]"


def open_fields(document):
    return {i for i, field in enumerate(document.fields) if field.kind == "scalar" and not field.token}


def sealed(text, format, only=None):
    """Seal fields of a text; return the sealed document and the payloads."""
    document = parse(text, format)
    chosen = open_fields(document) if only is None else only
    payloads = {i: document.payload(document.fields[i]) for i in chosen}
    return parse(document.with_tokens(dict.fromkeys(chosen, TOKEN)), format), payloads


def check_round_trip(text, format):
    """Seal every value, and each alone: the sealed text says the same but for those, and comes back."""
    document = parse(text, format)
    everything = open_fields(document)
    for chosen in [everything, *({i} for i in everything)]:
        result, payloads = sealed(text, format, chosen)
        assert len(result.fields) == len(document.fields)
        assert [result.fields[i].token for i in chosen] == [TOKEN] * len(chosen)
        assert [field.indices for field in result.fields] == [field.indices for field in document.fields]
        assert result.outline(frozenset(chosen)) == document.outline(frozenset(chosen))
        assert result.with_payloads(payloads) == text


def places(text, format):
    """Return the fields of a text as people see them."""
    document = parse(text, format)
    return [(field.place, field.kind, document.slice_of(field)) for field in document.fields]


def refusal(text, format, message, line):
    """Expect a text to be refused at a line."""
    with pytest.raises(DocumentRefused, match=message) as caught:
        parse(text, format)
    assert caught.value.line == line
