"""Propose rules for files: which fields look like secrets, and what a new rule would seal.

A guess is only that: it is shown with its places, and a person agrees or names the fields.
"""

from __future__ import annotations

from sealring.errors import PolicyError, UsageError
from sealring.model.field_path import FieldPath, quoted
from sealring.model.record import Record
from sealring.policy.write import NewRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.documents.base import Document, Field
    from sealring.policy.rules import Policy, Rule

# The last word of a key, or its last two.
# fmt: off
_SECRET_WORDS = frozenset((
    "password", "passwords", "passwd", "pwd", "pass", "passphrase", "secret", "secrets", "token", "tokens",
    "apikey", "credential", "credentials", "creds", "dsn", "privatekey", "secretkey", "accesskey",
    "authtoken", "pin", "psk", "pat",
))
_SECRET_PAIRS = frozenset((
    "api_key", "private_key", "secret_key", "access_key", "encryption_key", "signing_key", "master_key",
    "shared_key", "auth_key", "account_key", "license_key", "app_key", "ssh_key", "tls_key", "key_base",
    "connection_string", "conn_str", "database_url", "db_url", "redis_url", "webhook_url", "password_hash",
))
# fmt: on
# Collections of which everything below is secret, whatever its keys.
_SECRET_COLLECTIONS = frozenset(("secrets", "credentials", "passwords", "stringdata"))
_VALUE_STARTS = (
    "ghp_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "rk_live_",
    "AKIA",
    "SG.",
    "npm_",
)
_PRIVATE_KEY = "PRIVATE KEY-----"
_EXAMPLES = (".example", ".sample", ".template", ".dist")


class Found(Record):
    """What looks secret in one file. preset: a preset that fits it; patterns: fields besides."""

    preset: str
    patterns: tuple[str, ...]
    is_whole: bool


def guess(document: Document) -> Found:
    """Find what looks secret in a document: by keys, and by values that can be nothing else.

    All values of a .env file do, as do files that sealring knows no fields of.

    Raises:
        UsageError: the file is sealed by sops already.
    """
    if document.format in ("dotenv", "opaque"):
        return Found("", (), True)
    fields = document.fields
    if any(f.path.parts[:2] == (("k", "sops"), ("k", "mac")) for f in fields):
        raise UsageError("the file is encrypted by sops", hints=["`sops decrypt --in-place` opens it first"])
    is_kubernetes = any(_is_secret_document(field) for field in fields)
    patterns: dict[str, None] = {}
    for field in fields:
        if field.kind != "scalar" or (is_kubernetes and _is_secret_document(field)):
            continue
        pattern = _pattern(document, field)
        if pattern:
            patterns[pattern] = None
    return Found("kubernetes-secret" if is_kubernetes else "", tuple(patterns), False)


def _is_secret_document(field: Field) -> bool:
    return bool(field.path.parts) and field.path.parts[0][:2] == ("d", "Secret")


def _pattern(document: Document, field: Field) -> str:
    """Return the pattern that seals a field which looks secret, else nothing."""
    parts = field.path.parts
    for part in parts[:-1]:
        if part[0] == "k" and "".join(_words(part[1])) in _SECRET_COLLECTIONS:
            return f"**.{quoted(part[1])}"
    if field.token:
        return ""
    value = document.value(field)
    if isinstance(value, bool):
        return ""
    # The element that a `name` labels, as containers list their environment.
    if len(parts) > 1 and parts[-1] == ("k", "value") and len(parts[-2]) == 3 and looks_secret(parts[-2][2]):
        return f"**{FieldPath(parts[-2:])}"
    last = next((part[1] for part in reversed(parts) if part[0] == "k"), "")
    if last and looks_secret(last):
        return f"**.{quoted(last)}"
    if isinstance(value, str) and _is_secret_value(value) and all(part[0] != "c" for part in parts):
        return str(field.path)
    return ""


def looks_secret(key: str) -> bool:
    """Tell whether the last words of a key say that it holds a secret.

    >>> [looks_secret(key) for key in ("DB_PASSWORD", "apiKey", "token_url", "secretName")]
    [True, True, False, False]
    """
    words = _words(key.rstrip("0123456789_-"))  # DB_PASSWORD_2
    return bool(words) and (words[-1] in _SECRET_WORDS or "_".join(words[-2:]) in _SECRET_PAIRS)


def _words(key: str) -> list[str]:
    """Take a key apart at case changes and at everything that is no letter or digit."""
    spaced = []
    for at, char in enumerate(key):
        before, after = key[at - 1 : at], key[at + 1 : at + 2]
        is_start = char.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
        spaced.append((" " if is_start else "") + (char.lower() if char.isalnum() else " "))
    return "".join(spaced).split()


def _is_secret_value(value: str) -> bool:
    if _PRIVATE_KEY in value or (value.startswith(_VALUE_STARTS) and len(value) >= 16):
        return True
    scheme, found, rest = value.partition("://")
    password = rest.partition("/")[0].rpartition("@")[0].partition(":")[2]
    is_reference = password.startswith(("$", "{", "<"))
    return bool(found and scheme.isascii() and password and not is_reference)


def is_example(name: str) -> bool:
    """Tell whether a file is a public example by its name, as `.env.example` is."""
    return name.lower().endswith(_EXAMPLES)


def file_pattern(name: str) -> str:
    """Spell a file's name as the pattern that covers this file alone."""
    escaped = "".join("\\" + char if char in "*?[]\\" else char for char in name)
    if name[-1:].isspace():
        escaped = escaped[:-1] + "\\" + name[-1]
    return "/" + escaped if "/" not in name or name.startswith("!") else escaped


def rules_for(
    found: Sequence[tuple[str, Found]],
    group: str,
    *,
    fields: Sequence[str] = (),
    excepts: Sequence[str] = (),
    preset: str = "",
) -> tuple[NewRule, ...]:
    """Return the rules to add: files that are sealed alike share one.

    Args:
        found: file names, each with what looks secret in it.
        fields: patterns that a person named, in place of the guessed ones.
    """
    if fields or preset:
        files = tuple(file_pattern(name) for name, _ in found)
        return (NewRule(group, files, preset, fields=tuple(fields), excepts=tuple(excepts)),)
    rules = []
    for kind in dict.fromkeys(guessed.preset for _, guessed in found if guessed.preset):
        files = tuple(file_pattern(name) for name, guessed in found if guessed.preset == kind)
        rules.append(NewRule(group, files, kind, excepts=tuple(excepts)))
    whole = [name for name, guessed in found if guessed.is_whole]
    if whole:
        rules.append(NewRule(group, tuple(map(file_pattern, whole)), excepts=tuple(excepts)))
    some = [(name, guessed.patterns) for name, guessed in found if guessed.patterns]
    if some:
        patterns = tuple(dict.fromkeys(pattern for _, listed in some for pattern in listed))
        files = tuple(file_pattern(name) for name, _ in some)
        rules.append(NewRule(group, files, fields=patterns, excepts=tuple(excepts)))
    return tuple(rules)


def added_rules(old: Policy, new: Policy, count: int) -> tuple[Rule, ...]:
    """Return the rules that a new policy has more, after checking that nothing else differs.

    Raises:
        PolicyError: the text would not say what was meant; nothing has been written.
    """
    main = ".sealring/policy.yaml"
    at = sum(rule.file == main for rule in old.rules)
    added = new.rules[at : at + count]
    rest = (*new.rules[:at], *new.rules[at + count :])
    if new.replace(rules=rest) != old or len(added) != count:
        raise PolicyError(
            "the policy with the new rule would not read as meant",
            file=main,
            notes=["nothing was written"],
            hints=["add the rule by hand"],
        )
    return added


def sealed_by(policy: Policy, rules: Sequence[Rule], name: str, document: Document) -> list[str]:
    """Return the places of a document that some rules of a policy would seal."""
    file_rules = policy.for_file(name)
    return [
        field.place
        for field in document.fields
        if field.kind == "scalar" and file_rules.resolve(field.path) in rules
    ]
