"""One request tells whether a route is there, and where it is not, no other is spent on it."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import probes, routes
from conformance.exchange import Exchange
from conformance.exchange.probe import TIDYING, Probe
from conformance.reference.respond import Server
from conformance.reference.server import Served
from conformance.send.doors import shut
from conformance.send.fetch import Target, fetch
from conformance.send.limits import Limits
from tests.support.asking import PATIENT
from tests.support.hostile import serve, whole


def answer(status: int | None, body: object = b"", kind: str = "application/json") -> Exchange:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("d", "POST", "http://h/v1/embeddings", (), b"{}", status, (("content-type", kind),), text)


@pytest.mark.parametrize(
    "door",
    [
        answer(404, b"Not Found", "text/plain"),
        answer(404, {"detail": "Not Found"}),
        answer(405, b""),
        answer(501, {"error": {"message": "not yet"}}),
        answer(500, b"oops"),
        answer(403, {"error": {"message": "You are not allowed to sample from this model"}}),
        answer(400, {"error": {"message": "The model does not support Embeddings API"}}),
        answer(422, {"error": "this model is not supported for embeddings"}),
        answer(200, b"<!doctype html><html>", "text/html"),
    ],
)
def test_a_route_that_is_not_there_or_not_for_this_model_is_shut(door):
    assert shut(door)


@pytest.mark.parametrize(
    "door",
    [
        None,
        answer(None),
        answer(200, {"object": "list"}),
        answer(200, b"half a"),
        answer(400, {"error": {"message": "Invalid value for 'input'"}}),
        answer(429, {"error": {"message": "Too many requests"}}),
    ],
)
def test_any_other_answer_leaves_it_open(door):
    assert shut(door) is None


async def test_what_is_behind_a_shut_door_costs_nothing():
    server = Server({path: methods for path, methods in routes().items() if "chat" in path or "models" in path})
    got: list[Exchange] = []
    with Served(server) as served:
        asked = [probe for probe in probes() if probe.door or probe.name in {each.door for each in probes()}]
        skipped = await fetch(
            asked, Target(served.base_url, served.model, served.key), Limits(), on_exchange=got.append
        )
    doors = {probe.door for probe in probes() if probe.door}
    doors -= {probe.name for probe in probes() if probe.door in doors}  # behind another
    assert ({x.id for x in got}, skipped) == (doors, [])
    assert len(asked) > len(doors)
    assert len(doors) <= 12


def answering(absent):
    """A server that does not have these paths, and notes what it was asked for."""
    asked = []

    async def server(writer, request):
        path = request.split()[1].decode().removeprefix("/v1")
        asked.append(path)
        missing = path in absent
        body = b'{"error": {"message": "Not Found"}}' if missing else b"{}"
        writer.write(whole(body, status=b"404 Not Found" if missing else b"200 OK"))

    return server, asked


HOUSE = [
    Probe("hall", {}, path="/hall"),
    Probe("room", {}, path="/room", door="hall"),
    Probe("cupboard", {}, path="/cupboard", door="room"),
    Probe("box", {}, path="/box", door="cupboard"),
]


async def sent(absent):
    server, asked = answering(absent)
    async with serve(server) as url:
        skipped = await fetch(HOUSE, Target(url, "m"), PATIENT, on_exchange=lambda x: None)
    assert skipped == []
    return asked


async def test_all_is_asked_where_every_door_is_open():
    asked = await sent(set())
    assert asked == ["/hall", "/room", "/cupboard", "/box"]


async def test_what_is_behind_a_door_that_is_behind_a_shut_one_is_not_asked_either():
    asked = await sent({"/hall"})
    assert asked == ["/hall"]


async def test_the_shut_door_itself_costs_one_request():
    asked = await sent({"/room"})
    assert asked == ["/hall", "/room"]


async def test_what_only_undoes_is_not_missed_where_there_is_nothing_to_undo():
    server, asked = answering(set())
    nothing = {"build": lambda x: None, "path": "/room/{built}", "method": "DELETE", "after": "hall"}
    house = [
        Probe("hall", {}, path="/hall"),
        Probe("undone", **nothing, intent=frozenset({TIDYING})),
        Probe("lost", **nothing),
    ]
    async with serve(server) as url:
        skipped = await fetch(house, Target(url, "m"), PATIENT, on_exchange=lambda x: None)
    assert asked == ["/hall"]
    assert [each.id for each in skipped] == ["lost"]
