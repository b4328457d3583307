"""What a status says of an exchange, at both sides of each bound."""

from __future__ import annotations

import pytest

from conformance.exchange import Exchange


@pytest.mark.parametrize(
    ("status", "ok"), [(None, False), (199, False), (200, True), (201, True), (299, True), (300, False), (500, False)]
)
def test_a_success_is_from_200_to_299(status, ok):
    assert Exchange("x", "POST", "http://h/v1/chat/completions", (), b"{}", status, (), b"{}").ok is ok
