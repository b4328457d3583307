"""Fixtures that tests of sending take."""

from __future__ import annotations

import pytest


@pytest.fixture
def slept(monkeypatch):
    """Nobody waits between one try and the next; how long they would have."""
    seconds = []

    async def sleep(n):
        seconds.append(n)

    monkeypatch.setattr("conformance.send.retries.sleep", sleep)
    return seconds
