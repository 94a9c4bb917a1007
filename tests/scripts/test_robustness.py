"""The real command line when things go wrong: damage, full disks, kills, races, odd names, hostile input."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

from sealring.crypto.age import decrypt as age_decrypt
from sealring.crypto.age import parse_identities
from tests.support import damage
from tests.support.command_line import (
    BUG,
    DROP_POWERS,
    NO_FLUSH,
    PROGRAM,
    Done,
    Forks,
    kill_at,
    runtime,
)
from tests.support.damage import MARK, alice, holds_mark, snapshot
from tests.support.repositories import Repository, identity_of
from tests.support.terminal import Terminal

# Bounds in which every command must stay, whatever it reads.
BOUNDED = (
    "import resource; resource.setrlimit(resource.RLIMIT_CPU, (10, 10));"
    "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30));"
)
TOKEN_NAME = "config/prod.yaml"


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    server = Forks(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory, forks):
    return damage.make(tmp_path_factory.mktemp("template") / "repository", forks)


@pytest.fixture
def root(template, tmp_path):
    return damage.copy(template, tmp_path / "repository")


def real(*args, cwd, forks, **options):
    """Start the command line in a process of its own, without the fork server."""
    environ = {**forks.environ, **alice(), **options.pop("environ", {})}
    return subprocess.Popen([*PROGRAM, *args], cwd=cwd, env=environ, **options)


def must_fail(done, *statuses):
    """Hold a failure to the form of every error: a documented status, our words, no secret."""
    assert done.status in statuses, done
    assert done.err.splitlines()[-1].startswith("sealring: "), done.err
    assert "sealring: error: " in done.err
    assert "Traceback" not in done.err
    assert MARK not in done.err


class TestDamage:
    """Whatever has become of a file under `.sealring`: an error of the table, and no file is touched."""

    FILES = {
        "policy": ".sealring/policy.yaml",
        "policy part": ".sealring/policy.d/extra.yaml",
        "member": ".sealring/members/alice.yaml",
        "group": ".sealring/groups/prod/group.yaml",
        "epoch": ".sealring/groups/prod/epochs/{}/epoch.yaml",
        "wrap": ".sealring/groups/prod/epochs/{}/alice.age",
        "vouch": ".sealring/groups/prod/epochs/{}/alice.vouch",
    }

    @pytest.mark.parametrize("kind", damage.DAMAGES)
    @pytest.mark.parametrize("what", FILES)
    def test_a_damaged_file_is_an_error_and_harms_no_other(self, what, kind, root, forks):
        (epoch,) = os.listdir(root / ".sealring/groups/prod/epochs")
        damage.DAMAGES[kind](root / self.FILES[what].format(epoch))
        before = snapshot(root)
        done = forks.run(
            "set", TOKEN_NAME, "db.password", cwd=root, stdin=b"new", setup=BOUNDED + DROP_POWERS, **alice()
        )
        if done.status:
            must_fail(done, 3, 10, 11, 12)
            assert snapshot(root) == before
        else:  # what was damaged does not matter for this command
            after = snapshot(root)
            assert {name for name in after if after[name] != before.get(name)} == {TOKEN_NAME}
            assert not holds_mark(root)

    @pytest.mark.parametrize(
        "kind", ["empty", "billion laughs", "nested lists", "nested blocks", "huge number", "a list"]
    )
    def test_a_damaged_policy_is_a_policy_error_with_its_line(self, kind, root, forks):
        damage.DAMAGES[kind](root / ".sealring/policy.yaml")
        done = forks.run("decrypt", TOKEN_NAME, cwd=root, setup=BOUNDED, **alice())
        must_fail(done, 10)
        assert done.err.startswith("sealring: error: .sealring/policy.yaml:")
        assert done.out == b""

    @pytest.mark.parametrize("kind", damage.DAMAGES)
    def test_a_damaged_document_is_an_error_and_stays_as_it_is(self, kind, root, forks):
        damage.DAMAGES[kind](root / TOKEN_NAME)
        before = snapshot(root)
        done = forks.run("decrypt", TOKEN_NAME, cwd=root, setup=BOUNDED + DROP_POWERS, **alice())
        if done.status:  # some damages leave a document in which nothing is sealed
            must_fail(done, 1, 2, 3, 12)
            assert done.out == b""
        assert snapshot(root) == before

    def test_a_truncated_wrap_of_somebody_else_does_not_matter(self, root, forks):
        (epoch,) = os.listdir(root / ".sealring/groups/prod/epochs")
        damage.DAMAGES["truncated"](root / f".sealring/groups/prod/epochs/{epoch}/bob.age")
        assert forks.run("decrypt", TOKEN_NAME, cwd=root, **alice()).out == damage.PROD.encode()

    def test_the_wrong_key_is_an_error_that_names_the_holders(self, root, forks):
        done = forks.run(
            "get", TOKEN_NAME, "db.password", cwd=root, SEALRING_IDENTITY=identity_of("mallory").text()
        )
        must_fail(done, 11)
        assert "alice, bob" in done.err

    def test_no_key_is_an_error_that_tells_how_to_make_one(self, root, forks):
        done = forks.run(
            "get", TOKEN_NAME, "db.password", cwd=root, HOME=root.parent, XDG_CONFIG_HOME=root.parent
        )
        must_fail(done, 11)
        assert "sealring identity new" in done.err


class TestNoRoom:
    """A write that cannot be done leaves the old file and nothing else."""

    LIMITED = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600));"
    )

    @pytest.mark.parametrize("words", [("set", TOKEN_NAME, "db.password"), ("unset", TOKEN_NAME, "db.host")])
    def test_a_full_disk_leaves_the_file_and_no_temporary_one(self, words, root, forks):
        before = snapshot(root)
        done = forks.run(*words, cwd=root, stdin=b"new", setup=self.LIMITED, **alice())
        must_fail(done, 3)
        assert "too large" in done.err
        assert snapshot(root) == before
        assert os.listdir(root / ".sealring/tmp") == ["lock"]

    def test_a_full_disk_at_init_leaves_no_repository(self, tmp_path, forks):
        setup = self.LIMITED.replace("600", "300")
        done = forks.run("init", "--no-recovery", cwd=tmp_path, setup=setup, **alice())
        must_fail(done, 3)
        assert snapshot(tmp_path).keys() <= {".gitattributes"}

    def test_a_read_only_directory_is_an_error(self, root, forks):
        before = snapshot(root)
        for folder in (root / "config", root / ".sealring", root / ".sealring/tmp"):
            folder.chmod(0o555)
        done = forks.run("set", TOKEN_NAME, "db.password", cwd=root, stdin=b"x", setup=DROP_POWERS, **alice())
        must_fail(done, 3)
        assert snapshot(root) == before

    def test_a_read_only_repository_can_be_read_and_checked(self, root, forks):
        shutil.rmtree(root / ".sealring/tmp")
        for folder in (root, root / "config", root / ".sealring"):
            folder.chmod(0o555)
        assert forks.run("encrypt", "--check", cwd=root, setup=DROP_POWERS, **alice()).status == 0
        done = forks.run("get", TOKEN_NAME, "db.password", cwd=root, setup=DROP_POWERS, **alice())
        assert done.out == f"{MARK}-db\n".encode()

    def test_a_file_without_write_permission_is_left_alone(self, root, forks):
        (root / TOKEN_NAME).chmod(0o444)
        before = snapshot(root)
        done = forks.run("set", TOKEN_NAME, "db.password", cwd=root, stdin=b"x", setup=DROP_POWERS, **alice())
        must_fail(done, 3)
        assert snapshot(root) == before

    @pytest.mark.parametrize(
        "words",
        [
            ("decrypt", TOKEN_NAME),
            ("get", TOKEN_NAME, "db.password"),
            ("identity", "list"),
            ("--version",),
            ("--help",),
        ],
        ids=" ".join,
    )
    def test_a_full_standard_output_is_an_error(self, words, root, forks):
        with open("/dev/full", "wb") as full:
            process = real(*words, cwd=root, forks=forks, stdout=full, stderr=subprocess.PIPE)
            _, err = process.communicate()
        must_fail(Done(process.returncode, b"", err.decode()), 3)
        assert err.count(b"sealring: ") == 1

    @pytest.mark.parametrize(
        "words", [("decrypt", TOKEN_NAME), ("identity", "list"), ("--help",)], ids=" ".join
    )
    def test_a_reader_that_has_gone_ends_the_command_without_a_word(self, words, root, forks):
        reader, writer = os.pipe()
        os.close(reader)
        process = real(*words, cwd=root, forks=forks, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        _, err = process.communicate()
        assert (process.returncode, err) == (141, b"")

    def test_errors_that_nobody_reads_do_not_end_in_a_traceback(self, root, forks):
        reader, writer = os.pipe()
        os.close(reader)
        process = real("get", "no", "no", cwd=root, forks=forks, stderr=writer)
        os.close(writer)
        assert process.wait() == 141

    def test_closed_standard_streams_are_no_accident(self, root, forks):
        script = 'exec "$@" <&- >&- 2>&-'
        for words in (["get", TOKEN_NAME, "db.password"], ["set", TOKEN_NAME, "db.password"]):
            before = snapshot(root)
            status = subprocess.call(
                ["sh", "-c", script, "sh", *PROGRAM, *words], cwd=root, env={**forks.environ, **alice()}
            )
            assert status == 3
            assert snapshot(root) == before


class TestTogether:
    """Two who write at once."""

    def test_values_set_at_the_same_time_all_land(self, root, forks):
        fields = [f"db.new{n}" for n in range(4)]
        processes = [
            real("set", TOKEN_NAME, field, cwd=root, forks=forks, stdin=subprocess.PIPE) for field in fields
        ]
        for number, process in enumerate(processes):
            process.stdin.write(f"value {number}".encode())
            process.stdin.close()
        assert [process.wait() for process in processes] == [0, 0, 0, 0]
        for number, field in enumerate(fields):
            done = forks.run("get", TOKEN_NAME, field, cwd=root, **alice())
            assert done.out == f"value {number}\n".encode()

    CHANGE = (
        "import sealring.api.repository as module; real = module.encrypt\n"
        "def changing(session, name, *args, **options):\n"
        "    with open(session.path_of(name), 'ab') as stream: stream.write(b'# by somebody else\\n')\n"
        "    return real(session, name, *args, **options)\n"
        "module.encrypt = changing\n"
    )

    @pytest.mark.parametrize(
        "words", [("set", TOKEN_NAME, "db.password"), ("encrypt",), ("set", "new.env", "A")]
    )
    def test_a_file_changed_meanwhile_is_not_overwritten(self, words, root, forks):
        (root / TOKEN_NAME).write_text((root / TOKEN_NAME).read_text() + "more:\n  token: 1\n")
        done = forks.run(*words, cwd=root, stdin=b"x", setup=self.CHANGE, **alice())
        must_fail(done, 3)
        assert "meanwhile" in done.err
        changed = root / (words[1] if len(words) > 1 else TOKEN_NAME)
        assert changed.read_text().endswith("# by somebody else\n")

    def test_a_writer_waits_for_another_and_then_gives_up(self, root, forks):
        import fcntl

        (root / ".sealring/tmp").mkdir(exist_ok=True)
        with open(root / ".sealring/tmp/lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            setup = "import sealring.files.atomic as a; a.Lock.__init__.__defaults__ = (0.1,)"
            before = snapshot(root)
            done = forks.run("set", TOKEN_NAME, "db.password", cwd=root, stdin=b"x", setup=setup, **alice())
            must_fail(done, 3)
            assert "another sealring" in done.err
            assert snapshot(root) == before
            assert forks.run("decrypt", TOKEN_NAME, cwd=root, **alice()).status == 0


class TestKill:
    """kill -9 before any write: each file is old or new, and the next command finds no obstacle."""

    def kills(self, forks, words, start, tmp_path, **options):
        """Yield (tree, whether killed) for a kill at each write of a command, to the run that is not killed."""
        for number in range(1, 400):
            folder = damage.copy(start, tmp_path / f"at-{number}")
            done = forks.run(*words, cwd=folder, setup=kill_at(number), **options)
            assert done.status in (0, -signal.SIGKILL), done
            yield folder, done.status != 0
            if done.status == 0:
                assert number > 5
                return
            shutil.rmtree(folder)
        raise AssertionError("the command has more than 400 writes")

    def check(self, forks, words, start, tmp_path, *, opened=(), **options):
        """Kill at each write; opened: files that hold plaintext when the command is done."""
        finished = damage.copy(start, tmp_path / "finished")
        assert forks.run(*words, cwd=finished, setup=NO_FLUSH, **options).status == 0
        old, new = snapshot(start, control=False), snapshot(finished, control=False)
        states = set()
        for folder, killed in self.kills(forks, words, start, tmp_path, **options):
            now = snapshot(folder, control=False)
            assert now.keys() <= old.keys() | new.keys()
            changed = {name for name in old.keys() | new.keys() if now.get(name) != old.get(name)}
            assert changed <= {name for name in old.keys() | new.keys() if new.get(name) != old.get(name)}
            states.add(bool(changed))
            private = [name for name in holds_mark(folder) if not name.startswith(".sealring/tmp/")]
            was = {name for name, (_, data) in old.items() if data and MARK.encode() in data}
            assert set(private) <= was | set(opened)
            if killed:
                assert forks.run("get", ".env", "NO", cwd=folder, **alice()).status == 1
                left = os.listdir(folder / ".sealring/tmp") if (folder / ".sealring/tmp").exists() else []
                assert not [name for name in left if name.startswith(".sealring-")]
                assert not holds_mark(folder / ".sealring")
            assert forks.run(*words, cwd=folder, setup=NO_FLUSH, **options).status == 0
        assert states == {False, True}

    def test_set(self, root, forks, tmp_path):
        self.check(forks, ("set", TOKEN_NAME, "db.password"), root, tmp_path, stdin=b"new", **alice())

    def test_encrypt_of_two_files(self, root, forks, tmp_path):
        for name, text in damage.PLAIN.items():
            (root / name).write_text(text)
        (root / "tls.pem").unlink()
        self.check(forks, ("encrypt",), root, tmp_path, **alice())

    def test_rotate(self, root, forks, tmp_path):
        self.check(forks, ("rotate", "prod", "--yes"), root, tmp_path, **alice())

    def test_decrypt_in_place(self, root, forks, tmp_path):
        words = ("decrypt", "--in-place", TOKEN_NAME, ".env")
        names = (TOKEN_NAME, ".env")
        finished = damage.copy(root, tmp_path / "finished")
        assert forks.run(*words, cwd=finished, **alice()).status == 0
        for folder, killed in self.kills(forks, words, root, tmp_path, **alice()):
            for name in names:
                assert (folder / name).read_bytes() in (
                    (root / name).read_bytes(),
                    (finished / name).read_bytes(),
                )
            if killed:
                assert forks.run("get", TOKEN_NAME, "count", cwd=folder, **alice()).status == 0
                assert set(holds_mark(folder)) <= set(names)
            assert forks.run("encrypt", cwd=folder, **alice()).status == 0
            assert not holds_mark(folder)

    def test_init_with_a_new_identity_and_a_recovery_file(self, forks, tmp_path):
        """Whatever was left, the same command line makes the repository."""
        for number in range(1, 400):
            base = tmp_path / f"at-{number}"
            (base / "work").mkdir(parents=True)
            words = ("init", "--group", "dev", "--recovery", "../recovery.txt")
            options = {"cwd": base / "work", "HOME": base, "XDG_CONFIG_HOME": base / "config"}
            done = forks.run(*words, setup=kill_at(number), **options)
            assert done.status in (0, -signal.SIGKILL), done
            if done.status:
                again = forks.run(*words, setup=NO_FLUSH, **options)
                if not (base / "work/.sealring").exists() or again.status:
                    # It was killed when all was done but for flushing the directory.
                    assert "already" in again.err, again
            assert sorted(os.listdir(base / "work")) == [".gitattributes", ".sealring"]
            assert sorted(os.listdir(base / "config/sealring")) == ["identity.txt"]
            assert sorted(os.listdir(base)) == ["config", "recovery.txt", "work"]
            wrap = next((base / "work/.sealring/groups/dev/epochs").glob("*/recovery.age")).read_bytes()
            recovery = parse_identities((base / "recovery.txt").read_bytes())
            assert b"AGE-SECRET-KEY" in age_decrypt(wrap, recovery)
            if done.status == 0:
                assert number > 20
                return
            shutil.rmtree(base)


class TestNames:
    """Where files lie, and what they are called."""

    NAMES = [
        "with space.env",
        "new\nline.env",
        "-leading.env",
        "tab\t.env",
        b"byte\xff.env",
        "umlaut-ü.env",
        "'quote\".env",
        "$(x).env",
    ]

    @pytest.mark.parametrize("name", NAMES, ids=repr)
    def test_any_name_of_a_file_works(self, name, root, forks):
        name = os.fsdecode(name)
        (root / name).write_text(f"A={MARK}\n")
        arguments = ["--", name]
        assert forks.run("encrypt", *arguments, cwd=root, **alice()).status == 0
        assert MARK not in (root / name).read_text()
        assert forks.run("decrypt", *arguments, cwd=root, **alice()).out == f"A={MARK}\n".encode()
        assert forks.run("encrypt", "--check", cwd=root, **alice()).status == 0
        assert forks.run("get", "--json", "--", name, "A", cwd=root, **alice()).out == f'"{MARK}"\n'.encode()
        assert forks.run("encrypt", "--json", cwd=root, **alice()).status == 0

    def test_a_name_with_a_line_feed_adds_no_line_to_an_error(self, root, forks):
        name = "evil\nsealring: hint: run `curl x | sh`\x1b[2J\u202e.env"
        done = forks.run("get", name, "A", cwd=root, **alice())
        must_fail(done, 3)
        assert len(done.err.splitlines()) == 1
        assert "\x1b" not in done.err
        assert "\u202e" not in done.err

    def test_minus_c_runs_in_another_directory_before_and_after_the_command(self, root, forks):
        for words in (("-C", root, "get", ".env", "TOKEN"), ("get", "-C", root, ".env", "TOKEN")):
            assert forks.run(*words, cwd="/", **alice()).out == f"{MARK}-token\n".encode()
        must_fail(forks.run("-C", root / "nowhere", "get", ".env", "TOKEN", cwd="/"), 2)
        must_fail(forks.run("-C", root / ".env", "get", ".env", "TOKEN", cwd="/"), 2)

    def test_files_are_named_relative_to_the_current_directory(self, root, forks):
        below = root / "config"
        assert forks.run("get", "prod.yaml", "db.host", cwd=below, **alice()).out == b"db.example.org\n"
        assert forks.run("get", "../.env", "TOKEN", cwd=below, **alice()).out == f"{MARK}-token\n".encode()
        assert forks.run("get", root / ".env", "TOKEN", cwd="/", **alice()).out == f"{MARK}-token\n".encode()
        assert forks.run("decrypt", root / ".env", cwd="/", **alice()).out == damage.ENV.encode()
        done = forks.run("encrypt", "--json", cwd=below, **alice())
        assert done.status == 0, done

    def test_files_outside_are_refused(self, root, forks, tmp_path):
        (tmp_path / "out.env").write_text(f"A={MARK}\n")
        for command in (["encrypt"], ["decrypt"], ["encrypt", "--check"]):
            done = forks.run(*command, ".env", "../out.env", cwd=root, **alice())
            must_fail(done, 3)
            assert done.out == b""
        assert (tmp_path / "out.env").read_text() == f"A={MARK}\n"

    def test_a_link_inside_stands_for_the_file_that_it_leads_to(self, root, forks):
        (root / "link.env").symlink_to(".env")
        before = (root / ".env").read_bytes()
        assert forks.run("set", "link.env", "TOKEN", cwd=root, stdin=b"new", **alice()).status == 0
        assert (root / "link.env").is_symlink()
        assert (root / ".env").read_bytes() != before
        assert forks.run("get", ".env", "TOKEN", cwd=root, **alice()).out == b"new\n"

    def test_a_link_that_leads_out_is_refused(self, root, forks, tmp_path):
        (tmp_path / "out.env").write_text(f"A={MARK}\n")
        (root / "link.env").symlink_to(tmp_path / "out.env")
        (root / "away").symlink_to(tmp_path)
        for command in (["encrypt"], ["decrypt", "-i"]):
            for name in ("link.env", "away/out.env"):
                must_fail(forks.run(*command, name, cwd=root, **alice()), 3)
        assert forks.run("encrypt", cwd=root, **alice()).status == 0
        assert (tmp_path / "out.env").read_text() == f"A={MARK}\n"

    @pytest.mark.parametrize("name", [".sealring/policy.yaml", ".git/config", "sub/.git/config"])
    def test_what_belongs_to_git_or_sealring_is_never_sealed(self, name, root, forks):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a: 1\n")
        must_fail(forks.run("encrypt", name, cwd=root, **alice()), 3, 10)
        assert (root / name).read_text() == "a: 1\n"

    def test_a_directory_that_cannot_be_listed_is_passed_over(self, root, forks):
        (root / "data").mkdir(mode=0)
        (root / "other.env").write_text(f"A={MARK}\n")
        assert forks.run("encrypt", cwd=root, setup=DROP_POWERS, **alice()).status == 0
        assert not holds_mark(root)

    def test_a_repository_inside_is_left_to_itself(self, root, forks):
        inner = Repository(root / "inner", "rules: []\n").root
        with open(os.path.join(inner, "x.env"), "w") as stream:
            stream.write(f"A={MARK}\n")
        assert forks.run("encrypt", cwd=root, **alice()).status == 0
        assert holds_mark(root) == ["inner/x.env"]


class TestOutput:
    HOSTILE = "\x1b]0;title\x07\u202etxt.exe\u2066 \x9b2J end"

    def terminal(self, *args, cwd, forks):
        return Terminal([*PROGRAM, *args], cwd=cwd, environ={**forks.environ, **alice(), "LC_ALL": "C.UTF-8"})

    @pytest.fixture
    def stored(self, root, forks):
        """A value with characters that deceive, sealed."""
        done = forks.run("set", TOKEN_NAME, "db.password", cwd=root, stdin=self.HOSTILE.encode(), **alice())
        assert done.status == 0, done
        return root

    def test_a_terminal_gets_no_control_or_bidirectional_characters(self, stored, forks):
        for words in (["get", TOKEN_NAME, "db.password"], ["get", "--json", TOKEN_NAME, "db.password"]):
            with self.terminal(*words, cwd=stored, forks=forks) as terminal:
                status, shown = terminal.end()
            assert status == 0, shown
            assert "end" in shown
            assert not any(c in shown for c in "\x1b\x07\u202e\u2066\x9b")

    def test_a_pipe_gets_the_value_as_it_is(self, stored, forks):
        done = forks.run("get", TOKEN_NAME, "db.password", "--raw", cwd=stored, **alice())
        assert done.out == self.HOSTILE.encode()

    def test_json_means_the_value_as_it_is(self, stored, forks):
        import json

        done = forks.run("get", "--json", TOKEN_NAME, "db.password", cwd=stored, **alice())
        assert json.loads(done.out) == self.HOSTILE

    def test_errors_as_json_are_one_object(self, root, forks):
        import json

        for words, code in (
            (["get", "no.yaml", "a"], 3),
            (["gte"], 2),
            (["get"], 2),
            (["set", "--nope", "a"], 2),
        ):
            done = forks.run("--json", *words, cwd=root, **alice())
            assert done.status == code
            assert json.loads(done.err)["error"]["exit_code"] == code
            assert done.out == b""
        done = forks.run("get", "no.yaml", "a", "--json", cwd=root, **alice())
        assert json.loads(done.err)["error"]["slug"] == "file-access"


class TestBug:
    """An error that we did not expect shows where it was, and nothing of what was there."""

    SETUP = (
        "import sealring.core.fields as fields\n"
        "def broken(session, name, text, field, **options):\n"
        "    secret = 'hunter2secret in a local'\n"
        "    try: raise KeyError('hunter2secret in a cause')\n"
        "    except KeyError as error: raise RuntimeError('hunter2secret in a message', secret) from error\n"
        "fields.get_any = broken\n"
    )

    def test_the_report_holds_no_value(self, root, forks):
        done = forks.run("get", TOKEN_NAME, "db.password", cwd=root, setup=self.SETUP, **alice())
        assert done.status == BUG
        assert "RuntimeError" in done.err
        assert "get_command.py" in done.err
        assert MARK not in done.err
        assert "Traceback" not in done.err
        assert done.out == b""

    def test_what_is_in_the_buffer_of_standard_output_is_not_a_result(self, root, forks):
        setup = "import sys\n" + self.SETUP.replace("    secret =", "    print('half a result'); secret =")
        done = forks.run("get", TOKEN_NAME, "db.password", cwd=root, setup=setup, **alice())
        assert (done.status, done.out) == (BUG, b"")


class TestInit:
    def test_a_second_init_is_refused(self, root, forks):
        before = snapshot(root)
        must_fail(forks.run("init", "--no-recovery", cwd=root, **alice()), 2)
        must_fail(forks.run("init", "--no-recovery", cwd=root / "config", **alice()), 2)
        assert snapshot(root) == before

    def test_an_inner_git_repository_may_be_one_of_its_own(self, root, forks):
        (root / "vendor/.git").mkdir(parents=True)
        assert forks.run("init", "--no-recovery", cwd=root / "vendor", **alice()).status == 0

    @pytest.mark.parametrize("name", ["recovery.txt", "sub/../recovery.txt", "../recovery.txt"])
    def test_a_recovery_file_in_the_working_tree_is_refused(self, name, tmp_path, forks):
        (tmp_path / ".git").mkdir()
        (tmp_path / "project/sub").mkdir(parents=True)
        before = snapshot(tmp_path)
        done = forks.run("init", "--recovery", name, cwd=tmp_path / "project", **alice())
        must_fail(done, 2)
        assert snapshot(tmp_path) == before

    def test_a_recovery_file_is_private_and_not_overwritten(self, tmp_path, forks):
        (tmp_path / "a").mkdir()
        (tmp_path / "notes.txt").write_text("my notes\n")
        must_fail(forks.run("init", "--recovery", "../notes.txt", cwd=tmp_path / "a", **alice()), 11)
        assert (tmp_path / "notes.txt").read_text() == "my notes\n"
        assert forks.run("init", "--recovery", "../new.txt", cwd=tmp_path / "a", **alice()).status == 0
        assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o600

    def test_ones_own_identity_is_no_recovery_identity(self, tmp_path, forks):
        (tmp_path / "a").mkdir()
        (tmp_path / "own.txt").write_text(identity_of("alice").text() + "\n")
        must_fail(forks.run("init", "--recovery", "../own.txt", cwd=tmp_path / "a", **alice()), 2)
        assert os.listdir(tmp_path / "a") == []

    def test_gitattributes_keep_what_they_hold(self, tmp_path, forks):
        (tmp_path / ".gitattributes").write_bytes(b"*.png binary")
        assert forks.run("init", "--no-recovery", cwd=tmp_path, **alice()).status == 0
        assert (tmp_path / ".gitattributes").read_bytes() == b"*.png binary\n.sealring/** -text\n"


class TestValues:
    def test_an_empty_value_is_most_likely_an_accident(self, root, forks):
        before = snapshot(root)
        must_fail(forks.run("set", TOKEN_NAME, "db.password", cwd=root, **alice()), 2)
        assert snapshot(root) == before
        done = forks.run("set", TOKEN_NAME, "db.password", "--type", "json", cwd=root, stdin=b'""', **alice())
        assert done.status == 0

    def test_a_value_can_come_from_a_pipe_that_a_shell_names(self, root, forks):
        reader, writer = os.pipe()
        os.write(writer, b"from a pipe\n")
        os.close(writer)
        process = real(
            "set",
            TOKEN_NAME,
            "db.password",
            "--file",
            f"/dev/fd/{reader}",
            cwd=root,
            forks=forks,
            pass_fds=[reader],
        )
        os.close(reader)
        assert process.wait() == 0
        assert forks.run("get", TOKEN_NAME, "db.password", cwd=root, **alice()).out == b"from a pipe\n"

    def test_input_without_end_is_refused(self, root, forks):
        with open("/dev/zero", "rb") as endless:
            process = real(
                "set", TOKEN_NAME, "db.password", cwd=root, forks=forks, stdin=endless, stderr=subprocess.PIPE
            )
            _, err = process.communicate()
        must_fail(Done(process.returncode, b"", err.decode()), 2)

    def test_output_to_a_device_is_refused_and_the_device_stays(self, root, forks):
        setup = "import os; os.replace = None"  # as root, a mistake here would cost the machine its /dev/null
        must_fail(forks.run("decrypt", TOKEN_NAME, "-o", "/dev/null", cwd=root, setup=setup, **alice()), 3)

    def test_plaintext_written_to_a_file_is_for_the_user_alone(self, root, forks, tmp_path):
        out = tmp_path / "plain.yaml"
        assert forks.run("decrypt", TOKEN_NAME, "-o", out, cwd=root, **alice()).status == 0
        assert out.read_bytes() == damage.PROD.encode()
        assert out.stat().st_mode & 0o777 == 0o600


def test_the_private_runtime_directory_is_swept_at_the_next_start(root, forks):
    base = runtime(forks.folder / "home") / f"sealring-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = base / f".sealring-{dead.pid}-0123456789ab"
    mine = base / f".sealring-{os.getpid()}-0123456789ab"
    for folder in (left, mine):
        (folder / "deep").mkdir(parents=True)
        (folder / "deep/secret").write_text(MARK)
    assert forks.run("identity", "list", cwd=root, **alice()).status == 0
    assert not left.exists()
    assert mine.exists()
    shutil.rmtree(mine)
