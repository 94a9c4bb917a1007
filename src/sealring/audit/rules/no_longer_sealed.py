"""The base's policy seals a value that this change leaves in plaintext, as its own policy does not.

Only with `--base`. A change cannot excuse itself: whoever edits the policy and the file together would
publish a secret without a word. If it is no secret, change the policy first, in a change of its own.

Fails:

    $ base
    --- config/prod.yaml
    db:
      password: <sealed>
    $ change
    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        fields: ["**.token"]
        group: prod
    --- config/prod.yaml
    db:
      password: hunter2

Passes:

    $ base
    --- config/prod.yaml
    db:
      password: <sealed>
    $ change
    --- config/prod.yaml
    db:
      password: <sealed>
      host: db.example.org

Seal it again, or take the rule away first, in a change that reviewers see alone.
"""

from __future__ import annotations

from sealring.audit.finding import ERROR, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "no-longer-sealed"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each place that is plain by the new policy alone."""
    for narrowed in view.base.narrowed if view.base else ():
        if narrowed.is_plain:
            message = f'{narrowed.place} is not sealed, but rule "{narrowed.rule.name}" of the base seals it'
            hints = ("put the rule back and seal it; or change the policy first, in a change of its own",)
            yield Finding(ID, SEVERITY, message, narrowed.file, narrowed.line, narrowed.place, hints)
