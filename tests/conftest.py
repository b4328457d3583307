"""Fixtures that tests of several rooms take."""

from __future__ import annotations

import pytest

from conformance.send.embedded import Reference
from tests.support import command as commands
from tests.support.lying import WITHOUT_BOTH


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


@pytest.fixture(scope="module")
def liar():
    """A reference that sends no [DONE] (a MUST) and no request id (a SHOULD)."""
    with Reference(lie=WITHOUT_BOTH) as running:
        yield running
