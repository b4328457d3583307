"""`openai-conformance completion`: what makes a shell complete commands, options, and the names that they take.

The shell's part is click's: it calls the command again with what was typed, in an environment variable. The names of checks and
features are looked up only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem, get_completion_class

from conformance.cli.exits import NAME

VARIABLE = "_OPENAI_CONFORMANCE_COMPLETE"
"""Set by the shell where it asks what may follow: the name that click expects."""
SHELLS = ("bash", "zsh", "fish")
Completer = Callable[[click.Context, str], list[CompletionItem]]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, checks, areas, features and endpoints.

    \b
    bash   in ~/.bashrc:  eval "$(openai-conformance completion bash)"
    zsh    in ~/.zshrc:   eval "$(openai-conformance completion zsh)"
    fish   once:          openai-conformance completion fish > ~/.config/fish/completions/openai-conformance.fish
    """
    click.echo(get_completion_class(shell)(ctx.find_root().command, {}, NAME, VARIABLE).source())


def complete_values(group: click.Group) -> None:
    """Let the values of every option and argument of these commands be completed by what help calls them."""
    for command in group.commands.values():
        for param in command.params:
            if not isinstance(param.type, click.Choice) and (found := _completer(param.metavar or "")):
                param.shell_complete = found
        if isinstance(command, click.Group):
            complete_values(command)


def _completer(metavar: str) -> Completer | None:
    """What may stand for a value that help calls so; None where nothing is known of it."""
    word = metavar.strip("[].").split(" ")[0]
    if word in ("FILE", "RUN", "PATH", "TARGETS.toml"):
        return lambda ctx, incomplete: [CompletionItem(incomplete, type="file")]
    if word in ("DIR", "DIR-or-ID"):
        return lambda ctx, incomplete: [CompletionItem(incomplete, type="dir")]
    if names := next((names for kind, names in _NAMES.items() if word.startswith(kind)), None):
        return lambda ctx, incomplete: _beginning(names(), incomplete)
    if "|" in word:
        words = [each for each in word.split("|") if not each.isupper()]
        return lambda ctx, incomplete: _beginning(words, incomplete)
    return None


def _checks_and_areas() -> Iterable[str]:
    from conformance.areas.catalogue import catalogue

    return [*dict.fromkeys(check.area for check in catalogue().values()), *catalogue()]


def _features() -> Iterable[str]:
    from conformance.areas.catalogue import features

    return features()


def _endpoints() -> Iterable[str]:
    from conformance.exchange.documented import ENDPOINTS

    return ENDPOINTS


def _lies() -> Iterable[str]:
    from conformance.areas.catalogue import lies

    return lies()


def _clients() -> Iterable[str]:
    from conformance.watch.trials.roster import clients

    return clients()


def _scenarios() -> Iterable[str]:
    from conformance.watch.trials.scenarios import SCENARIOS

    return SCENARIOS


_NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "AREA-or-ID": _checks_and_areas,
    "ID-or-WORDS": _checks_and_areas,
    "CHECK-or-EXCHANGE": _checks_and_areas,
    "FEATURE": _features,
    "ENDPOINT": _endpoints,
    "LIE": _lies,
    "CLIENT": _clients,
    "SCENARIO": _scenarios,
}


def _beginning(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """The words that begin as what was typed does, or as what stands after its last comma does."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [CompletionItem(f"{before}{comma}{word}") for word in words if word.startswith(last) and word not in taken]
