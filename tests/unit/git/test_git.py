"""What git knows of files, whatever the user's settings are."""

from __future__ import annotations

import os
import subprocess

import pytest

from sealring.errors import GitError
from sealring.git.blobs import files_with_tokens, git_top, in_git, previous_version
from sealring.git.run import git, require_git


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository whose root lies below the top of the working tree."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "top/root/.sealring").mkdir(parents=True)
    run(tmp_path / "top", "init", "-q")
    return tmp_path / "top/root"


def run(folder, *words):
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], cwd=folder, check=True
    )


def commit(root):
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "x")


class TestPreviousVersion:
    @pytest.mark.parametrize(
        "name",
        [
            "a.env",
            "sub/a b.env",
            "-a.env",
            "new\nline",
            "umlaut-ü",
            "a:b",
            "@{1}",
            "*.env",
            os.fsdecode(b"\xff.env"),
        ],
    )
    def test_the_index_comes_before_the_last_commit(self, name, root):
        assert previous_version(str(root), name) is None
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"committed")
        commit(root)
        assert previous_version(str(root), name) == b"committed"
        (root / name).write_bytes(b"staged")
        run(root, "add", "-A")
        (root / name).write_bytes(b"now")
        assert previous_version(str(root), name) == b"staged"
        run(root, "rm", "-q", "-f", "--cached", "--", f":(literal){name}")
        assert previous_version(str(root), name) == b"committed"

    def test_there_is_none_without_git(self, root, tmp_path, monkeypatch):
        assert previous_version(str(tmp_path), "a") is None
        monkeypatch.setenv("PATH", str(tmp_path))
        assert previous_version(str(root), "a") is None


class TestFilesWithTokens:
    def test_tracked_and_new_files_are_found_and_ignored_ones_are_not(self, root):
        for name in ("a.env", "sub/b.env", "ignored.env", "new\nline ü", ".sealring/x"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text("A=ENC[sr1,...]\n")
        (root / "plain").write_text("A=1\n")
        (root / ".gitignore").write_text("ignored.env\n")
        (root.parent / "outside.env").write_text("A=ENC[sr1,...]\n")
        assert sorted(files_with_tokens(str(root))) == ["a.env", "new\nline ü", "sub/b.env"]
        commit(root)
        assert sorted(files_with_tokens(str(root))) == ["a.env", "new\nline ü", "sub/b.env"]

    @pytest.mark.parametrize(
        "setting",
        [
            "color.ui=always",
            "color.grep=always",
            "grep.fullName=true",
            "grep.patternType=perl",
            "grep.lineNumber=true",
            "submodule.recurse=true",
            "core.quotePath=true",
            "grep.column=true",
        ],
    )
    def test_settings_of_the_user_do_not_matter(self, setting, root):
        (root / "ü.env").write_text("A=ENC[sr1,...]\n")
        run(root, "config", *setting.split("="))
        assert files_with_tokens(str(root)) == ["ü.env"]
        commit(root)
        assert files_with_tokens(str(root)) == ["ü.env"]

    def test_none_is_found_in_a_repository_without_tokens(self, root):
        assert files_with_tokens(str(root)) == []

    def test_there_is_no_answer_without_git(self, tmp_path):
        assert files_with_tokens(str(tmp_path)) is None


def test_the_top_of_the_working_tree(root, tmp_path):
    assert git_top(str(root)) == str(root.parent)
    assert in_git(str(root))
    assert git_top(str(tmp_path)) is None


def test_a_failure_of_git_is_no_answer_or_an_error(root, monkeypatch, tmp_path):
    assert git(str(root), "no-such-command") is None
    assert git(str(root), "rev-parse", "--is-inside-work-tree") == b"true\n"
    with pytest.raises(GitError):
        require_git(str(root), "no-such-command")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError):
        require_git(str(root), "status")
