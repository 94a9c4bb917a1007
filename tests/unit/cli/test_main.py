"""The entry: exit statuses, usage errors, and the terminal where passphrases and secrets are typed."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from tests.support.command_line import PROGRAM, Forks, environment
from tests.support.damage import alice
from tests.support.repositories import Repository, identity_of
from tests.support.terminal import Terminal

from sealring.cli.main import SECTIONS
from sealring.crypto.age import ScryptRecipient, encrypt

PASSPHRASE = "throw away"


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    server = Forks(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()


class TestUsage:
    def test_without_arguments_help_is_shown_and_the_status_is_2(self, forks, tmp_path):
        done = forks.run(cwd=tmp_path)
        assert (done.status, done.out) == (2, b"")
        for command in ("init", "encrypt", "rotate"):
            assert f"\n  {command} " in done.err

    @pytest.mark.parametrize("group", ["identity", "member", "group"])
    def test_a_command_group_alone_shows_its_help(self, group, forks, tmp_path):
        done = forks.run(group, cwd=tmp_path)
        assert (done.status, done.out) == (2, b"")
        assert done.err.startswith(f"Usage: sealring {group}")

    def test_help_and_version_are_results(self, forks, tmp_path):
        import sealring

        assert forks.run("--version", cwd=tmp_path).out == f"sealring {sealring.__version__}\n".encode()
        for words in (["--help"], ["-h"], ["get", "--help"]):
            done = forks.run(*words, cwd=tmp_path)
            assert (done.status, done.err) == (0, "")
            assert done.out.startswith(b"Usage: sealring")

    def test_a_command_that_does_not_exist_is_an_error_with_a_suggestion(self, forks, tmp_path):
        done = forks.run("ecnrypt", cwd=tmp_path)
        assert done.status == 2
        assert "did you mean `sealring encrypt`?" in done.err

    @pytest.mark.parametrize(
        "words",
        [["get"], ["get", "--nope"], ["--nope"], ["get", "a", "b", "c"], ["set", "a", "b", "--type", "x"]],
        ids=" ".join,
    )
    def test_a_wrong_command_line_has_the_form_of_every_error(self, words, forks, tmp_path):
        done = forks.run(*words, cwd=tmp_path)
        assert done.status == 2
        first = done.err.splitlines()[0]
        assert first.startswith("sealring: error: ")
        assert first[17].islower()
        assert not first.endswith(".")

    def test_json_is_heard_wherever_it_stands_but_not_behind_two_dashes(self, forks, tmp_path):
        for words in (["--json", "nope"], ["nope", "--json"]):
            assert json.loads(forks.run(*words, cwd=tmp_path).err)["error"]["slug"] == "usage"
        assert forks.run("nope", "--", "--json", cwd=tmp_path).err.startswith("sealring: ")

    def test_every_command_of_the_help_exists(self, forks, tmp_path):
        for section in SECTIONS.values():
            for command in section:
                assert forks.run(command, "--help", cwd=tmp_path).status == 0, command

    def test_a_current_directory_that_is_gone_is_an_error(self, forks, tmp_path):
        (tmp_path / "gone").mkdir()
        setup = f"import os; os.rmdir({str(tmp_path / 'gone')!r})"
        done = forks.run("get", "a.env", "A", cwd=tmp_path / "gone", setup=setup)
        assert done.status == 3
        assert "sealring: error: " in done.err

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            ("KeyboardInterrupt", 130),
            ("MemoryError", 3),
            ("OSError(5, 'Input/output error')", 3),
            ("BrokenPipeError", 141),
        ],
    )
    def test_what_the_system_does_to_us_has_its_status(self, error, status, forks, tmp_path):
        setup = f"import sealring.api.identities as m\ndef find(*_): raise {error}\nm.find = find"
        done = forks.run("identity", "list", cwd=tmp_path, setup=setup)
        assert done.status == status
        assert "Traceback" not in done.err


class TestTerminal:
    """What is typed on a terminal is not shown, and asked for where input and output are pipes."""

    @pytest.fixture
    def root(self, tmp_path, forks):
        root = tmp_path / "root"
        root.mkdir()
        Repository(root, 'rules:\n  - files: [".env"]\n    group: dev\n', groups={"dev": ("alice",)})
        (root / ".env").write_text("A=value\n")
        assert forks.run("encrypt", cwd=root, **alice()).status == 0
        return root

    @pytest.fixture
    def protected(self, tmp_path):
        """The identity of alice, behind a passphrase, as the user's own file."""
        environ = environment(tmp_path / "home")
        folder = tmp_path / "home/.config/sealring"
        folder.mkdir(parents=True)
        recipient = ScryptRecipient.from_passphrase(PASSPHRASE, work_factor=4)
        text = f"{identity_of('alice').text()}\n".encode()
        (folder / "identity.txt").write_bytes(encrypt(text, [recipient], armored=True))
        (folder / "identity.txt").chmod(0o600)
        return environ

    def terminal(self, root, environ, *words, **options):
        return Terminal([*PROGRAM, *words], cwd=root, environ=environ, **options)

    def test_the_passphrase_of_an_identity_file_is_asked_for(self, root, protected):
        with self.terminal(root, protected, "get", ".env", "A") as terminal:
            terminal.expect("identity.txt:")
            terminal.send(f"{PASSPHRASE}\n")
            status, shown = terminal.end()
        assert status == 0
        assert shown.splitlines()[-1] == "value"
        assert PASSPHRASE not in shown

    def test_also_when_output_goes_into_pipes(self, root, protected):
        with self.terminal(root, protected, "get", ".env", "A", pipes=True) as terminal:
            terminal.expect("identity.txt:")
            terminal.send(f"{PASSPHRASE}\n")
            out, err = terminal.process.communicate(timeout=30)
        assert (out, err) == (b"value\n", b"")

    def test_a_wrong_passphrase_is_an_error(self, root, protected):
        with self.terminal(root, protected, "get", ".env", "A") as terminal:
            terminal.expect("identity.txt:")
            terminal.send("not this one\n")
            status, shown = terminal.end()
        assert status == 11
        assert "the passphrase does not open" in shown
        assert "not this one" not in shown

    def test_without_a_terminal_it_is_an_error_at_once(self, root, protected, forks):
        environ = {
            name: value
            for name, value in protected.items()
            if name not in forks.environ or name in ("HOME", "XDG_CONFIG_HOME")
        }
        done = forks.run("get", ".env", "A", cwd=root, **environ)
        assert done.status == 11
        assert "nobody is there to ask" in done.err

    def test_the_passphrase_of_an_ssh_key_is_asked_for(self, root, tmp_path, forks):
        environ = environment(tmp_path / "home")
        key = tmp_path / "home/.ssh/id_ed25519"
        key.parent.mkdir()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", str(key)], check=True)
        own = tmp_path / "own"
        own.mkdir()
        options = {"cwd": own, "SEALRING_IDENTITY_FILE": None}
        homes = {"HOME": environ["HOME"], "XDG_CONFIG_HOME": environ["XDG_CONFIG_HOME"]}
        with self.terminal(own, environ, "init", "--no-recovery") as terminal:
            assert terminal.end()[0] == 0
        with (own / ".sealring/policy.yaml").open("a") as policy:
            policy.write("  - files: [.env]\n    group: dev\n")
        (own / ".env").write_text("A=value\n")
        assert forks.run("encrypt", **options, **homes).status == 11
        with self.terminal(own, environ, "encrypt") as terminal:
            terminal.expect("id_ed25519:")
            terminal.send(f"{PASSPHRASE}\n")
            status, shown = terminal.end()
        assert status == 0, shown
        assert PASSPHRASE not in shown
        with self.terminal(own, environ, "get", ".env", "A") as terminal:
            terminal.expect("id_ed25519:")
            terminal.send("not this one\n")
            status, shown = terminal.end()
        assert status == 11, shown
        assert "does not open with this passphrase" in shown
        assert "not this one" not in shown

    def test_a_value_is_typed_twice_and_not_shown(self, root, forks):
        environ = {**forks.environ, **alice()}
        with self.terminal(root, environ, "set", ".env", "A") as terminal:
            terminal.expect("New value of A:")
            terminal.send("typed\n")
            terminal.expect("Again:")
            terminal.send("typed\n")
            status, shown = terminal.end()
        assert status == 0
        assert "typed" not in shown
        assert forks.run("get", ".env", "A", cwd=root, **alice()).out == b"typed\n"

    def test_two_values_that_differ_are_not_taken(self, root, forks):
        before = (root / ".env").read_bytes()
        with self.terminal(root, {**forks.environ, **alice()}, "set", ".env", "A") as terminal:
            terminal.expect("New value of A:")
            terminal.send("one\n")
            terminal.expect("Again:")
            terminal.send("two\n")
            status, _ = terminal.end()
        assert status == 2
        assert (root / ".env").read_bytes() == before

    def test_an_interrupt_while_a_value_is_typed_writes_nothing(self, root, forks):
        before = (root / ".env").read_bytes()
        with self.terminal(root, {**forks.environ, **alice()}, "set", ".env", "A") as terminal:
            terminal.expect("New value of A:")
            terminal.send("half\x03")
            status, shown = terminal.end()
        assert status == 130
        assert "half" not in shown
        assert (root / ".env").read_bytes() == before
        assert os.listdir(root / ".sealring/tmp") == ["lock"]
