"""A rule of the policy is for no file, or one of its field patterns covers nothing.

A typing mistake would leave values plain, and nothing else shows it. A field pattern that covers nothing
in any file of its rule is told for information.

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["confg/*.yaml"]
        group: prod
    --- config/prod.yaml
    host: db.example.org

Fails:

    --- .sealring/policy.yaml
    rules:
      - files: ["config/*.yaml"]
        fields: ["**.passwrd"]
        group: prod
    --- config/prod.yaml
    host: db.example.org

Passes:

    --- config/prod.yaml
    password: <sealed>
    token: <sealed>

Correct the pattern, or delete it.
"""

from __future__ import annotations

from sealring.audit.finding import INFO, WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "unused-rule"
SEVERITY = WARNING


def check(view: View) -> Iterator[Finding]:
    """Yield each rule without files, and each pattern without fields."""
    if not view.whole:
        return
    names = [file.name for file in view.files]
    unused = _unused_patterns(view)
    for rule in view.session.policy.rules:
        if not any(rule.files.matches(name) for name in names):
            message = f'rule "{rule.name}" is for no file'
            hints = ("correct its `files`, or delete it; files that git ignores do not count",)
            yield Finding(ID, SEVERITY, message, rule.file, rule.line, hints=hints)
            continue
        for source in unused.get((rule.file, rule.line), ()) if rule.fields else ():
            message = f'{source} of rule "{rule.name}" covers no field'
            yield Finding(ID, INFO, message, rule.file, rule.line)


def _unused_patterns(view: View) -> dict[tuple[str, int], set[str]]:
    """Return, by the place of a rule, the patterns that cover nothing in any of its files."""
    left: dict[tuple[str, int], set[str]] = {}
    for _file, sealed in view.documents():
        here = sealed.file_rules.unmatched([field.path for field in sealed.document.fields])
        for rule in sealed.file_rules.rules:
            unmatched = {pattern.source for owner, pattern in here if owner is rule}
            key = (rule.file, rule.line)
            left[key] = left[key] & unmatched if key in left else unmatched
    return left
