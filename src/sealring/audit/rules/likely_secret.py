"""A field that no rule seals looks like a secret.

Only in files that the policy covers, and only well-known shapes: private keys, keys of AWS, GitHub,
GitLab, Slack, Stripe and Google, JSON web tokens, addresses with a password, and long random values of
fields that are named like secrets. For whole repositories use gitleaks or detect-secrets beside it.

Fails:

    --- config/prod.yaml
    aws:
      id: AKIA2E0A8F3B244C9986

Fails:

    --- config/prod.yaml
    smtp_passphrase: q9V2-xk7LwPz4tRb8s

Fails:

    --- config/prod.yaml
    database: postgres://app:q9V2xk7LwPz@db.example.org/app

Passes:

    --- config/prod.yaml
    db:
      password: <sealed>
      url: postgres://db.example.org/app
      password_file: /run/secrets/db
      secret_name: ${SECRET_NAME}
      token_url: https://login.example.org/oauth2/token

Add the field to a rule and `sealring encrypt FILE`; or, if it is no secret, leave it.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding
from sealring.audit.likely import shape_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "likely-secret"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each plain field with a likely secret; the value is never shown."""
    for file, sealed in view.documents():
        if not sealed.file_rules.rules:
            continue
        document = sealed.document
        for index, field in enumerate(document.fields):
            if field.kind != "scalar" or field.token or index in sealed.rules:
                continue
            key = next((part[1] for part in reversed(field.path.parts) if part[0] == "k"), "")
            shape = shape_of(key, document.content(field))
            if shape:
                message = f"{field.place or 'the value'} looks like {shape}, and no rule seals it"
                hints = ("if it is a secret, add the field to a rule of .sealring/policy.yaml",)
                yield Finding(ID, SEVERITY, message, file.name, file.line(field), field.place, hints)
