"""`sealring edit` with editors that are scripts: what they do, and what is left afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.support import damage
from tests.support.command_line import NO_FLUSH, PROGRAM, Forks, kill_at, runtime
from tests.support.damage import MARK, alice, holds_mark, snapshot
from tests.support.terminal import Terminal

FILE = "config/prod.yaml"


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


@pytest.fixture
def editor(tmp_path):
    """Return a function that makes an editor from a shell script; `$1` is the file."""

    def make(script, name="editor"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nset -e\n{script}\n")
        program.chmod(0o755)
        return str(program)

    return make


def private(forks):
    """Return what lies in the private runtime directory."""
    base = runtime(forks.folder / "home") / f"sealring-{os.getuid()}"
    return os.listdir(base) if base.exists() else []


def edit(forks, root, program, file=FILE, **options):
    return forks.run("edit", file, cwd=root, EDITOR=program, **alice(), **options)


CHANGE = f"sed -i 's/{MARK}-db/other-{MARK}/' \"$1\""


def told(folder):
    """Return shell text by which an editor says which file it was given, and its process."""
    return f'echo "$1 $$" > {folder}/told.new; mv {folder}/told.new {folder}/told'


def heard(folder):
    """Wait for what an editor says; return the file and the process."""
    for _ in range(2000):
        if (folder / "told").exists():
            copy, process = (folder / "told").read_text().rsplit(" ", 1)
            return copy, int(process)
        time.sleep(0.01)
    raise AssertionError("the editor was not started")


class TestResult:
    def test_a_change_is_sealed_and_everything_else_keeps_its_bytes(self, root, forks, editor):
        before = (root / FILE).read_text().splitlines()
        done = edit(forks, root, editor(CHANGE))
        assert (done.status, done.out) == (0, b""), done
        after = (root / FILE).read_text().splitlines()
        assert [n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b] == [4]
        assert not holds_mark(root)
        wanted = damage.PROD.replace(f"{MARK}-db", f"other-{MARK}").encode()
        assert forks.run("decrypt", FILE, cwd=root, **alice()).out == wanted
        assert private(forks) == []

    def test_nothing_changed_writes_nothing(self, root, forks, editor):
        before = os.stat(root / FILE)
        done = edit(forks, root, editor('cat "$1" > /dev/null'))
        assert done.status == 0
        assert "not changed" in done.err
        assert os.stat(root / FILE) == before or os.stat(root / FILE).st_mtime_ns == before.st_mtime_ns
        assert private(forks) == []

    @pytest.mark.parametrize(
        ("script", "status"),
        [
            ("echo 'db: [' > \"$1\"", 3),
            ("printf '\\377' >> \"$1\"", 3),
            (f"echo 'x: {MARK}' >> \"$1\"; exit 7", 2),
            ("exit 1", 2),
            ("kill -9 $$", 2),
            ('rm "$1"', 3),
            ('rm "$1"; mkdir "$1"', 3),
        ],
    )
    def test_a_failure_leaves_the_file_and_nothing_else(self, script, status, root, forks, editor):
        before = snapshot(root)
        done = edit(forks, root, editor(script))
        assert done.status == status, done
        assert "sealring: error: " in done.err
        assert MARK not in done.err
        assert snapshot(root) == before
        assert private(forks) == []

    @pytest.mark.parametrize("program", ["/no/such/editor", "", "'", "/etc/passwd"])
    def test_an_editor_that_cannot_be_run_is_an_error(self, program, root, forks):
        before = snapshot(root)
        done = edit(forks, root, "false", SEALRING_EDITOR=program or "   ")
        assert done.status == 2, done
        assert snapshot(root) == before
        assert private(forks) == []

    def test_a_new_file_is_made(self, root, forks, editor):
        assert edit(forks, root, editor(f'echo A={MARK} > "$1"'), "new.env").status == 0
        assert forks.run("get", "new.env", "A", cwd=root, **alice()).out == f"{MARK}\n".encode()
        assert not holds_mark(root)

    def test_a_new_file_that_stays_empty_is_not_made(self, root, forks, editor):
        assert edit(forks, root, editor("true"), "new.env").status == 0
        assert not (root / "new.env").exists()

    def test_a_missing_directory_is_told_before_the_work(self, root, forks, editor, tmp_path):
        done = edit(forks, root, editor(f"touch {tmp_path}/ran"), "nowhere/new.env")
        assert done.status == 3
        assert not (tmp_path / "ran").exists()

    def test_an_edit_that_came_too_late_is_kept_sealed_beside_the_file(self, root, forks, editor):
        script = f"{CHANGE}; echo '# by somebody else' >> {root}/{FILE}"
        done = edit(forks, root, editor(script))
        assert done.status == 3
        assert (root / FILE).read_text().endswith("# by somebody else\n")
        (kept,) = [name for name in os.listdir(root / "config") if ".edited-" in name]
        assert kept in done.err
        assert not holds_mark(root)
        os.replace(root / "config" / kept, root / FILE)
        assert f"other-{MARK}".encode() in forks.run("decrypt", FILE, cwd=root, **alice()).out


class TestPrivacy:
    def test_the_editor_works_in_a_private_directory_and_sees_no_identity(
        self, root, forks, editor, tmp_path
    ):
        script = (
            f'stat -c %a "$1" "$(dirname "$1")" "$(dirname "$(dirname "$1")")" > {tmp_path}/seen\n'
            f"env | grep -c SEALRING_IDENTITY >> {tmp_path}/seen || true\n"
            f'basename "$1" >> {tmp_path}/seen\n'
            f"tr '\\0' '\\n' < /proc/$$/cmdline > {tmp_path}/cmdline\n"
            f"tr '\\0' '\\n' < /proc/$PPID/cmdline >> {tmp_path}/cmdline\n"
        )
        assert edit(forks, root, editor(script)).status == 0
        assert (tmp_path / "seen").read_text().split() == ["600", "700", "700", "0", "prod.yaml"]
        assert MARK not in (tmp_path / "cmdline").read_text()

    @pytest.mark.parametrize("variable", ["SEALRING_EDITOR", "VISUAL", "EDITOR"])
    def test_the_editor_is_looked_for_in_order(self, variable, root, forks, editor):
        names = ("SEALRING_EDITOR", "VISUAL", "EDITOR")
        chosen = dict.fromkeys(names[: names.index(variable)])
        chosen.update(dict.fromkeys(names[names.index(variable) + 1 :], "false"))
        chosen[variable] = editor("true")
        assert forks.run("edit", FILE, cwd=root, **alice(), **chosen).status == 0

    def test_words_of_the_editor_are_split_as_a_shell_does(self, root, forks, editor):
        program = editor('test "$1" = "a b"; test "$2" = -w; test -f "$3"', "my editor")
        assert edit(forks, root, f"'{program}' 'a b' -w").status == 0

    @pytest.mark.parametrize("name", ["vim", "nvim", "gvim", "vi"])
    def test_vim_keeps_no_copies(self, name, root, forks, editor, tmp_path):
        program = editor(f"printf '%s\\n' \"$@\" > {tmp_path}/args", "vim.basic" if name == "vi" else name)
        if name == "vi":
            os.symlink(program, tmp_path / "vi")
            program = tmp_path / "vi"
        assert edit(forks, root, program).status == 0
        args = (tmp_path / "args").read_text().splitlines()
        assert args[:3] == ["-n", "-i", "NONE"]
        assert "noundofile" in args[4]
        assert ("-f" in args) == (name == "gvim")

    def test_other_editors_get_no_options_of_vim(self, root, forks, editor, tmp_path):
        assert edit(forks, root, editor(f"echo $# > {tmp_path}/count", "nano")).status == 0
        assert (tmp_path / "count").read_text() == "1\n"


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_a_signal_ends_editor_and_sealring_and_leaves_nothing(
        self, number, root, forks, editor, tmp_path
    ):
        before = snapshot(root)
        program = editor(f"{CHANGE}; {told(tmp_path)}; exec sleep 60")
        environ = {**forks.environ, **alice(), "EDITOR": program}
        with subprocess.Popen(
            [*PROGRAM, "edit", FILE], cwd=root, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            copy, _editor_process = heard(tmp_path)
            assert os.path.exists(copy)
            process.send_signal(number)
            _, err = process.communicate()
            assert process.returncode == 2
        assert b"the file is as it was" in err
        assert not os.path.exists(os.path.dirname(copy))
        assert snapshot(root) == before

    def test_after_kill_9_the_next_start_removes_the_plaintext(self, root, forks, editor, tmp_path):
        before = snapshot(root)
        program = editor(f"{told(tmp_path)}; exec sleep 60")
        environ = {**forks.environ, **alice(), "EDITOR": program}
        with subprocess.Popen([*PROGRAM, "edit", FILE], cwd=root, env=environ) as process:
            copy, editor_process = heard(tmp_path)
            process.kill()
            process.wait()
        os.kill(editor_process, signal.SIGKILL)
        with open(copy) as stream:
            assert MARK in stream.read()
        assert forks.run("get", FILE, "count", cwd=root, **alice()).status == 0
        assert not os.path.exists(os.path.dirname(copy))
        assert snapshot(root) == before

    def test_kill_9_before_any_write(self, root, forks, editor, tmp_path):
        program = editor(CHANGE)
        old = (root / FILE).read_bytes()
        for number in range(1, 200):
            folder = damage.copy(root, tmp_path / f"at-{number}")
            done = edit(forks, folder, program, setup=kill_at(number))
            assert not holds_mark(folder)
            if done.status == 0:
                assert number > 10
                return
            assert done.status == -signal.SIGKILL
            again = edit(forks, folder, program, setup=NO_FLUSH)
            assert again.status == 0
            assert (folder / FILE).read_bytes() != old
            assert private(forks) == []
        raise AssertionError("more than 200 writes")


class TestTerminal:
    """What is wrong is shown, and the editor is opened again on the same text."""

    BREAK_THEN_MEND = 'if grep -q broken "$1"; then sed -i \'s/broken: \\[/mended: 1/\' "$1"; else echo \'broken: [\' >> "$1"; fi'

    def terminal(self, forks, root, program):
        environ = {**forks.environ, **alice(), "EDITOR": program}
        return Terminal([*PROGRAM, "edit", FILE], cwd=root, environ=environ)

    def test_a_mistake_can_be_mended(self, root, forks, editor):
        with self.terminal(forks, root, editor(self.BREAK_THEN_MEND)) as terminal:
            terminal.expect("Edit again? [Y/n]")
            terminal.send("\n")
            status, shown = terminal.end()
        assert status == 0, shown
        assert MARK not in shown
        done = forks.run("decrypt", FILE, cwd=root, **alice())
        assert done.out == damage.PROD.encode() + b"mended: 1\n"
        assert private(forks) == []

    def test_one_can_give_up(self, root, forks, editor):
        before = snapshot(root)
        with self.terminal(forks, root, editor(self.BREAK_THEN_MEND)) as terminal:
            terminal.expect("Edit again? [Y/n]")
            terminal.send("n\n")
            status, shown = terminal.end()
        assert status == 2
        assert "the file is as it was" in shown
        assert snapshot(root) == before
        assert private(forks) == []

    def test_an_interrupt_at_the_question_leaves_nothing(self, root, forks, editor):
        before = snapshot(root)
        with self.terminal(forks, root, editor(self.BREAK_THEN_MEND)) as terminal:
            terminal.expect("Edit again? [Y/n]")
            terminal.send("\x03")
            status, _ = terminal.end()
        assert status == 130
        assert snapshot(root) == before
        assert private(forks) == []

    def test_an_interrupt_in_the_editor_is_the_editors_own(self, root, forks, editor, tmp_path):
        program = editor(
            f"trap 'echo caught > {tmp_path}/caught; {CHANGE}; exit 0' INT\necho ready\nwhile :; do sleep 0.05; done"
        )
        with self.terminal(forks, root, program) as terminal:
            terminal.expect("ready")
            terminal.send("\x03")
            status, shown = terminal.end()
        assert status == 0, shown
        assert (tmp_path / "caught").exists()
        assert f"other-{MARK}".encode() in forks.run("decrypt", FILE, cwd=root, **alice()).out
