"""Well-known shapes of secrets.

`re` is imported here, as only one rule needs it, and the command line has it already.
"""

from __future__ import annotations

import re
from math import log2

_SHAPES = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d"),
    ("an age identity", r"AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{40,}"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/\w+"),
    ("a Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
    (
        "an address with a password",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@$<{*]{0,64}:[^\s/:@$<{*]{3,200}@[\w.-]",
    ),
)
_ANY = re.compile("|".join(f"(?P<s{number}>{shape})" for number, (_name, shape) in enumerate(_SHAPES)))
_PREFIXES = ("AGE-SECRET", "AKIA", "ASIA", "gh", "github", "glpat-", "xox", "slack", "k_")
_MARKS = ("-----BEGIN", "PuTTY-", "://", "whsec_", "AIza", "eyJ", *_PREFIXES)

_NAMED = re.compile(
    r"passw(?:or)?d|passphrase|pwd$|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|auth[-_]?key|credential",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(
    r"(?:name|file|path|dir|url|uri|host|id|ref|type|length|size|ttl|expiry|expires|policy|public)$|public",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"[\s$<>{}%()]|^(?:/|\./|https?:|arn:|vault:|op:|ref[+:]|ENC\[)")
_MIN_CHARS = 12
_MIN_BITS = 3.0
_MAX_CHARS = 100_000


def shape_of(key: str, value: str) -> str:
    """Name what a value looks like; empty if it looks like no secret.

    Args:
        key: the last key of its field path.
    """
    if len(value) < 8 or len(value) > _MAX_CHARS:
        return ""
    if any(mark in value for mark in _MARKS):
        found = _ANY.search(value)
        if found and found.lastgroup:
            return _SHAPES[int(found.lastgroup[1:])][0]
    is_named = _NAMED.search(key) and not _NOT_SECRET.search(key)
    if is_named and len(value) >= _MIN_CHARS and not _REFERENCE.search(value) and entropy(value) >= _MIN_BITS:
        return "a secret by its name"
    return ""


def entropy(text: str) -> float:
    """Return the bits of a character by the text's own frequencies: 0 for `aaaa`, 4 for 16 different ones."""
    total = len(text)
    counts = (text.count(char) for char in set(text))
    return -sum(count / total * log2(count / total) for count in counts)
