"""The repository is found, and no name leads out of it."""

from __future__ import annotations

import os

import pytest

from sealring.errors import FileAccess, NotARepository
from sealring.files.tree import find_root, inside, relative, walk


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / ".sealring").mkdir(parents=True)
    (root / "sub/deep").mkdir(parents=True)
    return root


class TestFindRoot:
    @pytest.mark.parametrize("start", ["", "sub", "sub/deep", "sub/file", "file", "sub/missing"])
    def test_it_is_here_or_above(self, start, root):
        (root / "file").write_text("")
        (root / "sub/file").write_text("")
        assert find_root(str(root / start)) == str(root)

    def test_it_is_not_looked_for_above_the_git_root(self, root):
        (root / "sub/.git").write_text("gitdir: elsewhere\n")
        with pytest.raises(NotARepository):
            find_root(str(root / "sub/deep"))

    def test_the_git_root_itself_may_hold_it(self, root):
        (root / ".git").mkdir()
        assert find_root(str(root / "sub")) == str(root)

    def test_a_link_or_a_file_of_that_name_is_none(self, root, tmp_path):
        (tmp_path / "other").mkdir()
        (tmp_path / "other/.git").mkdir()
        (tmp_path / "other/.sealring").symlink_to(root / ".sealring")
        with pytest.raises(NotARepository):
            find_root(str(tmp_path / "other"))
        (tmp_path / "other/.sealring").unlink()
        (tmp_path / "other/.sealring").write_text("")
        with pytest.raises(NotARepository):
            find_root(str(tmp_path / "other"))


class TestNames:
    @pytest.mark.parametrize(
        ("file", "name"),
        [
            ("a", "a"),
            ("sub/a", "sub/a"),
            ("sub/../a", "a"),
            ("sub//a", "sub/a"),
            ("./a", "a"),
            ("link", "sub/deep"),
            (".sealringx", ".sealringx"),
        ],
    )
    def test_names_are_relative_to_the_root(self, file, name, root):
        (root / "link").symlink_to("sub/deep")
        assert relative(str(root), str(root / file)) == name

    @pytest.mark.parametrize(
        "file",
        [
            "../a",
            "../root2/a",
            "",
            ".sealring/x",
            "sub/../.sealring/x",
            ".git/x",
            "sub/.git/x",
            "out",
            "out/x",
        ],
    )
    def test_what_is_outside_or_not_to_be_sealed_is_refused(self, file, root):
        (root / "out").symlink_to("..")
        with pytest.raises(FileAccess):
            relative(str(root), str(root / file))

    def test_a_name_leads_out_neither_by_dots_nor_by_links(self, root):
        (root / "out").symlink_to("..")
        (root / "in").symlink_to("sub")
        assert inside(str(root), "in/x") == str(root / "in/x")
        for name in ("../x", "out/x", "sub/../../x"):
            with pytest.raises(FileAccess):
                inside(str(root), name)


class TestWalk:
    def test_regular_files_are_found_in_order(self, root):
        for name in ("b", "a", "sub/z", "sub/deep/y", ".hidden"):
            (root / name).write_text("")
        assert list(walk(str(root), "", lambda name: True)) == [".hidden", "a", "b", "sub/deep/y", "sub/z"]
        assert list(walk(str(root), "sub", lambda name: name.endswith("z"))) == ["sub/z"]

    def test_links_pipes_git_and_other_repositories_are_passed_over(self, root):
        (root / "link").symlink_to("sub")
        os.mkfifo(root / "pipe")
        for name in (".git", "sub/.git", "inner/.sealring"):
            (root / name).mkdir(parents=True)
        for name in (".git/x", "sub/x", "inner/x", ".sealring/x"):
            (root / name).write_text("")
        assert list(walk(str(root), "", lambda name: True)) == []

    def test_a_missing_directory_is_an_error(self, root):
        with pytest.raises(FileAccess, match="cannot list"):
            list(walk(str(root), "missing", lambda name: True))
