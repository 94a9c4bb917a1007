"""What sealring encrypts the real age opens, and the other way round."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sealring.crypto import age
from sealring.errors import IdentityRefused

pytestmark = pytest.mark.peer

KINDS = ["x25519", "hybrid", "ssh-ed25519", "ssh-rsa"]
SIZES = [0, 1, 65_536, 65_537, 200_000]


def program(name):
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"the program {name} is not on PATH; install age 1.3, or deselect with -m 'not peer'")
    return found


def run(name, *arguments, data=b"", **env):
    command = [program(name), *arguments]
    done = subprocess.run(command, input=data, capture_output=True, env={**os.environ, **env}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def ssh_pair(key):
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return secret, key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def age_pair(*options):
    secret = run("age-keygen", *options)
    public = next(line for line in secret.decode().splitlines() if line.startswith("# public key: "))
    return secret, public.removeprefix("# public key: ")


@pytest.fixture(scope="module")
def pairs():
    """Per kind: the identity file, and the recipient as the other program spells it."""
    return {
        "x25519": age_pair(),
        "hybrid": age_pair("-pq"),
        "ssh-ed25519": ssh_pair(ed25519.Ed25519PrivateKey.generate()),
        "ssh-rsa": ssh_pair(rsa.generate_private_key(65537, 2048)),
    }


@pytest.fixture(scope="module")
def identity_files(pairs, tmp_path_factory):
    place = tmp_path_factory.mktemp("identities")
    for kind, (secret, _public) in pairs.items():
        (place / kind).write_bytes(secret)
        (place / kind).chmod(0o600)
    return place


def payload(size):
    return hashlib.shake_128(b"payload").digest(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("armored", [False, True], ids=["binary", "armored"])
@pytest.mark.parametrize("kind", KINDS)
def test_age_opens_what_we_encrypt(pairs, identity_files, kind, armored, size):
    data = age.encrypt(payload(size), [age.parse_recipient(pairs[kind][1])], armored=armored)
    assert run("age", "-d", "-i", str(identity_files / kind), data=data) == payload(size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("armored", [False, True], ids=["binary", "armored"])
@pytest.mark.parametrize("kind", KINDS)
def test_we_open_what_age_encrypts(pairs, kind, armored, size):
    secret, public = pairs[kind]
    data = run("age", *(["-a"] if armored else []), "-r", public, data=payload(size))
    assert age.decrypt(data, age.parse_identities(secret)) == payload(size)


def test_one_file_for_three_kinds_is_opened_by_each(pairs, identity_files):
    classic = [kind for kind in KINDS if kind != "hybrid"]
    ours = age.encrypt(b"text", [age.parse_recipient(pairs[kind][1]) for kind in classic])
    theirs = run("age", *(part for kind in classic for part in ("-r", pairs[kind][1])), data=b"text")
    for kind in classic:
        assert run("age", "-d", "-i", str(identity_files / kind), data=ours) == b"text"
        assert age.decrypt(theirs, age.parse_identities(pairs[kind][0])) == b"text"


@pytest.mark.parametrize("kind", ["x25519", "hybrid"])
def test_both_derive_the_same_recipient(pairs, identity_files, kind):
    [identity] = age.parse_identities(pairs[kind][0])
    assert identity.recipient().text == pairs[kind][1]
    assert run("age-keygen", "-y", str(identity_files / kind)).decode().strip() == pairs[kind][1]


@pytest.mark.parametrize("generate", [age.generate_x25519, age.generate_hybrid])
def test_age_reads_our_identities(generate, tmp_path):
    identity = generate()
    file = tmp_path / "identity"
    file.write_text(identity.text() + "\n")
    assert run("age-keygen", "-y", str(file)).decode().strip() == identity.recipient().text


def test_both_refuse_a_mixture_of_post_quantum_and_classic(pairs):
    command = [program("age"), "-r", pairs["hybrid"][1], "-r", pairs["x25519"][1]]
    assert subprocess.run(command, input=b"text", capture_output=True, check=False).returncode != 0
    with pytest.raises(IdentityRefused, match="cannot share"):
        age.encrypt(b"text", [age.parse_recipient(pairs[kind][1]) for kind in ("hybrid", "x25519")])


def test_a_passphrase_opens_on_both_sides():
    program("age-plugin-batchpass")
    env = {"AGE_PASSPHRASE": "open sesame", "AGE_PASSPHRASE_WORK_FACTOR": "10"}
    theirs = run("age", "-e", "-j", "batchpass", data=b"text", **env)
    assert age.decrypt(theirs, [age.ScryptIdentity("open sesame")]) == b"text"
    recipient = age.ScryptRecipient.from_passphrase("open sesame", work_factor=10)
    ours = age.encrypt(b"text", [recipient], armored=True)
    assert run("age", "-d", "-j", "batchpass", data=ours, **env) == b"text"


def test_we_open_an_identity_file_that_age_protected(pairs):
    env = {"AGE_PASSPHRASE": "open sesame", "AGE_PASSPHRASE_WORK_FACTOR": "10"}
    protected = run("age", "-a", "-e", "-j", "batchpass", data=pairs["x25519"][0], **env)
    [identity] = age.parse_identities(protected, passphrase=lambda: "open sesame")
    assert identity.recipient().text == pairs["x25519"][1]
