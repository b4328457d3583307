"""The replay beside: it gives what the replay here gives, whatever becomes of its process, and a fault of ours is one of that exchange."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from conformance.areas.catalogue import lies
from conformance.clients.replay import Client
from conformance.clients.replaying import Broken, Replaying
from conformance.send.inprocess import exchanges
from tests.support import proving

SOME = [x for x in exchanges() if x.id in {"chat.hello", "chat.hello+stream", "models.list", "models.unknown"}]
SOME += [
    replace(x, id=f"lying-{x.id}") for x in proving.lying(lies()["chat-without-index"]) if x.id.startswith("chat.")
][:3]


def here(x):
    with Client() as client:
        return client.outcomes(x)


def test_it_gives_what_the_replay_here_gives():
    with Replaying() as client:
        for x in SOME:
            client.begin(x)
        assert [client.outcomes(x) for x in SOME] == [here(x) for x in SOME]
        assert client._here is None


def test_what_was_not_begun_is_replayed_here():
    with Replaying() as client:
        assert client.outcomes(SOME[0]) == here(SOME[0])
        assert client._process is None


def test_a_process_that_dies_takes_nothing_with_it():
    with Replaying() as client:
        for x in SOME:
            client.begin(x)
        client._process.kill()
        assert [client.outcomes(x) for x in SOME] == [here(x) for x in SOME]


def test_where_no_process_can_be_begun_the_replay_is_here(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Replaying() as client:
        client.begin(SOME[0])
        assert client.outcomes(SOME[0]) == here(SOME[0])


def test_a_fault_of_the_replay_is_of_that_exchange_alone():
    faulty = replace(SOME[0], id="faulty", body=None)
    with Replaying() as client:
        for x in (faulty, SOME[1]):
            client.begin(x)
        with pytest.raises(Broken, match=r"^AttributeError: "):
            client.outcomes(faulty)
        assert client.outcomes(SOME[1]) == here(SOME[1])


def test_it_ends_with_who_began_it_and_what_waits_is_dropped():
    with Replaying() as client:
        for x in SOME * 20:
            client.begin(x)
        process = client._process
    assert process.returncode is not None
