"""The page of rules is made of the rules, and how-to names what there is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from sealring.audit.rules import RULES

ROOT = Path(__file__).resolve().parents[2]


def _generator():
    spec = importlib.util.spec_from_file_location("docs_generate_checks", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date_and_has_a_section_for_each_rule():
    page = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    assert page == _generator().checks_page(), "run `python docs/generate.py`"
    for rule in RULES:
        assert f"\n## {rule}\n" in page
    assert page.count("\n```") % 2 == 0


def test_the_hooks_run_commands_that_exist():
    import yaml

    from sealring.cli.check_command import command

    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for hook in hooks} == {"sealring-check", "sealring-check-push"}
    options = {option for parameter in command.params for option in parameter.opts}
    for hook in hooks:
        program, verb, *words = hook["entry"].split()
        assert (program, verb, hook["language"]) == ("sealring", "check", "python")
        assert {word for word in words if word.startswith("--")} <= options
