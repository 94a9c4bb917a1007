"""docs/recovery.md, run as it stands: the real age program and its one page of Python, without sealring."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from sealring.core.sealing import encrypt
from sealring.core.session import Session
from sealring.core.texts import bytes_of, text_of
from sealring.crypto.age import generate_x25519
from sealring.keyring.change import Holder, group_files, member_files, new_epoch
from sealring.model.members import Member

HERE = os.path.dirname(__file__)
ROOT = os.path.join(HERE, "..", "..")
NOW_S = 1_795_530_480
REPOSITORY = "5m2kq3r7aabbccddeeffgghh2a"

with open(os.path.join(ROOT, "docs", "recovery.md"), encoding="utf-8") as stream:
    PAGE = stream.read()
with open(os.path.join(ROOT, "tests", "vectors", "values.json"), encoding="utf-8") as stream:
    VECTORS = json.load(stream)

PROGRAM = re.search(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL).group(1)
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

POLICY = f"""\
version: 1
repository: {REPOSITORY}
rules:
  - files: ["config/*.yaml"]
    fields: ["db.password", "env[].value", "note", "cert", "<Secret/db>.data"]
    group: prod
  - files: ["bound.yaml"]
    fields: ["db.password"]
    bind: ["db.host", "db.port"]
    group: prod
  - files: [".env", "*.bin", "*.pem"]
    group: prod
"""

PLAIN = """\
# production
db:
  host: db.internal
  password: "hunter2 # \\u00e9"   # kept
env:
  - name: API_TOKEN
    value: abc
  - name: DB_PASSWORD
    value: 'it''s'
note: !!str &n plain text
cert: |
  one
    two
  three
"""


class Repository:
    """A repository made with the library alone, in a directory of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.alice, bob = generate_x25519(), generate_x25519()
        members = [
            Member("alice", "person", (self.alice.recipient().text,)),
            Member("bob", "person", (bob.recipient().text,)),
        ]
        root, epoch = new_epoch(
            os.urandom(32), REPOSITORY, "prod", [Holder(each) for each in members], created="20261124T142800Z"
        )
        self.epoch = root.at.epoch
        self.write(".sealring/policy.yaml", POLICY.encode())
        for member in members:
            self.write_all(member_files(member))
        self.write_all(epoch)
        self.write_all(group_files("prod", "production", ()))
        self.session = Session(folder, lambda: [self.alice], NOW_S)

    def write(self, name: str, data: bytes) -> None:
        path = os.path.join(self.folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(data)

    def write_all(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            self.write(name, data)

    def seal(self, name: str, data: bytes) -> str:
        """Seal a file in place and return its text."""
        sealed = encrypt(self.session, name, text_of(name, data)).text
        self.write(name, bytes_of(name, sealed))
        return sealed


@pytest.fixture
def repository(tmp_path):
    made = Repository(str(tmp_path / "repository"))
    made.write("key.txt", (made.alice.text() + "\n").encode())
    made.write("recovery.py", PROGRAM.encode())
    return made


def shell(repository, command, **variables):
    """Run one command of the page: it sees age, python3 and nothing of sealring."""
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": repository.folder, **variables}
    command = re.sub(r"\bpython3\b", sys.executable + " -I", command)
    return subprocess.run(
        ["sh", "-c", command], cwd=repository.folder, env=environ, capture_output=True, text=True, check=False
    )


def opened_secret(repository):
    """Run step 3."""
    done = shell(repository, COMMANDS[0] + COMMANDS[2], EPOCH=repository.epoch)
    assert done.returncode == 0, done.stderr


def by_hand(repository, file, line, path, *more):
    """Run the program of the page, as step 4 does."""
    words = [sys.executable, "-I", "recovery.py", "prod.txt", file, str(line), json.dumps(path), *more]
    return subprocess.run(words, cwd=repository.folder, capture_output=True, text=True, check=False)


def line_with(text, start):
    return next(n for n, line in enumerate(text.split("\n"), 1) if line.lstrip().startswith(start))


def test_the_page_has_the_four_commands_and_one_program():
    assert [command.split()[0] for command in COMMANDS] == ["umask", "grep", "age", "python3"]
    assert PAGE.count("```python") == 1
    assert "import sealring" not in PROGRAM
    assert "from sealring" not in PROGRAM


@pytest.mark.parametrize("case", VECTORS["tokens"], ids=lambda case: case["name"])
def test_the_program_opens_the_vectors(case):
    space = {"__name__": "recovery"}
    exec(compile(PROGRAM, "recovery.py", "exec"), space)
    root = space["read_root"](VECTORS["epoch"]["wrap_plaintext"])
    place = case["place"]
    opened = space["open_token"](
        case["token"], root, place["path"], place["tag"], place["anchor"], place["bound"]
    )
    assert opened.hex() == case["payload"]


@pytest.mark.peer
def test_the_commands_of_the_page_read_a_value_back(repository):
    sealed = repository.seal("config/prod.yaml", PLAIN.encode())
    assert "hunter2" not in sealed
    found = shell(repository, COMMANDS[1])
    assert f"ENC[sr1,prod@{repository.epoch}," in found.stdout
    line = next(row.split(":")[0] for row in found.stdout.splitlines() if "password" in row)
    opened_secret(repository)
    done = shell(repository, COMMANDS[0] + COMMANDS[3], LINE=line)
    assert (done.stdout, done.stderr) == ('"hunter2 # \\u00e9"', "")


@pytest.mark.peer
def test_the_opened_secret_is_for_nobody_else_to_read(repository):
    opened_secret(repository)
    assert os.stat(os.path.join(repository.folder, "prod.txt")).st_mode & 0o077 == 0


@pytest.mark.peer
def test_every_value_of_a_file_comes_back_as_it_was_written(repository):
    sealed = repository.seal("config/prod.yaml", PLAIN.encode())
    opened_secret(repository)
    values = [
        ("password:", [["k", "db"], ["k", "password"]], (), '"hunter2 # \\u00e9"'),
        ("note:", [["k", "note"]], ("tag=!!str", "anchor=n"), "plain text"),
        ("cert:", [["k", "cert"]], (), "|\n  one\n    two\n  three"),
    ]
    restored = sealed
    for start, path, more, source in values:
        done = by_hand(repository, "config/prod.yaml", line_with(sealed, start), path, *more)
        assert (done.stdout, done.stderr) == (source, "")
    for name, source in (("API_TOKEN", "abc"), ("DB_PASSWORD", "'it''s'")):
        line = line_with(sealed, f"- name: {name}") + 1
        path = [["k", "env"], ["i", "name", name], ["k", "value"]]
        values.append(("", path, (), source))
        assert by_hand(repository, "config/prod.yaml", line, path).stdout == source
    # Put into the places of the tokens, they make the file again.
    tokens = re.findall(r'"?ENC\[sr1,[^\]]*\]"?', restored)
    order = [values[0], values[3], values[4], values[1], values[2]]
    for token, (_, _, _, source) in zip(tokens, order, strict=True):
        restored = restored.replace(token, source, 1)
    assert restored == PLAIN


@pytest.mark.peer
def test_a_document_with_a_kind_and_a_name_is_part_of_the_path(repository):
    text = "kind: Secret\nmetadata:\n  name: db\n  namespace: shop\ndata:\n  key: c2VjcmV0\n"
    sealed = repository.seal("config/secret.yaml", text.encode())
    opened_secret(repository)
    line = line_with(sealed, "key:")
    path = [["d", "Secret", "shop", "db"], ["k", "data"], ["k", "key"]]
    assert by_hand(repository, "config/secret.yaml", line, path).stdout == "c2VjcmV0"
    assert by_hand(repository, "config/secret.yaml", line, path[1:]).returncode != 0


@pytest.mark.peer
def test_a_value_that_is_bound_to_neighbours(repository):
    sealed = repository.seal("bound.yaml", b"db:\n  host: db.internal\n  password: x\n")
    opened_secret(repository)
    line, path = line_with(sealed, "password:"), [["k", "db"], ["k", "password"]]
    bound = 'bound=[["db.host","plain:db.internal"],["db.port","absent"]]'
    done = by_hand(repository, "bound.yaml", line, path, bound)
    assert done.stdout == "x", done.stderr
    assert by_hand(repository, "bound.yaml", line, path).returncode != 0


@pytest.mark.peer
def test_an_environment_file(repository):
    sealed = repository.seal(".env", b"HOST=a\nDB_PASSWORD='p w'\n")
    opened_secret(repository)
    done = by_hand(repository, ".env", line_with(sealed, "DB_PASSWORD"), [["k", "DB_PASSWORD"]])
    assert done.stdout == "'p w'"


@pytest.mark.peer
@pytest.mark.parametrize("name", ["tls.pem", "store.bin"])
def test_a_file_that_was_sealed_whole(repository, name):
    data = b"-----BEGIN\nabc\n" if name == "tls.pem" else b"\x00\xff\xfe keystore" * 40
    sealed = repository.seal(name, data)
    assert sealed.count("\n") > 1
    opened_secret(repository)
    source = by_hand(repository, name, 1, [["k", "file"]]).stdout
    if name == "store.bin":
        assert source.startswith("data:;base64,")
        assert base64.b64decode(source[13:]) == data
    else:
        assert source.encode() == data


@pytest.mark.peer
def test_a_renamed_file_is_noted_and_still_opens(repository):
    sealed = repository.seal("config/prod.yaml", PLAIN.encode())
    repository.write("config/new.yaml", sealed.encode())
    opened_secret(repository)
    line = line_with(sealed, "password:")
    done = by_hand(repository, "config/new.yaml", line, [["k", "db"], ["k", "password"]])
    assert done.stdout == '"hunter2 # \\u00e9"'
    assert "another name" in done.stderr


@pytest.mark.peer
def test_a_wrong_path_is_refused(repository):
    sealed = repository.seal("config/prod.yaml", PLAIN.encode())
    opened_secret(repository)
    line = line_with(sealed, "password:")
    done = by_hand(repository, "config/prod.yaml", line, [["k", "db"], ["k", "user"]])
    assert done.stdout == ""
    assert done.stderr == "the value does not open here\n"


@pytest.mark.peer
def test_the_age_program_is_the_real_one():
    assert shutil.which("age"), "put the age program on PATH"
    version = subprocess.run(["age", "--version"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"\d+\.\d+", version)
