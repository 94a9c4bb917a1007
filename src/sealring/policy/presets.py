"""Rules that many repositories need, by name. A preset gives defaults; the rule's own keys win.

A new preset is one line here and one in docs/reference/presets.md.
"""

from __future__ import annotations

from sealring.model.record import Record


class Preset(Record):
    """Defaults for a rule. Without `files` the rule must name its own."""

    files: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    document_kinds: tuple[str, ...] = ()


_DOTENV = (".env", ".env.*", "*.env", "!.env.example", "!.env.sample", "!.env.template")
_COMPOSE = ("compose*.y*ml", "docker-compose*.y*ml")

PRESETS = {
    "kubernetes-secret": Preset(fields=("data.*", "stringData.*"), document_kinds=("Secret",)),
    "dotenv": Preset(files=_DOTENV),
    # Not `environment.*`: that would leave the list form (`- KEY=value`) plain.
    "compose": Preset(files=_COMPOSE, fields=("services.*.environment",)),
}
