"""Opaque files: every byte comes back, and a token may be broken into any lines."""

from __future__ import annotations

import pytest
from format_laws import TOKEN

from sealring.documents import Limits, opaque, parse
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused
from sealring.model.field_path import FieldPattern

LONG = TOKEN.replace("QUJD", "QUJD" * 100)

FILES = {
    "empty": b"",
    "text": b"-----BEGIN X-----\nabc\n-----END X-----\n",
    "windows text": b"a\r\nb\r\n",
    "mixed line ends": b"a\rb\nc\r\n",
    "not ascii": "é\u2028\0\ufeff".encode(),
    "byte order mark": b"\xef\xbb\xbfa",
    "binary": bytes(range(256)),
    "looks like our form": b"data:;base64,AAAA",
    "binary that looks like our form": b"data:;base64,\xff",
    "half a surrogate pair in UTF-8": b"\xed\xa0\x80",
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_every_byte_comes_back_whatever_git_does_to_the_sealed_file(data):
    text = opaque.text_from_bytes(data)
    assert opaque.bytes_from_text(text) == data
    document = parse(text, "opaque")
    assert [str(field.path) for field in document.fields] == ["file"]
    payload = document.payload(document.fields[0])
    sealed = document.with_tokens({0: LONG})
    for seen in (sealed, sealed.replace("\n", "\r\n"), sealed.rstrip("\n")):
        again = parse(seen, "opaque")
        assert again.fields[0].token == again.content(again.fields[0]) == LONG
        assert opaque.bytes_from_text(again.with_payloads({0: payload})) == data


def test_a_text_file_is_sealed_as_its_text():
    assert opaque.text_from_bytes(b"a\r\n") == "a\r\n"
    document = parse("a\r\n", "opaque")
    assert document.payload(document.fields[0]) == b"\x00a\r\n"


def test_a_token_is_written_in_lines_of_76_characters():
    lines = parse("x", "opaque").with_tokens({0: LONG}).split("\n")
    assert lines[-1] == ""
    assert {len(line) for line in lines[:-2]} == {76}
    assert 0 < len(lines[-2]) <= 76


def test_blanks_do_not_vanish_from_a_token():
    assert parse(f"{TOKEN} \n", "opaque").fields[0].token == f"{TOKEN} "


@pytest.mark.parametrize(
    "text",
    [
        "data:;base64,QUJD",
        "data:;base64,/x==",
        "data:;base64,A",
        "data:;base64,/w==\n",
        "data:;base64,é",
        "\ud800",
    ],
)
def test_a_text_that_stands_for_no_file_is_refused(text):
    with pytest.raises(DocumentRefused):
        opaque.bytes_from_text(text)
    with pytest.raises(DocumentRefused):
        parse(text, "opaque")


@pytest.mark.parametrize(
    "payload", [b"", b"\x01a\n", b"\x02\x00\x00a", b"\x04", b"\x00\xff", Payload("data:;base64,QUJD").dump()]
)
def test_a_payload_of_another_form_is_refused(payload):
    with pytest.raises(DocumentRefused):
        parse(TOKEN, "opaque").with_payloads({0: payload})


def test_the_value_is_the_text_and_the_outline_hides_it():
    document = parse("a\nb", "opaque")
    assert document.value(document.fields[0]) == document.data() == document.literal("a\nb", None) == "a\nb"
    assert document.outline(frozenset({0})) == parse("c", "opaque").outline(frozenset({0}))
    assert document.outline(frozenset()) != parse("c", "opaque").outline(frozenset())
    assert not document.is_plain(document.fields[0])


def test_nothing_but_a_text_can_be_put_in():
    document = parse("a", "opaque", Limits())
    with pytest.raises(DocumentRefused):
        document.literal(None, None)
    with pytest.raises(DocumentRefused):
        document.inserted(FieldPattern.parse("a"), "x")
    with pytest.raises(DocumentRefused):
        document.removed(0)
