"""`sealring run`, in processes of its own: what the command gets, and what it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.support.command_line import PROGRAM, Forks, runtime
from tests.support.damage import MARK, alice
from tests.support.repositories import Repository

SHOW = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
RULES = """rules:
  - files: ["*.env"]
    group: dev
  - files: ["*.yaml"]
    fields: ["**.password", "**.token"]
    group: dev
  - files: ["*.pem"]
    group: dev
"""
APP = f"""db:
  host: localhost
  password: {MARK}
  port: 5432
features: [true, null]
env:
  - name: API
    token: "t-{MARK}"
"9lives": cat
"""
# No descriptors in memory, as on systems other than Linux.
NO_MEMORY = "import os; del os.memfd_create"


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    server = Forks(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory, forks):
    root = tmp_path_factory.mktemp("repository")
    Repository(root, RULES, groups={"dev": ("alice",)})
    files = {
        "app.yaml": APP,
        "one.env": f"A=one\nB={MARK}\n",
        "two.env": "B=two\nC=three\nlower=x\n",
        "open.env.yaml": "path: /evil\nld_preload: /evil.so\n",
        "key.pem": f"-----BEGIN-----\n{MARK}\n-----END-----\n",
    }
    for name, text in files.items():
        (root / name).write_text(text)
    done = forks.run("encrypt", cwd=root, **alice())
    assert done.status == 0, done
    return root


@pytest.fixture
def environ(forks):
    return {**forks.environ, **alice()}


def shown(forks, root, *words, **environ):
    """Return the environment that the command sees."""
    import json

    done = forks.run("run", *words, "--", *SHOW, cwd=root, **alice(), **environ)
    assert done.status == 0, done
    return json.loads(done.out)


class TestEnvironment:
    def test_names_are_flattened(self, root, forks):
        seen = shown(forks, root, "-f", "app.yaml")
        wanted = {
            "DB_HOST": "localhost",
            "DB_PASSWORD": MARK,
            "DB_PORT": "5432",
            "FEATURES_0": "true",
            "FEATURES_1": "",
            "ENV_API_TOKEN": f"t-{MARK}",
            "ENV_API_NAME": "API",
            "_9LIVES": "cat",
        }
        assert {name: seen.get(name) for name in wanted} == wanted

    def test_names_of_dotenv_files_stay_as_they_are(self, root, forks):
        seen = shown(forks, root, "-f", "two.env")
        assert (seen["lower"], seen["C"]) == ("x", "three")

    def test_only_takes_what_is_named_and_what_is_below(self, root, forks):
        seen = shown(forks, root, "-f", "app.yaml", "--only", "db")
        assert "DB_PASSWORD" in seen
        assert "ENV_API_TOKEN" not in seen

    def test_prefix_stands_in_front(self, root, forks):
        seen = shown(forks, root, "-f", "one.env", "--prefix", "APP_")
        assert seen["APP_B"] == MARK
        assert "B" not in seen

    def test_the_later_file_wins(self, root, forks):
        assert shown(forks, root, "-f", "one.env", "-f", "two.env")["B"] == "two"
        assert shown(forks, root, "-f", "two.env", "-f", "one.env")["B"] == MARK

    def test_the_real_environment_wins_unless_told_otherwise(self, root, forks):
        assert shown(forks, root, "-f", "two.env", B="real")["B"] == "real"
        assert shown(forks, root, "-f", "two.env", "--override", B="real")["B"] == "two"

    def test_an_empty_variable_counts_as_set(self, root, forks):
        assert shown(forks, root, "-f", "two.env", B="")["B"] == ""

    def test_the_command_does_not_see_the_identity(self, root, forks):
        seen = shown(forks, root, "-f", "two.env", SEALRING_IDENTITY_FILE="", SEALRING_IDENTITY_EXTRA="x")
        assert not [name for name in seen if name.startswith("SEALRING_IDENTITY")]

    @pytest.mark.parametrize("field", ["path", "ld_preload"])
    def test_a_plain_field_sets_no_variable_by_which_programs_load_code(self, field, root, forks):
        words = ["-f", "open.env.yaml", "--only", field]
        done = forks.run("run", *words, "--override", "--", *SHOW, cwd=root, **alice())
        assert (done.status, done.out) == (10, b"")
        assert f"would set {field.upper()}" in done.err
        assert shown(forks, root, *words, "--prefix", "X_")[f"X_{field.upper()}"].startswith("/evil")

    def test_no_secret_is_in_the_arguments_of_the_command(self, root, forks):
        script = "import sys; print(open('/proc/self/cmdline').read())"
        done = forks.run("run", "-f", "one.env", "--", sys.executable, "-c", script, cwd=root, **alice())
        assert MARK not in done.out.decode()

    def test_values_beyond_what_an_environment_holds_are_an_error(self, root, forks, tmp_path):
        repository = Repository(tmp_path, RULES, groups={"dev": ("alice",)})
        with open(repository.path("big.env"), "w") as stream:
            stream.write(f"BIG={MARK * 20_000}\n")
        assert forks.run("encrypt", cwd=tmp_path, **alice()).status == 0
        done = forks.run("run", "-f", "big.env", "--", "true", cwd=tmp_path, **alice())
        assert done.status == 2
        assert "--as-file" in done.err
        assert MARK not in done.err


class TestCommand:
    @pytest.mark.parametrize("code", [0, 1, 3, 42, 255])
    def test_the_exit_status_is_passed_on(self, code, root, forks):
        for setup, extra in (("", []), (NO_MEMORY, ["--as-file", "KEY=key.pem"])):
            words = ["run", "-f", "one.env", *extra, "--", "sh", "-c", f"exit {code}"]
            assert forks.run(*words, cwd=root, setup=setup, **alice()).status == code

    def test_options_of_the_command_are_its_own(self, root, forks):
        done = forks.run("run", "-f", "one.env", "--", "echo", "--json", "-f", "-C", "x", cwd=root, **alice())
        assert done.out == b"--json -f -C x\n"
        done = forks.run("run", "-f", "one.env", "echo", "-n", "--help", cwd=root, **alice())
        assert done.out == b"--help"

    @pytest.mark.parametrize(
        "words", [["no-such-program"], ["/etc/passwd"], ["/"], ["/no/where"], [""]], ids=repr
    )
    def test_a_command_that_cannot_be_run_is_an_error(self, words, root, forks):
        for setup, extra in (("", []), (NO_MEMORY, ["--as-file", "KEY=key.pem"])):
            done = forks.run("run", "-f", "one.env", *extra, "--", *words, cwd=root, setup=setup, **alice())
            assert done.status == 2
            assert "cannot run" in done.err
            assert "Traceback" not in done.err

    def test_it_takes_a_file_and_a_command(self, root, forks):
        assert forks.run("run", "--", "true", cwd=root, **alice()).status == 2
        assert forks.run("run", "-f", "one.env", cwd=root, **alice()).status == 2
        assert forks.run("run", "--as-file", "nothing", "--", "true", cwd=root, **alice()).status == 2

    def test_standard_input_is_passed_through(self, root, forks):
        for setup, extra in (("", []), (NO_MEMORY, ["--as-file", "KEY=key.pem"])):
            words = ["run", "-f", "one.env", *extra, "--", "cat"]
            assert forks.run(*words, cwd=root, stdin=b"a\0b\xff", setup=setup, **alice()).out == b"a\0b\xff"

    def test_nothing_runs_when_a_value_does_not_open(self, root, forks, tmp_path):
        done = forks.run(
            "run",
            "-f",
            "one.env",
            "--",
            "touch",
            tmp_path / "ran",
            cwd=root,
            HOME=tmp_path,
            XDG_CONFIG_HOME=tmp_path,
        )
        assert done.status == 11
        assert not (tmp_path / "ran").exists()

    def test_signals_that_python_ignores_are_normal_for_the_command(self, root, forks):
        script = "grep SigIgn /proc/self/status"
        done = forks.run("run", "-f", "one.env", "--", "sh", "-c", script, cwd=root, **alice())
        ignored = int(done.out.split()[1], 16)
        assert not ignored & (1 << (signal.SIGPIPE - 1))

    @pytest.mark.parametrize("as_child", [False, True])
    def test_the_limit_on_core_dumps_is_that_we_were_started_with(self, as_child, root, forks):
        setup = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (4096, 8192));"
        extra = ["--as-file", "KEY=key.pem"] if as_child else []
        script = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
        words = ["run", "-f", "one.env", *extra, "--", sys.executable, "-c", script]
        done = forks.run(*words, cwd=root, setup=setup + (NO_MEMORY if as_child else ""), **alice())
        assert done.out == b"(4096, 8192)\n"

    def test_sealring_itself_dumps_no_core(self, root, forks):
        setup = (
            "import resource; resource.setrlimit(resource.RLIMIT_CORE, (4096, 8192))\n"
            "import sealring.core.fields as fields\n"
            "fields.get_any = lambda *a, **k: str(resource.getrlimit(resource.RLIMIT_CORE))\n"
        )
        assert forks.run("get", "one.env", "A", cwd=root, setup=setup, **alice()).out == b"(0, 8192)\n"

    def test_a_signal_ends_the_command_as_if_it_had_been_started_alone(self, root, environ):
        words = ["run", "-f", "one.env", "--", "sh", "-c", "echo ready; exec sleep 60"]
        with subprocess.Popen([*PROGRAM, *words], cwd=root, env=environ, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait() == -signal.SIGTERM


class TestFiles:
    KEY = f"-----BEGIN-----\n{MARK}\n-----END-----\n".encode()

    def run(self, forks, root, script, setup="", **more):
        words = ["run", "--as-file", "KEY=key.pem", "--", sys.executable, "-c", script]
        return forks.run(*words, cwd=root, setup=setup, **alice(), **more)

    @pytest.mark.parametrize("setup", ["", NO_MEMORY], ids=["in memory", "on disk"])
    def test_the_command_reads_the_plaintext(self, setup, root, forks):
        script = "import os, sys; sys.stdout.write(open(os.environ['KEY']).read() * 2 + open(os.environ['KEY']).read())"
        assert self.run(forks, root, script, setup).out == self.KEY * 3

    @pytest.mark.parametrize("setup", ["", NO_MEMORY], ids=["in memory", "on disk"])
    def test_a_program_that_the_command_starts_reads_it_too(self, setup, root, forks):
        """Also one that inherits no descriptors."""
        script = (
            "import os, subprocess; subprocess.run(['cat', os.environ['KEY']], close_fds=True, check=True)"
        )
        assert self.run(forks, root, script, setup).out == self.KEY

    @pytest.mark.parametrize("setup", ["", NO_MEMORY], ids=["in memory", "on disk"])
    def test_nobody_can_write_it(self, setup, root, forks):
        script = (
            "import os, sys\n"
            "from tests.support.command_line import drop_powers; drop_powers()\n"
            "try:\n"
            "    with open(os.environ['KEY'], 'r+b', buffering=0) as f: f.write(b'x'); f.truncate(0)\n"
            "except OSError: pass\n"
            "sys.stdout.write(open(os.environ['KEY']).read())\n"
        )
        assert self.run(forks, root, script, setup).out == self.KEY

    def test_the_plaintext_is_in_no_directory(self, root, forks):
        script = "import os; print(os.readlink(os.environ['KEY']))"
        assert self.run(forks, root, script).out.startswith(b"/memfd:sealring")

    def test_where_it_must_be_in_a_directory_that_is_private_and_gone_afterwards(self, root, forks):
        script = (
            "import os; f = os.environ['KEY']; d = os.path.dirname(f)\n"
            "print(f, *(oct(os.stat(p).st_mode & 0o777) for p in (f, d, os.path.dirname(d))))\n"
        )
        file, *modes = self.run(forks, root, script, NO_MEMORY).out.decode().split()
        assert modes == ["0o400", "0o700", "0o700"]
        assert file.startswith(str(runtime(forks.folder / "home")))
        assert not os.path.exists(os.path.dirname(file))

    @pytest.mark.parametrize(
        "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGQUIT]
    )
    def test_as_a_parent_signals_are_passed_on_and_the_file_is_removed(self, number, root, environ):
        start = f"{NO_MEMORY}\nfrom sealring.cli.main import entry; entry()"
        script = "echo $KEY; exec sleep 60"
        words = ["run", "--as-file", "KEY=key.pem", "--", "sh", "-c", script]
        command = [sys.executable, "-c", start, *words]
        with subprocess.Popen(
            command,
            cwd=root,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            file = process.stdout.readline().decode().strip()
            assert os.path.exists(file)
            process.send_signal(number)
            assert process.wait() == 128 + number
        assert not os.path.exists(os.path.dirname(file))

    def test_a_killed_parent_leaves_a_file_that_the_next_start_removes(self, root, forks, environ):
        start = f"{NO_MEMORY}\nfrom sealring.cli.main import entry; entry()"
        words = ["run", "--as-file", "KEY=key.pem", "--", "sh", "-c", "echo $KEY; echo $$; exec sleep 60"]
        with subprocess.Popen(
            [sys.executable, "-c", start, *words], cwd=root, env=environ, stdout=subprocess.PIPE
        ) as process:
            file = process.stdout.readline().decode().strip()
            child = int(process.stdout.readline())
            process.kill()
            process.wait()
            os.kill(child, signal.SIGKILL)
        assert os.path.exists(file)
        assert forks.run("identity", "list", cwd=root, **alice()).status == 0
        assert not os.path.exists(os.path.dirname(file))
