"""Fixtures that tests of several rooms take."""

from __future__ import annotations

import pytest

from conformance.send.embedded import Reference
from tests.support import command as commands


@pytest.fixture
def call(monkeypatch, capsys):
    """Runs the command line in this process: `call(*arguments, server=None)` gives exit code, standard output, standard error."""
    return commands.command(monkeypatch, capsys)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty current folder, no key in the environment, a terminal of 80 columns."""
    commands.elsewhere(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def server():
    """An honest reference."""
    with Reference() as running:
        yield running
