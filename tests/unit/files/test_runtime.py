"""The private directory: where it lies, and that nothing of it is left."""

from __future__ import annotations

import os

import pytest

from sealring.errors import FileAccess
from sealring.files.runtime import PrivateDir, runtime_dir, sweep_runtime


def test_it_lies_in_the_users_runtime_directory(tmp_path):
    assert runtime_dir({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"{tmp_path}/sealring-{os.getuid()}"


@pytest.mark.parametrize("value", ["", "relative", "/no/such/directory"])
def test_a_setting_that_leads_nowhere_is_passed_over(value):
    assert not runtime_dir({"XDG_RUNTIME_DIR": value}).startswith(value or "relative")
    assert os.path.isdir(os.path.dirname(runtime_dir({"XDG_RUNTIME_DIR": value})))


def test_it_is_private_and_gone_afterwards(tmp_path):
    with PrivateDir({"XDG_RUNTIME_DIR": str(tmp_path)}) as private:
        assert os.stat(private.path).st_mode & 0o777 == 0o700
        assert os.stat(os.path.dirname(private.path)).st_mode & 0o777 == 0o700
        os.makedirs(os.path.join(private.path, "deep"))
        sweep_runtime({"XDG_RUNTIME_DIR": str(tmp_path)})
        assert os.path.isdir(private.path)
    assert not os.path.exists(private.path)


def test_it_is_gone_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), PrivateDir({"XDG_RUNTIME_DIR": str(tmp_path)}) as private:
        raise ZeroDivisionError
    assert not os.path.exists(private.path)


def test_a_link_that_somebody_put_in_its_place_is_refused(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / f"sealring-{os.getuid()}").symlink_to("target")
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    sweep_runtime(environ)
    with pytest.raises(FileAccess), PrivateDir(environ):
        pass
    assert os.listdir(tmp_path / "target") == []
