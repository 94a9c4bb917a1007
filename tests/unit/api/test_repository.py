"""What programs use: `sealring.load` and `Repository`."""

from __future__ import annotations

import os

import pytest
from tests.support.repositories import Repository, identity_of

import sealring
from sealring.api.repository import open_repository, write_version
from sealring.errors import FieldMissing, FileAccess, FileChanged, IdentityRefused, NoIdentity, NotARepository

RULES = 'rules:\n  - files: ["*.yaml", "*.env"]\n    fields: ["**.password", "*"]\n    group: dev\n'
TEXT = "db:\n  host: localhost\n  password: hunter2\nports: [1, 2.5]\n"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    Repository(root, RULES, groups={"dev": ("alice",)})
    (root / "a.yaml").write_text(TEXT)
    return root


@pytest.fixture
def repository(root):
    return open_repository(str(root), identities=[identity_of("alice")])


class TestRepository:
    def test_a_file_goes_through_all_verbs(self, root, repository):
        file = str(root / "a.yaml")
        assert repository.encrypt(file).sealed > 0
        assert "hunter2" not in (root / "a.yaml").read_text()
        assert repository.load(file) == {
            "db": {"host": "localhost", "password": "hunter2"},
            "ports": [1, 2.5],
        }
        assert repository.decrypt(file) == TEXT.encode()
        assert repository.get(file, "db.password") == "hunter2"
        repository.set(file, "db.password", "other")
        repository.unset(file, "ports[1]")
        repository.unset(file, "ports[0]")
        assert repository.load(file) == {"ports": [], "db": {"host": "localhost", "password": "other"}}

    def test_a_trial_writes_nothing(self, root, repository):
        assert repository.encrypt(str(root / "a.yaml"), write=False).sealed > 0
        assert (root / "a.yaml").read_text() == TEXT
        assert not (root / ".sealring/tmp").exists()

    def test_a_second_encryption_writes_nothing(self, root, repository):
        repository.encrypt(str(root / "a.yaml"))
        before = os.stat(root / "a.yaml")
        repository.encrypt(str(root / "a.yaml"))
        assert os.stat(root / "a.yaml").st_ino == before.st_ino

    def test_an_old_version_in_git_that_is_no_text_is_no_obstacle(self, root, repository, monkeypatch):
        monkeypatch.setattr("sealring.api.repository.previous_version", lambda root, name: b"\xff\xfe")
        assert repository.encrypt(str(root / "a.yaml")).sealed > 0

    def test_a_new_file_is_made_by_set(self, root, repository):
        repository.set(str(root / "new.env"), "A", "1")
        assert repository.get(str(root / "new.env"), "A") == "1"

    def test_nothing_is_made_by_unset(self, root, repository):
        with pytest.raises(FieldMissing):
            repository.unset(str(root / "new.env"), "A")
        assert not (root / "new.env").exists()

    def test_identities_are_looked_for_only_when_a_value_is_opened(self, root, monkeypatch):
        monkeypatch.setattr("sealring.api.identities.find", lambda *_: [])
        opened = open_repository(str(root))
        (root / "plain.toml").write_text("key = 1\n")
        assert opened.get(str(root / "plain.toml"), "key") == 1
        with pytest.raises(NoIdentity):
            opened.encrypt(str(root / "a.yaml"))

    def test_identities_that_are_refused_are_looked_for_once(self, root, repository, monkeypatch):
        repository.encrypt(str(root / "a.yaml"))
        calls = []

        def refuse(*_):
            calls.append(1)
            raise IdentityRefused("the passphrase does not open the identity file")

        monkeypatch.setattr("sealring.api.identities.find", refuse)
        with pytest.raises(NoIdentity):
            open_repository(str(root)).load(str(root / "a.yaml"))
        assert calls == [1]


class TestLoad:
    def test_it_finds_repository_and_identity_by_itself(self, root, repository, monkeypatch):
        repository.encrypt(str(root / "a.yaml"))
        monkeypatch.setenv("SEALRING_IDENTITY", identity_of("alice").text())
        assert sealring.load(str(root / "a.yaml"))["db"]["password"] == "hunter2"

    def test_a_missing_file_is_told_as_such(self, root, tmp_path):
        with pytest.raises(FileAccess):
            sealring.load(str(root / "missing.yaml"))
        with pytest.raises(NotARepository):
            sealring.load(str(tmp_path / "missing.yaml"))


class TestWriteVersion:
    def test_a_file_that_somebody_made_meanwhile_is_left_alone(self, root, repository):
        with pytest.raises(FileChanged):
            write_version(repository.session, "a.yaml", b"x", after=None)
        assert (root / "a.yaml").read_text() == TEXT

    def test_equal_content_is_not_written(self, root, repository):
        before = os.stat(root / "a.yaml").st_ino
        write_version(repository.session, "a.yaml", TEXT.encode(), after=TEXT.encode())
        assert os.stat(root / "a.yaml").st_ino == before

    def test_a_new_file_is_made(self, root, repository):
        write_version(repository.session, "sub.env", b"A=1\n", after=None)
        assert (root / "sub.env").read_bytes() == b"A=1\n"
