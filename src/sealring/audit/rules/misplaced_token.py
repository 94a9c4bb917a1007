"""The policy seals values in a file whose reader will never decrypt them.

Workflow files are read by the forge itself, which takes a token for the value. Its own secrets belong
there, or `sealring run` in a step. Only files that the policy covers are looked at. Kubernetes
manifests are fine where something opens them before they are applied.

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["**.yaml"]
        fields: ["**.password"]
        group: prod
    --- .github/workflows/deploy.yaml
    env:
      password: <sealed>

Passes:

    --- config/prod.yaml
    password: <sealed>

Take the file out of the rule (`files: [..., "!.github/"]`), and use `sealring run -f FILE -- COMMAND` in
the step that needs the value.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "misplaced-token"
SEVERITY = WARNING


_NAMES = (".gitlab-ci.yml", "bitbucket-pipelines.yml", ".travis.yml", "azure-pipelines.yml")
_FOLDERS = (
    ".github/workflows/",
    ".github/actions/",
    ".gitea/workflows/",
    ".forgejo/workflows/",
    ".circleci/",
    ".buildkite/",
    ".woodpecker/",
)


def check(view: View) -> Iterator[Finding]:
    """Yield each token in a file that only a forge reads."""
    for file, field, _token, _index in view.tokens():
        if is_read_by_forge(file.name):
            message = f"{field.place or 'the value'} is sealed in a file that is used without being decrypted"
            hints = ('take it out of the rule\'s `files` with "!...", and use `sealring run` in the step',)
            yield Finding(ID, SEVERITY, message, file.name, file.line(field), field.place, hints)


def is_read_by_forge(name: str) -> bool:
    """Tell whether a file is one that a forge or its runners read as it is."""
    return name.rpartition("/")[2] in _NAMES or name.startswith(_FOLDERS)
