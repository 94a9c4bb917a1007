"""For code scanning: SARIF 2.1.0, as GitHub, GitLab and editors read it.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

from __future__ import annotations

from sealring._version import __version__
from sealring.audit.rules import modules
from sealring.audit.words import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sealring.audit.check import Report
    from sealring.audit.finding import Finding

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, where: Callable[[str], str]) -> str:
    """Return one SARIF log with one run."""
    from json import dumps

    rules = [_rule(module.ID, module.SEVERITY, module.__doc__ or "") for module in modules()]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "sealring", "version": __version__, "rules": rules}
    results = [_result(finding, numbers[finding.rule], where) for finding in report.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(id: str, severity: str, page: str) -> dict[str, Any]:
    title, _, rest = page.strip().partition("\n")
    return {
        "id": id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": rest.split("\nFails:")[0].strip() or title},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(finding: Finding, number: int, where: Callable[[str], str]) -> dict[str, Any]:
    from hashlib import sha256

    place = "\0".join((finding.rule, finding.file, finding.place or finding.message))
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": visible("; ".join([finding.message, *finding.hints]))},
        "partialFingerprints": {"place/v1": sha256(place.encode("utf-8", "surrogateescape")).hexdigest()},
    }
    file = where(finding.file or ".sealring/policy.yaml")
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(file), "uriBaseId": "%SRCROOT%"}}
    location["region"] = {"startLine": finding.line or 1}
    result["locations"] = [{"physicalLocation": location}]
    return result


def _uri(name: str) -> str:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(name.encode("utf-8", "surrogateescape"), safe="/")
