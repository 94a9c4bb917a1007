"""A value is sealed still, but the policy does not ask for it any more.

Only with `--base`. The next edit may leave it in plaintext.

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

Passes:

    $ base
    --- config/prod.yaml
    db:
      password: <sealed>
    $ change
    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        fields: ["**.token", "**.password"]
        group: prod

Look whether the change of the policy is meant.
"""

from __future__ import annotations

from sealring.audit.finding import WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "no-longer-covered"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each sealed place that has lost its rule."""
    for narrowed in view.base.narrowed if view.base else ():
        if not narrowed.is_plain:
            message = f'rule "{narrowed.rule.name}" of the base covers {narrowed.place}, and no rule does now'
            yield Finding(ID, SEVERITY, message, narrowed.file, narrowed.line, narrowed.place)
