"""Files are written whole or not at all, and one process writes at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from sealring.errors import FileAccess, FileChanged, SealringError
from sealring.files import atomic
from sealring.files.atomic import (
    Lock,
    make_private_dir,
    private_name,
    read_bytes,
    remove_tree,
    sweep,
    write_atomic,
)


@pytest.fixture
def dead():
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


class TestRead:
    def test_a_file_at_the_limit_is_read_and_one_above_is_refused(self, tmp_path):
        (tmp_path / "f").write_bytes(b"12345")
        assert read_bytes(str(tmp_path / "f"), limit=5) == b"12345"
        with pytest.raises(FileAccess, match="larger than 4 bytes"):
            read_bytes(str(tmp_path / "f"), limit=4)

    def test_only_regular_files_are_read(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to("/dev/zero")
        for name in ("pipe", "link"):
            with pytest.raises(FileAccess, match="not a regular file"):
                read_bytes(str(tmp_path / name))
        for name in ("", "missing"):
            with pytest.raises(FileAccess, match="cannot read"):
                read_bytes(str(tmp_path / name))

    def test_a_pipe_is_read_where_the_caller_wants_it_but_no_directory(self, tmp_path):
        reader, writer = os.pipe()
        os.write(writer, b"from a pipe")
        os.close(writer)
        assert read_bytes(f"/dev/fd/{reader}", pipes=True) == b"from a pipe"
        os.close(reader)
        with pytest.raises(FileAccess):
            read_bytes(str(tmp_path), pipes=True)

    def test_messages_name_the_file_as_the_caller_shows_it(self, tmp_path):
        with pytest.raises(FileAccess) as caught:
            read_bytes(str(tmp_path / "missing"), shown="config/prod.yaml")
        assert str(caught.value).startswith("config/prod.yaml: ")


class TestWrite:
    def test_content_mode_and_owner_of_the_old_file_stay(self, tmp_path):
        file = tmp_path / "f"
        file.write_bytes(b"old")
        file.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(file, 65534, 65534)
        before = file.stat()
        write_atomic(str(file), b"new")
        after = file.stat()
        assert file.read_bytes() == b"new"
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)

    def test_a_new_file_takes_what_the_umask_leaves(self, tmp_path):
        before = os.umask(0o027)
        try:
            write_atomic(str(tmp_path / "f"), b"x")
            write_atomic(str(tmp_path / "g"), b"x", mode=0o644)
        finally:
            os.umask(before)
        assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "g").stat().st_mode & 0o777 == 0o644

    def test_a_link_stays_and_its_target_is_written(self, tmp_path):
        (tmp_path / "link").symlink_to("target")
        write_atomic(str(tmp_path / "link"), b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_bytes() == b"new"

    def test_what_the_caller_did_not_read_is_not_overwritten(self, tmp_path):
        file = tmp_path / "f"
        file.write_bytes(b"theirs")
        with pytest.raises(FileChanged):
            write_atomic(str(file), b"ours", expected=b"old")
        assert file.read_bytes() == b"theirs"
        file.unlink()
        with pytest.raises(FileAccess):
            write_atomic(str(file), b"ours", expected=b"old")
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
    def test_a_failure_at_any_step_leaves_the_old_file_alone(self, call, tmp_path, monkeypatch):
        (tmp_path / "f").write_bytes(b"old")
        (tmp_path / "tmp").mkdir()

        def fail(*_args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, call, fail)
        with pytest.raises(FileAccess, match="no space left on device"):
            write_atomic(str(tmp_path / "f"), b"new", temp_dir=str(tmp_path / "tmp"))
        assert (tmp_path / "f").read_bytes() == b"old"
        assert os.listdir(tmp_path / "tmp") == []

    def test_the_content_is_on_disk_before_it_takes_the_files_place(self, tmp_path, monkeypatch):
        calls = []
        for name in ("fsync", "replace"):
            real = getattr(os, name)
            monkeypatch.setattr(os, name, lambda *a, real=real, name=name: (calls.append(name), real(*a))[1])
        write_atomic(str(tmp_path / "f"), b"new")
        assert calls == ["fsync", "replace", "fsync"]

    def test_an_unflushed_directory_is_no_failure_as_the_file_is_written(self, tmp_path, monkeypatch):
        real = os.fsync

        def only_files(descriptor):
            if os.path.isdir(f"/proc/self/fd/{descriptor}"):
                raise OSError(22, "Invalid argument")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", only_files)
        write_atomic(str(tmp_path / "f"), b"new")
        assert (tmp_path / "f").read_bytes() == b"new"

    def test_a_rename_across_file_systems_falls_back_to_the_directory_itself(self, tmp_path, monkeypatch):
        (tmp_path / "tmp").mkdir()
        real = os.replace

        def no_crossing(source, target):
            if os.path.dirname(source) != os.path.dirname(target):
                raise OSError(18, "Invalid cross-device link")
            real(source, target)

        monkeypatch.setattr(os, "replace", no_crossing)
        write_atomic(str(tmp_path / "f"), b"new", temp_dir=str(tmp_path / "tmp"))
        assert (tmp_path / "f").read_bytes() == b"new"
        assert (sorted(os.listdir(tmp_path)), os.listdir(tmp_path / "tmp")) == (["f", "tmp"], [])

    def test_what_a_killed_writer_left_beside_the_file_is_swept(self, tmp_path, dead):
        (tmp_path / f".sealring-{dead}-0123456789ab").write_bytes(b"secret")
        write_atomic(str(tmp_path / "f"), b"new")
        assert os.listdir(tmp_path) == ["f"]

    @pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["directory", "pipe"])
    def test_only_a_regular_file_is_replaced(self, make, tmp_path):
        make(tmp_path / "f")
        before = (tmp_path / "f").lstat()
        with pytest.raises(FileAccess, match="not a regular file"):
            write_atomic(str(tmp_path / "f"), b"new")
        assert (tmp_path / "f").lstat() == before


class TestPrivate:
    def test_a_directory_is_closed_to_others_even_if_it_was_open(self, tmp_path):
        (tmp_path / "d").mkdir(mode=0o755)
        make_private_dir(str(tmp_path / "d"))
        assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700

    def test_a_link_or_a_file_in_its_place_is_refused(self, tmp_path):
        (tmp_path / "target").mkdir()
        (tmp_path / "link").symlink_to("target")
        (tmp_path / "file").write_text("")
        for name in ("link", "file"):
            with pytest.raises(FileAccess):
                make_private_dir(str(tmp_path / name))

    def test_only_entries_of_processes_that_have_ended_are_swept(self, tmp_path, dead):
        kept = [
            private_name(),
            f".sealring-{os.getppid()}-0123456789ab",
            f".sealring-{dead}-notes",
            f".sealring-{dead}-0123456789abc",
            f".sealring-{dead}",
            f"sealring-{dead}-0123456789ab",
            ".sealring-x-0123456789ab",
            ".sealring-99999999999999999999-0123456789ab",
            "lock",
        ]
        for name in kept:
            (tmp_path / name).write_text("")
        (tmp_path / f".sealring-{dead}-0123456789ab/deep").mkdir(parents=True)
        sweep(str(tmp_path))
        assert sorted(os.listdir(tmp_path)) == sorted(kept)

    def test_removing_a_tree_follows_no_links(self, tmp_path):
        (tmp_path / "precious").mkdir()
        (tmp_path / "precious/file").write_text("")
        (tmp_path / "tree/deep").mkdir(parents=True)
        (tmp_path / "tree/deep/link").symlink_to(tmp_path / "precious")
        (tmp_path / "tree/file").symlink_to(tmp_path / "precious/file")
        remove_tree(str(tmp_path / "tree"))
        assert not (tmp_path / "tree").exists()
        assert (tmp_path / "precious/file").exists()

    def test_sweeping_what_is_not_there_is_no_error(self, tmp_path):
        sweep(str(tmp_path / "missing"))


class TestLock:
    def test_a_second_writer_waits_for_the_first(self, tmp_path):
        order = []

        def second():
            with Lock(str(tmp_path)):
                order.append("second")

        with Lock(str(tmp_path)):
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(0.1)
            order.append("first")
        thread.join()
        assert order == ["first", "second"]

    def test_it_gives_up_with_an_error(self, tmp_path):
        with (
            Lock(str(tmp_path)),
            pytest.raises(SealringError, match="another sealring"),
            Lock(str(tmp_path), 0.05),
        ):
            raise AssertionError("two hold the lock")

    def test_it_is_let_go_of_after_an_error(self, tmp_path):
        with pytest.raises(ZeroDivisionError), Lock(str(tmp_path)):
            raise ZeroDivisionError
        with Lock(str(tmp_path), 0.0):
            pass

    def test_a_file_system_without_locks_is_told_at_once(self, tmp_path, monkeypatch):
        import fcntl

        def none(*_args):
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(fcntl, "flock", none)
        with pytest.raises(FileAccess, match="not supported"), Lock(str(tmp_path)):
            pass

    def test_a_link_in_the_place_of_the_lock_is_not_followed(self, tmp_path):
        (tmp_path / "tmp").mkdir()
        (tmp_path / "tmp/lock").symlink_to(tmp_path / "made")
        with pytest.raises(FileAccess), Lock(str(tmp_path)):
            pass
        assert not (tmp_path / "made").exists()


def test_errors_of_the_system_hold_no_content():
    error = atomic.access_error("f", OSError(28, "No space left on device", "f"), "write")
    assert str(error) == "f: cannot write the file: no space left on device"
