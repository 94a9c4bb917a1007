"""The generated pages say what the program says, and each command shows how it is used."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click
import pytest

from sealring.cli.main import SECTIONS, cli

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _load_generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _load_generator()
ROOT = generate.root_context()
NAMES = [name for section in SECTIONS.values() for name in section]


@pytest.mark.parametrize("name", ["commands.md", "errors.md"])
def test_the_page_is_up_to_date(name):
    page = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert page == generate.pages()[name], "run `python docs/generate.py`"


def test_the_check_fails_on_a_page_that_was_edited(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "errors.md").write_text("old")
    assert generate.main(["--check"]) == 1
    assert "errors.md" in capsys.readouterr().err
    assert (tmp_path / "errors.md").read_text() == "old"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(name):
    command = cli.get_command(ROOT, name)
    for path, text in generate.helps(command, name, ROOT):
        examples = [line for line in text.splitlines() if f"{path} " in f"{line.strip()} "]
        examples = [line for line in examples if not line.startswith("Usage:")]
        assert examples, f"the help of `{path}` shows no example of it"


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_explained(name):
    command = cli.get_command(ROOT, name)
    commands = [command]
    if isinstance(command, click.Group):
        commands += [command.get_command(ROOT, below) for below in command.list_commands(ROOT)]
    for each in commands:
        for parameter in each.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (each.name, parameter.name)


def test_errors_have_slugs_of_their_own_and_a_meaning():
    kinds = generate.error_classes()
    assert len({kind.slug for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.__doc__, kind


def test_no_exit_code_has_two_meanings():
    codes = {kind.exit_code for kind in generate.error_classes()}
    assert codes.isdisjoint(code for code, _ in generate.OTHER_EXITS)
