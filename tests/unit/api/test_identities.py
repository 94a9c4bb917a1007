"""Where identities are looked for, in which order, and what is refused on the way."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from sealring.api import identities
from sealring.api.identities import config_dir, find, read_file, without_identities
from sealring.crypto.age import ScryptRecipient, encrypt, generate_x25519
from sealring.errors import IdentityRefused, NoIdentity

PASSPHRASE = "throw away"


@pytest.fixture
def made():
    """Five identities, by name."""
    return {name: generate_x25519() for name in ("inline", "file", "command", "own", "other")}


@pytest.fixture
def home(tmp_path):
    """A home with nothing in it, as an environment."""
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config"), "PATH": os.environ["PATH"]}


def write(path, identity, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# a comment\n{identity.text()}\n")
    path.chmod(mode)
    return path


def own_file(tmp_path):
    return tmp_path / ".config/sealring/identity.txt"


def ssh_key(tmp_path, kind="ed25519", passphrase="", **form):
    file = tmp_path / f".ssh/id_{kind}"
    file.parent.mkdir(exist_ok=True)
    size = ["-b", "2048"] if kind == "rsa" else []
    words = ["ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "test", "-f", str(file)]
    subprocess.run([*words, *form.get("more", ())], check=True)
    return file


def texts(found):
    return [entry.identity.recipient().text for entry in found]


class TestOrder:
    def test_named_sources_come_in_order_and_alone(self, made, home, tmp_path):
        write(own_file(tmp_path), made["own"])
        ssh_key(tmp_path)
        file = write(tmp_path / "file.txt", made["file"])
        script = shlex.join([sys.executable, "-c", f"print({made['command'].text()!r})"])
        environ = {
            **home,
            "SEALRING_IDENTITY_CMD": script,
            "SEALRING_IDENTITY_FILE": str(file),
            "SEALRING_IDENTITY": made["inline"].text(),
        }
        assert texts(find(environ)) == [made[name].recipient().text for name in ("inline", "file", "command")]
        assert [entry.source for entry in find(environ)] == [
            "$SEALRING_IDENTITY",
            str(file),
            "$SEALRING_IDENTITY_CMD",
        ]
        for name in ("inline", "file", "command"):
            variable = {
                "inline": "SEALRING_IDENTITY",
                "file": "SEALRING_IDENTITY_FILE",
                "command": "SEALRING_IDENTITY_CMD",
            }[name]
            assert texts(find({**home, variable: environ[variable]})) == [made[name].recipient().text]

    def test_without_them_the_users_own_file_comes_before_ssh_keys(self, made, home, tmp_path):
        assert find(home) == []
        ssh_key(tmp_path, "rsa")
        ssh_key(tmp_path)
        write(own_file(tmp_path), made["own"])
        found = find(home)
        assert [os.path.basename(entry.source) for entry in found] == ["identity.txt", "id_ed25519", "id_rsa"]

    def test_an_empty_variable_counts_as_not_set(self, made, home, tmp_path):
        write(own_file(tmp_path), made["own"])
        assert texts(find({**home, "SEALRING_IDENTITY": ""})) == [made["own"].recipient().text]

    def test_a_file_may_hold_several(self, made, home, tmp_path):
        file = tmp_path / "both.txt"
        file.write_text(f"{made['own'].text()}\n{made['other'].text()}\n")
        found = find({**home, "SEALRING_IDENTITY_FILE": str(file)})
        assert texts(found) == [made["own"].recipient().text, made["other"].recipient().text]

    def test_the_configuration_directory_follows_its_variable(self, home, tmp_path):
        assert config_dir(home) == str(tmp_path / ".config/sealring")
        assert config_dir({**home, "XDG_CONFIG_HOME": "/etc/xdg"}) == "/etc/xdg/sealring"


class TestRefused:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"# only a comment\n",
            b"age1notasecret\n",
            b"\xff\xfe",
            b"\0" * 100,
            b"AGE-SECRET-KEY-1XXXX\n",
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
            b"x" * 2_000_000,
        ],
        ids=["empty", "comment", "recipient", "binary", "nul", "malformed", "truncated", "huge"],
    )
    @pytest.mark.parametrize("place", ["named", "own"])
    def test_what_is_no_identity(self, content, place, home, tmp_path):
        file = tmp_path / "named.txt" if place == "named" else own_file(tmp_path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o600)
        environ = {**home, "SEALRING_IDENTITY_FILE": str(file)} if place == "named" else home
        with pytest.raises(NoIdentity if content[:1] != b"x" else Exception) as caught:
            find(environ)
        assert caught.value.file == str(file)
        assert "XXXX" not in str(caught.value)

    @pytest.mark.parametrize("place", ["named", "own"])
    @pytest.mark.parametrize("damage", ["directory", "dangling link", "link to a device without end", "pipe"])
    def test_what_is_no_file(self, damage, place, home, tmp_path):
        file = tmp_path / "named.txt" if place == "named" else own_file(tmp_path)
        file.parent.mkdir(parents=True, exist_ok=True)
        if damage == "directory":
            file.mkdir()
        elif damage == "pipe":
            if place == "named":
                file = tmp_path / "missing.txt"  # a named pipe is read, see below
            else:
                os.mkfifo(file, 0o600)
        else:
            file.symlink_to("/dev/zero" if "device" in damage else "nowhere")
        environ = {**home, "SEALRING_IDENTITY_FILE": str(file)} if place == "named" else home
        with pytest.raises(IdentityRefused) as caught:
            find(environ)
        assert caught.value.file == str(file)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610])
    def test_the_users_own_file_when_others_may_use_it(self, mode, made, home, tmp_path):
        write(own_file(tmp_path), made["own"], mode)
        with pytest.raises(IdentityRefused, match="open to other users"):
            find(home)

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
    def test_but_not_when_it_is_closed_to_them(self, mode, made, home, tmp_path):
        write(own_file(tmp_path), made["own"], mode)
        assert len(find(home)) == 1

    def test_nor_a_named_one_as_ci_systems_mount_them_open(self, made, home, tmp_path):
        file = write(tmp_path / "mounted.txt", made["file"], 0o644)
        assert len(find({**home, "SEALRING_IDENTITY_FILE": str(file)})) == 1

    def test_an_ssh_key_that_cannot_be_used_is_passed_over(self, made, home, tmp_path):
        write(own_file(tmp_path), made["own"])
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh/id_ed25519").write_text("damaged\n")
        (tmp_path / ".ssh/id_rsa").mkdir()
        assert texts(find(home)) == [made["own"].recipient().text]


class TestCommand:
    def command(self, home, *words):
        return find({**home, "SEALRING_IDENTITY_CMD": shlex.join(words)})

    def test_a_command_that_hangs_is_given_up(self, home, monkeypatch):
        monkeypatch.setattr(identities, "COMMAND_TIMEOUT_S", 0.1)
        with pytest.raises(IdentityRefused, match="no answer"):
            self.command(home, "sleep", "60")

    def test_a_command_that_fails_is_refused_whatever_it_printed(self, home, made):
        with pytest.raises(IdentityRefused, match="status 3") as caught:
            self.command(home, "sh", "-c", f"echo {made['command'].text()}; exit 3")
        assert "AGE-SECRET" not in str(caught.value)

    @pytest.mark.parametrize("command", ["/no/such/program", "'", " ", "/etc/passwd"])
    def test_a_command_that_cannot_be_run(self, command, home):
        with pytest.raises(IdentityRefused):
            find({**home, "SEALRING_IDENTITY_CMD": command})

    @pytest.mark.parametrize("output", ["", "nonsense"])
    def test_a_command_that_prints_no_identity(self, output, home):
        with pytest.raises(IdentityRefused) as caught:
            self.command(home, "echo", output)
        assert caught.value.file == "$SEALRING_IDENTITY_CMD"

    def test_it_has_no_input_and_sees_no_identity(self, home, made):
        script = f'test -z "$(cat)" && ! env | grep -q SEALRING_IDENTITY && echo {made["command"].text()}'
        assert len(self.command(home, "sh", "-c", script)) == 1

    def test_its_words_are_not_given_to_a_shell(self, home, tmp_path):
        with pytest.raises(IdentityRefused):
            find({**home, "SEALRING_IDENTITY_CMD": f"echo x; touch {tmp_path}/made"})
        assert not (tmp_path / "made").exists()


class TestPassphrase:
    @pytest.fixture
    def protected(self, made, home, tmp_path):
        plain = f"{made['own'].text()}\n".encode()
        recipient = ScryptRecipient.from_passphrase(PASSPHRASE, work_factor=4)
        own_file(tmp_path).parent.mkdir(parents=True)
        own_file(tmp_path).write_bytes(encrypt(plain, [recipient], armored=True))
        own_file(tmp_path).chmod(0o600)
        return home

    def test_it_is_asked_for_by_the_name_of_the_file(self, protected, made, tmp_path):
        asked = []

        def ask(source):
            asked.append(source)
            return PASSPHRASE

        assert texts(find(protected, ask)) == [made["own"].recipient().text]
        assert asked == [str(own_file(tmp_path))]

    def test_a_wrong_one_and_nobody_to_ask_are_refused(self, protected):
        with pytest.raises(IdentityRefused, match="does not open"):
            find(protected, lambda source: "wrong")
        with pytest.raises(IdentityRefused, match="nobody is there"):
            find(protected)

    def test_a_protected_ssh_key_is_asked_for_only_when_it_is_needed(self, home, tmp_path):
        file = ssh_key(tmp_path, passphrase=PASSPHRASE)
        asked = []
        (found,) = find(home, lambda source: asked.append(source) or PASSPHRASE)
        assert asked == []
        stanzas = found.identity.recipient().wrap(b"k" * 16)
        assert found.identity.unwrap(stanzas) == b"k" * 16
        assert asked == [str(file)]

    def test_a_protected_ssh_key_is_passed_over_where_nobody_can_be_asked(self, home, tmp_path):
        ssh_key(tmp_path, passphrase=PASSPHRASE)
        assert find(home) == []


def test_a_pipe_can_be_named(made, home):
    reader, writer = os.pipe()
    os.write(writer, made["file"].text().encode())
    os.close(writer)
    assert len(find({**home, "SEALRING_IDENTITY_FILE": f"/dev/fd/{reader}"})) == 1
    os.close(reader)


def test_a_named_file_is_read_on_its_own(made, tmp_path):
    file = write(tmp_path / "recovery.txt", made["other"])
    assert texts(read_file(str(file))) == [made["other"].recipient().text]
    with pytest.raises(IdentityRefused):
        read_file(str(tmp_path / "missing"))


def test_programs_get_no_variable_that_holds_or_leads_to_an_identity():
    environ = {
        "A": "1",
        "SEALRING_EDITOR": "vi",
        **dict.fromkeys(identities.VARIABLES, "x"),
        "SEALRING_IDENTITY_X": "y",
    }
    assert without_identities(environ) == {"A": "1", "SEALRING_EDITOR": "vi"}
