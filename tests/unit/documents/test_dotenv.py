"""Files of environment variables: what readers agree on, what is refused, edits."""

from __future__ import annotations

import pytest
from format_laws import TOKEN, check_round_trip, places, refusal, sealed

from sealring.documents import Limits, parse
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused, LimitExceeded
from sealring.model.field_path import FieldPattern

EXACT = {
    "plain": "A=1\nB=two\n",
    "no final newline": "A=1",
    "windows": "A=1\r\nB='x\r\ny' # c\r\n",
    "mixed line ends": "A=1\r\nB='x\ny'\r\nC='x\r\ny'\nD=2",
    "line ends inside of a value only": "A='x\r\ny'",
    "byte order mark": "\ufeffA=1\n",
    "export": "export A=1\n  export\tB=2\n",
    "blanks": "A = 1  \n\tB=\t2\t\n",
    "comments": "# c\nA=1 # c\nB='x'# c\n  # c\n\nC=a#b\nD=#x\n",
    "empty": "A=\nB= \nC=  # c\nD=''\nE=",
    "quotes": 'A=\'it is\'\nB="say \\"x\\""\nC=`back\ntick`\n',
    "lines": 'A="one\n# two\n\nthree"\nB=x\n',
    "quoted key": "'A B'=1\n",
    "no value": "A\nexport B\nC=1\n",
    "shell words": 'A=a"b c"d $X ${Y}\n',
    "doubled": "A=1\nA=2\n",
    "backslashes": 'A=c:\\dir\nB=x\\\\\nC="a\\\\"\n',
    "nothing": "",
    "only comments": "# a\n\n",
    "not ascii": "Ä=é\u00a0x\u2028y\x85\n",
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_sealing_changes_nothing_else_and_comes_back(text):
    check_round_trip(text, "dotenv")


@pytest.mark.parametrize(
    ("text", "raw", "value"),
    [
        ("A=b", "b", "b"),
        ("A= b c ", "b c", "b c"),
        ("A=b # c", "b", "b"),
        ("A=b#c", "b#c", "b#c"),
        ("A=#b", "#b", "#b"),
        ("A= #b", "", ""),
        ("A='b # c' # d", "'b # c'", "b # c"),
        ("A='b'#d", "'b'", "b"),
        ("A='it\\'s \\n \\\\'", "'it\\'s \\n \\\\'", "it's \\n \\"),
        ('A="a\\n\\t\\"\\\\\\$x\\z"', '"a\\n\\t\\"\\\\\\$x\\z"', 'a\n\t"\\$x\\z'),
        ("A=`a\\n'\"`", "`a\\n'\"`", "a\\n'\""),
        ('A="a\r\nb"', '"a\r\nb"', "a\nb"),
        ("A=${B}", "${B}", "${B}"),
        ("A=1", "1", "1"),
    ],
)
def test_a_value_is_read_as_most_readers_do(text, raw, value):
    document = parse(text, "dotenv")
    assert places(text, "dotenv") == [("A", "scalar", raw)]
    assert document.value(document.fields[0]) == value
    assert document.data() == {"A": value}


def test_a_name_alone_is_no_value():
    assert places("A\nexport B # c\nC=1", "dotenv") == [("C", "scalar", "1")]


@pytest.mark.parametrize(
    ("line", "as_sealed"),
    [
        ("A=b c # d", f"A={TOKEN} # d"),
        ("A='b'# d", f"A='{TOKEN}'# d"),
        ('export A="b"', f'export A="{TOKEN}"'),
        ("A=`b`", f'A="{TOKEN}"'),
        ("A=  # d", f"A={TOKEN}  # d"),
    ],
)
def test_a_token_keeps_the_quotes_of_its_place(line, as_sealed):
    assert sealed(line, "dotenv")[0].text == as_sealed


REFUSED = {
    "open double quote": ('A=1\nB="x\nC=2', "not closed", 2),
    "open single quote": ("A='x", "not closed", 1),
    "open back quote": ("A=`x", "not closed", 1),
    "behind the quote": ('A="x" y', "behind the closing quote", 1),
    "joined quotes": ("A='it''s'", "behind the closing quote", 1),
    "swallowed line": ('A="c:\\"\nB="x"', "behind the closing quote", 2),
    "colon": ("A=1\nB: 2", "expected KEY=value", 2),
    "words": ("set -a", "expected KEY=value", 1),
    "blank in key": ("A B=1", "expected KEY=value", 1),
    "no name behind export": ("A=1\nexport =1", "behind export", 2),
    "no key": ("=1", "expected KEY=value", 1),
    "continued": ("A=b\\\nc\n", "backslash", 1),
    "continued in windows": ("A=b\\\r\nc\r\n", "backslash", 1),
    "carriage return": ("A=1\n\nB=x\ry", "carriage return", 3),
    "surrogate": ("A=\ud800", "surrogate", 1),
}


@pytest.mark.parametrize(("text", "message", "line"), REFUSED.values(), ids=REFUSED)
def test_what_readers_understand_differently_is_refused_with_its_line(text, message, line):
    refusal(text, "dotenv", message, line)


def test_doubled_names_are_listed():
    duplicates = parse("A=1\n\nB=2\nA=3\n", "dotenv").duplicates
    assert [(str(each.path), each.line) for each in duplicates] == [("A", 4)]


def test_limits_are_kept():
    with pytest.raises(LimitExceeded):
        parse("A=1\nB=1\nC=1\n", "dotenv", Limits(fields=2))


def test_line_ends_follow_the_file_while_a_value_is_sealed():
    document, payloads = sealed("A='x\ny'\nB=1\n", "dotenv")
    windows = parse(document.text.replace("\n", "\r\n"), "dotenv")
    assert windows.with_payloads(payloads) == "A='x\r\ny'\r\nB=1\r\n"
    document, payloads = sealed("A='x\r\ny'\r\n", "dotenv")
    assert payloads == {0: Payload("'x\ny'", has_file_line_ends=True).dump()}
    assert parse(document.text.replace("\r\n", "\n"), "dotenv").with_payloads(payloads) == "A='x\ny'\n"


def test_other_line_ends_than_those_of_the_file_are_kept_as_they_are():
    payloads = sealed("A='x\r\ny'\nB=1\n", "dotenv", {0})[1]
    assert payloads == {0: Payload("'x\r\ny'").dump()}


def test_quotes_added_or_taken_by_a_formatter_do_not_matter():
    document, payloads = sealed("A='x y'\nB=z\nC=\n", "dotenv")
    text = document.text.replace(f"'{TOKEN}'", TOKEN).replace(f"B={TOKEN}", f'B="{TOKEN}"')
    assert parse(text, "dotenv").with_payloads(payloads) == "A='x y'\nB=z\nC=\n"


@pytest.mark.parametrize(
    ("text", "slice"),
    [
        (f"A={TOKEN}", "x\nB=1"),
        (f"A={TOKEN}", "x # y"),
        (f"A={TOKEN}", " x"),
        (f"A={TOKEN}", "'x"),
        (f"A={TOKEN}", "x\\"),
        (f"A={TOKEN}", "x\ry"),
        (f"A= {TOKEN}", "#x"),
        (f"A='{TOKEN}'#c", "x"),
        (f"A='{TOKEN}'#c", ""),
    ],
)
def test_a_payload_that_would_not_read_back_here_is_refused(text, slice):
    with pytest.raises(DocumentRefused):
        parse(text, "dotenv").with_payloads({0: Payload(slice).dump()})


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("", ""),
        ("a-b_c/d:e@f=g", "a-b_c/d:e@f=g"),
        ("a b", "'a b'"),
        ("$x #y", "'$x #y'"),
        ("c:\\d", "'c:\\d'"),
        ('{"a": "b"}', '\'{"a": "b"}\''),
        ("it's", '"it\'s"'),
        ('it\'s "q" \\n', '"it\'s \\"q\\" \\\\n"'),
        ("a\\\\b", '"a\\\\\\\\b"'),
        ("one\ntwo\n", "'one\ntwo\n'"),
        ("a\rb", '"a\\rb"'),
        (True, "true"),
        (1.5, "1.5"),
    ],
)
def test_a_literal_is_spelled_for_all_readers(value, literal):
    assert parse("", "dotenv").literal(value, None) == literal


def test_a_literal_keeps_quotes_and_line_ends_of_its_place():
    document = parse("A=\"x\"\r\nB='x'\r\nC=x\r\n", "dotenv")
    assert [document.literal("y", field) for field in document.fields] == ['"y"', "'y'", "y"]
    assert document.literal("y\nz", None) == "'y\r\nz'"


@pytest.mark.parametrize(
    "value",
    [None, "\0", "\ud800", "it ends in \\", 10**5000],
    ids=["null", "nul", "surrogate", "backslash", "long"],
)
def test_a_value_that_readers_would_not_agree_on_is_refused(value):
    with pytest.raises(DocumentRefused):
        parse("", "dotenv").literal(value, None)


INSERTED = {
    "into nothing": ("", "N=v\n"),
    "at the end": ("A=1\n# c\n", "A=1\n# c\nN=v\n"),
    "no final newline": ("A=1", "A=1\nN=v"),
    "windows": ("A=1\r\n", "A=1\r\nN=v\r\n"),
    "all exported": ("export A=1\nexport B=2\n", "export A=1\nexport B=2\nexport N=v\n"),
    "one exported": ("export A=1\nB=2\n", "export A=1\nB=2\nN=v\n"),
    "spaced": ("A = 1\nB = 2\n", "A = 1\nB = 2\nN = v\n"),
}


@pytest.mark.parametrize(("text", "expected"), INSERTED.values(), ids=INSERTED)
def test_a_variable_is_inserted_at_the_end(text, expected):
    assert parse(text, "dotenv").inserted(FieldPattern.parse("N"), "v") == expected


@pytest.mark.parametrize(
    ("text", "where", "literal"),
    [
        ("A=1\n", "A", "v"),
        ("A=1\n", "B.c", "v"),
        ("A=1\n", '"B C"', "v"),
        ("A=1\n", "B", "v # c"),
        ("A=1\n", "B", "v\nC=1"),
        ("A=1\nA=1\n", "B", "v"),
    ],
)
def test_an_insertion_that_does_not_read_back_is_refused(text, where, literal):
    with pytest.raises(DocumentRefused):
        parse(text, "dotenv").inserted(FieldPattern.parse(where), literal)


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ("A=1\nB=2\n", 0, "B=2\n"),
        ("# c\nA='1\n2' # d\n\nB=2\n", 0, "# c\n\nB=2\n"),
        ("A=1\nB=2", 1, "A=1"),
        ("A=1\r\nB=2", 1, "A=1"),
        ("A=1", 0, ""),
        ("\ufeffA=1\n", 0, "\ufeff"),
        ("  export A=1\n", 0, ""),
    ],
)
def test_a_variable_is_removed_with_its_line(text, index, expected):
    assert parse(text, "dotenv").removed(index) == expected
