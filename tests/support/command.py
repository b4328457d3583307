"""The command line called in this process, for the tests of it."""

from __future__ import annotations

import pytest

from conformance.cli.main import main
from conformance.send.embedded import Reference


def command(monkeypatch, capsys):
    """A function that runs the command, against a server where one is given: exit code, standard output, standard error."""

    def run(*arguments: str, server: Reference | None = None) -> tuple[int, str, str]:
        if server is not None:
            monkeypatch.setenv("OPENAI_API_KEY", server.key)
            arguments = (*arguments, "--base-url", server.base_url)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return ended.value.code, *capsys.readouterr()

    return run


def elsewhere(monkeypatch, tmp_path) -> None:
    """An empty current folder, no key in the environment, a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
