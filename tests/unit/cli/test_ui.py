"""What is printed: escaped where a terminal could be deceived, the form of messages, JSON."""

from __future__ import annotations

import io
import json

import pytest

from sealring.cli import ui as module
from sealring.cli.ui import Ui, error_data, escaped, line
from sealring.errors import PolicyError, SealringError, UsageError


class Stream(io.TextIOWrapper):
    """A stream in memory that may be a terminal."""

    def __init__(self, *, terminal=False, encoding="utf-8", errors="surrogateescape"):
        super().__init__(io.BytesIO(), encoding=encoding, errors=errors, newline="")
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    @property
    def shown(self):
        self.flush()
        return self.buffer.getvalue()


@pytest.fixture
def streams(monkeypatch):
    """Return a function that puts streams in place of standard output and error."""

    def put(**options):
        out, err = Stream(**options), Stream(**{**options, "errors": "backslashreplace"})
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        return out, err

    return put


HOSTILE = "a\x1b[2J\x07\x9b\u202eb\u2066\u200b\ufeff\x00\r\x7f"


class TestEscaped:
    @pytest.mark.parametrize("character", list(HOSTILE.replace("a", "").replace("b", "").replace("[2J", "")))
    def test_what_moves_hides_or_turns_text_is_spelled_out(self, character):
        assert escaped(f"x{character}y", Stream()) == f"x\\u{{{ord(character):x}}}y"

    @pytest.mark.parametrize("text", ["plain", "ünï 漢字 🔑", "a\tb", "two\nlines", "back\\slash"])
    def test_ordinary_text_stays(self, text):
        assert escaped(text, Stream()) == text

    def test_what_the_stream_cannot_show_is_spelled_out(self):
        assert escaped("ü漢", Stream(encoding="latin-1")) == "ü\\u6f22"
        assert escaped("\udcff", Stream()) == "\\u{dcff}"

    def test_a_line_stays_one_line(self, streams):
        streams()
        assert line("a\nsealring: hint: b") == "a\\nsealring: hint: b"


class TestResults:
    def test_a_pipe_gets_what_there_is_and_a_terminal_what_is_safe(self, streams):
        out, _ = streams()
        Ui().result(HOSTILE)
        assert out.shown == HOSTILE.encode() + b"\n"
        out, _ = streams(terminal=True)
        Ui().result(HOSTILE)
        assert b"\x1b" not in out.shown

    def test_bytes_go_through_a_pipe_unchanged(self, streams):
        out, _ = streams()
        Ui().result_bytes(b"\xff\x00\r\n")
        assert out.shown == b"\xff\x00\r\n"
        out, _ = streams(terminal=True)
        Ui().result_bytes(b"\xff\x1b")
        assert out.shown == b"\\xff\\u{1b}"

    def test_names_of_files_go_out_as_the_bytes_that_they_are(self, streams):
        out, _ = streams()
        Ui().result("\udcff.env")
        assert out.shown == b"\xff.env\n"

    def test_what_an_encoding_lacks_is_no_crash(self, streams):
        out, _ = streams(encoding="ascii")
        Ui().result("漢")
        Ui().result_json("漢")
        assert out.shown == b'\\u6f22\n"\\u6f22"\n'

    @pytest.mark.parametrize("terminal", [False, True])
    @pytest.mark.parametrize(
        "value", [HOSTILE, "\udcff", "ü漢🔑", {"\u202ekey": [HOSTILE, 1, None, True, 1.5]}, "\U000e0001"]
    )
    def test_json_is_safe_and_means_the_value(self, value, terminal, streams):
        out, _ = streams(terminal=terminal)
        Ui().result_json(value)
        text = out.shown.decode("utf-8")
        assert json.loads(text) == value
        assert not any(c in text for c in HOSTILE.replace("a", "").replace("b", "").replace("[2J", ""))

    def test_ordinary_letters_are_readable_in_json(self, streams):
        out, _ = streams()
        Ui().result_json({"straße": "漢"})
        assert "straße" in out.shown.decode()

    def test_a_table_is_aligned_and_has_no_blanks_at_line_ends(self, streams):
        out, _ = streams()
        Ui().table([["a", "long", ""], ["wide one", "b", "c"]])
        assert out.shown.decode() == "a         long\nwide one  b     c\n"
        Ui().table([])


class TestMessages:
    def test_an_error_has_its_form(self, streams):
        out, err = streams()
        Ui().error(PolicyError("it is wrong", file="p.yaml", line=3, notes=["n"], hints=["h1", "h2"]))
        assert err.shown.decode() == (
            "sealring: error: p.yaml:3: it is wrong\nsealring: note: n\nsealring: hint: h1\nsealring: hint: h2\n"
        )
        assert out.shown == b""

    def test_an_error_as_json_is_one_line(self, streams):
        _, err = streams()
        error = PolicyError("wrong", file="a\n\u202eb", line=3, notes=["n"])
        Ui(json=True).error(error)
        assert err.shown.count(b"\n") == 1
        assert json.loads(err.shown) == {"error": error_data(error)}

    def test_no_part_of_an_error_adds_a_line_or_a_control_character(self, streams):
        _, err = streams()
        evil = "x\nsealring: hint: y\x1b"
        Ui().error(SealringError(evil, file=evil, notes=[evil], hints=[evil]))
        Ui().warn(SealringError(evil, file=evil))
        Ui().note(evil)
        assert err.shown.count(b"\n") == 5
        assert b"\x1b" not in err.shown

    def test_quiet_drops_words_but_no_warnings_and_errors(self, streams):
        _, err = streams()
        ui = Ui(quiet=True)
        ui.say("said")
        ui.note("noted")
        ui.warn("warned")
        ui.error(SealringError("failed"))
        assert err.shown == b"sealring: warning: warned\nsealring: error: failed\n"


class TestQuestions:
    def test_nobody_there_is_no_consent(self, streams, monkeypatch):
        streams()
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        with pytest.raises(UsageError, match="nobody is there"):
            Ui().confirm("Really?", yes=False)
        Ui().confirm("Really?", yes=True)

    @pytest.mark.parametrize(
        ("answer", "agreed"), [("y\n", 1), ("YES\n", 1), ("n\n", 0), ("\n", 0), ("", 0), ("yup\n", 0)]
    )
    def test_only_yes_is_yes(self, answer, agreed, streams, monkeypatch):
        _, err = streams(terminal=True)
        stdin = Stream(terminal=True)
        stdin.buffer.write(answer.encode())
        stdin.buffer.seek(0)
        monkeypatch.setattr("sys.stdin", stdin)
        if agreed:
            Ui().confirm("Trust \x1b[2J?", yes=False)
        else:
            with pytest.raises(UsageError, match="not agreed"):
                Ui().confirm("Trust \x1b[2J?", yes=False)
        assert b"\x1b" not in err.shown

    @pytest.mark.parametrize("error", [EOFError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x")])
    def test_a_secret_that_cannot_be_read_is_an_error(self, error, monkeypatch, streams):
        def fail(_prompt):
            raise error

        streams()
        monkeypatch.setattr("getpass.getpass", fail)
        monkeypatch.setattr(module.Ui, "can_ask_secret", True)
        with pytest.raises(UsageError):
            Ui().ask_secret("Passphrase:")


def test_progress_yields_everything_and_shows_nothing_for_short_work(streams):
    _, err = streams(terminal=True)
    assert list(Ui().progress(["a", "b"], "encrypting")) == ["a", "b"]
    assert err.shown == b""
