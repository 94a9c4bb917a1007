"""A small repository with sealed files, and ways to damage a file of it."""

from __future__ import annotations

import os
import shutil

from tests.support.repositories import Repository, identity_of

# Every secret of the repository holds this word: where it shows, a secret shows.
MARK = "hunter2secret"
PROD = f"""# production
db:
  host: db.example.org
  password: {MARK}-db   # the real one
  url: "postgres://app:{MARK}-url@db/app"
items:
  - name: first
    token: |
      {MARK}
      line two
count: 3
"""
ENV = f"TOKEN={MARK}-token\nQUOTED='{MARK} quoted'\n"
CERT = f"-----BEGIN THING-----\n{MARK}\n-----END THING-----\n"
RULES = """rules:
  - files: ["config/*.yaml"]
    fields: ["db.password", "db.url", "**.token"]
    group: prod
  - files: [".env", "*.env"]
    group: dev
"""
EXTRA = 'rules:\n  - files: ["*.pem"]\n    group: prod\n'
PLAIN = {"config/prod.yaml": PROD, ".env": ENV, "tls.pem": CERT}


def make(folder, forks):
    """Make the repository with its files sealed by the command line; return its directory."""
    repository = Repository(folder, RULES, groups={"prod": ("alice", "bob"), "dev": ("alice", "bob")})
    repository.write_all(
        {
            ".sealring/policy.d/extra.yaml": EXTRA.encode(),
            ".sealring/.gitignore": b"/tmp/\n",
            "README": b"not sealed\n",
            **{name: text.encode() for name, text in PLAIN.items()},
        }
    )
    done = forks.run("encrypt", cwd=folder, **alice())
    assert done.status == 0, done.err
    assert not holds_mark(folder)
    return folder


def alice():
    """Return the variables of somebody who is in all groups."""
    return {"SEALRING_IDENTITY": identity_of("alice").text()}


def snapshot(folder, *, control=True):
    """Return every file below a directory, except for `.git` and the private one: name -> content or link."""
    found = {}
    for place, folders, files in os.walk(folder):
        inside = os.path.relpath(place, folder)
        folders[:] = [
            name for name in folders if name != ".git" and not (inside == ".sealring" and name == "tmp")
        ]
        if not control and inside == ".":
            folders[:] = [name for name in folders if name != ".sealring"]
        for name in (*files, *folders):
            path = os.path.join(place, name)
            key = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[key] = ("link", os.fsencode(os.readlink(path)))
            elif os.path.isfile(path):
                with open(path, "rb") as stream:
                    found[key] = ("file", stream.read())
            else:
                found[key] = ("other", b"")
    return found


def holds_mark(folder):
    """Return the names of the files below a directory that hold a secret."""
    found = []
    for place, _folders, files in os.walk(folder):
        for name in files:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as stream:
                    if MARK.encode() in stream.read():
                        found.append(os.path.relpath(path, folder))
    return found


# Damages: each takes the path of a file and spoils what is there.


def _content(make_content):
    def damage(path):
        with open(path, "rb") as stream:
            old = stream.read()
        with open(path, "wb") as stream:
            stream.write(make_content(old))

    return damage


def _instead(put):
    def damage(path):
        os.unlink(path)
        put(path)

    return damage


def _one_byte_changed(old):
    place = max(0, len(old) - 9)
    return old[:place] + bytes([old[place] ^ 1]) + old[place + 1 :]


def _laughs():
    lines = ['a0: &a0 ["x","x","x","x","x","x","x","x","x"]']
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(lines).encode() + b"\n"


CONTENT = {
    "empty": _content(lambda old: b""),
    "truncated": _content(lambda old: old[: len(old) // 2]),
    "one line short": _content(lambda old: b"".join(old.splitlines(True)[:-1])),
    "random bytes": _content(lambda old: bytes(range(256)) * 3),
    "a list": _content(lambda old: b"- one\n- two\n"),
    "a number": _content(lambda old: b"42\n"),
    "null": _content(lambda old: b"null\n"),
    "two documents": _content(lambda old: b"---\na: 1\n---\n" + old),
    "one byte changed": _content(_one_byte_changed),
    "doubled": _content(lambda old: old + old),
    "invalid utf-8": _content(lambda old: old + b"\xff\xfe\n"),
    "utf-16": _content(lambda old: old.decode("utf-8", "replace").encode("utf-16")),
    "nul bytes": _content(lambda old: old + b"\0\0\n"),
    "byte order mark": _content(lambda old: b"\xef\xbb\xbf" + old),
    "control characters": _content(lambda old: old + b"\x1b[2Jx: \x07\n"),
    "huge": _content(lambda old: old + b"# padding\n" * 400_000),
    "billion laughs": _content(lambda old: _laughs()),
    "nested lists": _content(lambda old: b"[" * 100_000),
    "nested mappings": _content(lambda old: b"{a: " * 50_000),
    "nested blocks": _content(lambda old: b"- " * 100_000),
    "huge number": _content(lambda old: b"version: " + b"9" * 100_000 + b"\n"),
    "huge exponent": _content(lambda old: b"version: 1e999999999\nrepository: .inf\n"),
    "wrong types": _content(
        lambda old: b"".join(
            line.split(b":")[0] + b": [1, {a: 2}]\n" for line in old.splitlines() if line[:1].isalpha()
        )
    ),
    "timestamps": _content(
        lambda old: b"".join(
            line.split(b":")[0] + b": 2001-01-01\n" for line in old.splitlines() if line[:1].isalpha()
        )
    ),
}
PLACES = {
    "missing": _instead(lambda path: None),
    "a directory": _instead(os.mkdir),
    "a pipe": _instead(os.mkfifo),
    "a link to nothing": _instead(lambda path: os.symlink("/nowhere/at/all", path)),
    "a link to itself": _instead(lambda path: os.symlink(path, path)),
    "a link to junk": _instead(lambda path: os.symlink("/etc/passwd", path)),
    "a link to a device": _instead(lambda path: os.symlink("/dev/zero", path)),
    "unreadable": lambda path: os.chmod(path, 0),
}
DAMAGES = {**CONTENT, **PLACES}


def copy(template, folder):
    """Return a copy of a repository, links and all."""
    shutil.copytree(template, folder, symlinks=True)
    return folder
