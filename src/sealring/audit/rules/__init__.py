"""Every rule of `check`: one module each, whose docstring is its page in the documents.

A module has ID, SEVERITY and `check(view)`, which yields findings. A new rule is one module and one line
here; order is that of the documents.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

RULES = {
    # Places that the policy seals.
    "plaintext": "plaintext",
    "indirect-value": "indirect_value",
    "doubled-key": "doubled_key",
    "required-field": "required_field",
    # Tokens.
    "malformed-token": "malformed_token",
    "foreign-token": "foreign_token",
    "wrong-group": "wrong_group",
    "deposit": "deposit",
    "unknown-epoch": "unknown_epoch",
    "stale-epoch": "stale_epoch",
    "retired-epoch": "retired_epoch",
    "repeated-token": "repeated_token",
    "misplaced-token": "misplaced_token",
    "overdue": "overdue",
    # Files.
    "conflict-markers": "conflict_markers",
    "unreadable": "unreadable",
    "likely-secret": "likely_secret",
    # Groups and members.
    "doubled-epochs": "doubled_epochs",
    "pending-removal": "pending_removal",
    "pending-grant": "pending_grant",
    "single-reader": "single_reader",
    "invalid-member": "invalid_member",
    "invalid-group": "invalid_group",
    # The policy.
    "invalid-policy": "invalid_policy",
    "undefined-group": "undefined_group",
    "unused-rule": "unused_rule",
    "missing-attributes": "missing_attributes",
    # A change against its base, and a range of commits.
    "no-longer-sealed": "no_longer_sealed",
    "no-longer-covered": "no_longer_covered",
    "time-went-back": "time_went_back",
    "changed-record": "changed_record",
    "plaintext-in-history": "plaintext_in_history",
}


def modules() -> Iterator[ModuleType]:
    """Yield the modules of all rules."""
    from importlib import import_module

    for name in RULES.values():
        yield import_module(f"{__name__}.{name}")
