"""A file that is only ever added was changed or deleted: an epoch, a wrap or a removal.

Only with `--base`. These files are the record of who could read what. Deleting a wrap hides a holder;
deleting a removal takes it back. A wrap may be replaced together with its vouch, as when a member has
new keys, and a whole group may be deleted.

Fails:

    $ base
    $ change
    $ delete .sealring/groups/prod/epochs/*/bob.age

Fails:

    $ base
    $ revoke prod bob
    $ change
    $ delete .sealring/groups/prod/removed/*

Passes:

    $ base
    $ change
    $ rotate prod

Put the file back: `git checkout BASE -- FILE`.
"""

from __future__ import annotations

from sealring.audit.compare import ADDED, CHANGED, REMOVED
from sealring.audit.finding import ERROR, Finding
from sealring.audit.words import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.audit.view import View

ID = "changed-record"
SEVERITY = ERROR


def check(view: View) -> Iterator[Finding]:
    """Yield each change of a file that is part of the record."""
    if view.base is None:
        return
    control = view.base.control
    for name, how in control.items():
        parts = name.split("/")
        is_record = len(parts) > 4 and parts[1] == "groups" and parts[3] in ("epochs", "removed")
        if not is_record or how == ADDED:
            continue
        if control.get(f".sealring/groups/{parts[2]}/group.yaml") == REMOVED:
            continue
        stem, _, ending = name.rpartition(".")
        other = f"{stem}.{'vouch' if ending == 'age' else 'age'}"
        if ending in ("age", "vouch") and how == CHANGED and control.get(other) == CHANGED:
            continue
        verb = "was deleted" if how == REMOVED else "was changed"
        hints = (f"`git checkout {quoted(view.base.label)} -- {quoted(name)}` puts it back",)
        yield Finding(ID, SEVERITY, f"{verb}, but is part of the group's record", name, hints=hints)
