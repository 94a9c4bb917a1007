"""`sealring completion`: print the completion script of a shell."""

from __future__ import annotations

import click

from sealring.cli.context import Context, command_options

VARIABLE = "_SEALRING_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@command_options
def command(context: Context, shell: str) -> int:
    """Print the completion script of a SHELL: commands, options, files, and fields of files.

    \b
    sealring completion bash > ~/.local/share/bash-completion/completions/sealring
    sealring completion zsh  > "${fpath[1]}/_sealring"
    sealring completion fish > ~/.config/fish/completions/sealring.fish
    """
    script = _script(shell)
    if context.ui.json:
        context.ui.result_json({"shell": shell, "script": script})
    else:
        context.ui.result(script.rstrip("\n"))
    return 0


def _script(shell: str) -> str:
    from click.shell_completion import ShellComplete, get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    program = click.get_current_context().find_root().command
    # Not the subclass's `source`: for bash it starts a bash, only to warn of one before 4.4.
    script = ShellComplete.source(found(program, {}, "sealring", VARIABLE))
    # Where we offer nothing, bash offers files.
    return script.replace("complete -o nosort -F", "complete -o nosort -o bashdefault -o default -F")
