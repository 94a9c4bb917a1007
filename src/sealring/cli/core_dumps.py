"""Keep memory that holds secrets out of core dumps; the commands that we start get their limit back."""

from __future__ import annotations

import resource

_before: list[tuple[int, int]] = []


def forbid() -> None:
    """Write no core dump of this process. Only the soft limit is lowered, so that it can be restored."""
    _before.append(resource.getrlimit(resource.RLIMIT_CORE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, _before[0][1]))


def restore() -> None:
    """Set the limit that the process was started with."""
    if _before:
        resource.setrlimit(resource.RLIMIT_CORE, _before[0])
