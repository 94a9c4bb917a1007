"""What looks like a secret, and what does not. All values are made up."""

from __future__ import annotations

import pytest

from sealring.audit.likely import entropy, shape_of

RANDOM = "q9V2xk7LwPz4tRb8sM3n"

SECRETS = {
    "openssh key": ("x", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "a private key"),
    "pgp key": ("x", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "a private key"),
    "rsa key on one line": ("x", r"-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
    "age": ("x", "AGE-SECRET-KEY-1" + "Q" * 58, "an age identity"),
    "aws": ("id", "AKIA2E0A8F3B244C9986", "an AWS access key"),
    "github": ("x", "ghp_" + RANDOM * 2, "a GitHub token"),
    "github fine": ("x", "github_pat_11" + RANDOM * 2, "a GitHub token"),
    "gitlab": ("x", "glpat-" + RANDOM, "a GitLab token"),
    "slack": ("x", "xoxb-1234567890-" + RANDOM, "a Slack token"),
    "stripe": ("x", "sk_live_" + RANDOM, "a Stripe key"),
    "jwt": ("x", f"eyJhbGciOiJI.eyJzdWIiOiIx.{RANDOM}", "a JSON web token"),
    "address": ("x", "postgres://app:" + RANDOM + "@db/app", "an address with a password"),
    "address without user": ("x", "redis://:" + RANDOM + "@cache:6379", "an address with a password"),
    "by name": ("db_password", RANDOM, "a secret by its name"),
    "by name in capitals": ("API_KEY", RANDOM, "a secret by its name"),
}
PLAIN = {
    "public key": ("key", "-----BEGIN PUBLIC KEY-----\nMIIB\n"),
    "certificate": ("tls", "-----BEGIN CERTIFICATE-----\nMIIB\n"),
    "address": ("url", "https://db.example.org:5432/app?x=y@z"),
    "reference": ("password", "${DB_PASSWORD_FROM_VAULT}"),
    "template": ("token", "{{ .Values.auth.token }}"),
    "path": ("private_key", "/run/secrets/id_ed25519"),
    "name of a file": ("password_file", RANDOM),
    "public": ("public_key", RANDOM),
    "few different characters": ("password", "aaaaaaaabbbbbbbb"),
    "short": ("password", "hunter2"),
    "random, of another name": ("digest", RANDOM),
    "address with a reference": ("x", "postgres://app:${PASSWORD}@db/app"),
}


@pytest.mark.parametrize(("key", "value", "shape"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_named_by_its_shape(key, value, shape):
    assert shape_of(key, value) == shape


@pytest.mark.parametrize(("key", "value"), PLAIN.values(), ids=PLAIN)
def test_a_plain_value_is_left_alone(key, value):
    assert shape_of(key, value) == ""


def test_entropy_is_that_of_the_text():
    assert entropy("aaaa") == 0
    assert entropy("0123456789abcdef") == 4
