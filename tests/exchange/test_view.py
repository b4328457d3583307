"""What an exchange cannot be read as is not tried again, and is no matter of its copies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.exchange import Exchange, Unreadable

BROKEN = Exchange("x", "POST", "http://h/v1/chat/completions", (), b"", 200, (), b"{")


def test_what_cannot_be_read_is_read_once(monkeypatch):
    calls = []
    view = type(BROKEN).__dict__["answer"]
    read = view._read
    monkeypatch.setattr(view, "_read", lambda x: calls.append(x) or read(x))
    x = replace(BROKEN, memo={})
    for _ in range(3):
        with pytest.raises(Unreadable):
            _ = x.answer
    assert len(calls) == 1


def test_a_copy_is_read_by_itself():
    with pytest.raises(Unreadable):
        _ = BROKEN.answer
    assert replace(BROKEN, body=b'{"id": 1}').answer == {"id": 1}
