"""Every rule does what its page shows."""

from __future__ import annotations

import pytest
from tests.support.audit_samples import Sample, samples

from sealring.audit.finding import SEVERITIES
from sealring.audit.rules import RULES, modules

MODULES = {module.ID: module for module in modules()}
CASES = [
    pytest.param(module, text, fails, id=f"{module.ID}-{number}-{'fails' if fails else 'passes'}")
    for module in MODULES.values()
    for number, (fails, text) in enumerate(samples(module))
]


def test_each_rule_is_registered_under_its_id_and_has_both_kinds_of_samples():
    assert list(MODULES) == list(RULES)
    for module in MODULES.values():
        assert module.SEVERITY in SEVERITIES
        assert {fails for fails, _text in samples(module)} == {True, False}, module.ID
        title = module.__doc__.strip().splitlines()[0]
        assert title.endswith("."), module.ID


@pytest.mark.parametrize(("module", "text", "fails"), CASES)
def test_a_sample_is_found_or_not_as_its_page_says(module, text, fails, tmp_path):
    report = Sample(tmp_path, text).check()
    found = [finding for finding in report.findings if finding.rule == module.ID]
    assert bool(found) == fails, report.findings


@pytest.mark.parametrize(("module", "text", "fails"), [case for case in CASES if not case.values[2]])
def test_a_sample_that_passes_has_no_errors_at_all(module, text, fails, tmp_path):
    report = Sample(tmp_path, text).check()
    assert [finding for finding in report.findings if finding.severity == "error"] == []


@pytest.mark.parametrize(("module", "text", "fails"), [case for case in CASES if case.values[2]])
def test_findings_name_a_rule_a_place_and_never_a_value(module, text, fails, tmp_path):
    report = Sample(tmp_path, text).check()
    for finding in report.findings:
        assert finding.rule in RULES
        assert finding.severity in SEVERITIES
        assert finding.message[:1].strip()
        assert not finding.message.endswith(".")
        for secret in ("hunter2", "AKIA2E0A8F3B244C9986", "q9V2", "changeme"):
            assert secret not in repr(finding)
