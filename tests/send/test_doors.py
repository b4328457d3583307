"""One request tells whether a route is there, and where it is not, no other is spent on it."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import probes, routes
from conformance.exchange import Exchange
from conformance.reference.respond import Server
from conformance.reference.server import Served
from conformance.send.doors import shut
from conformance.send.fetch import Target, fetch
from conformance.send.limits import Limits


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
    assert ({x.id for x in got}, skipped) == (doors, [])
    assert len(asked) > len(doors)
    assert len(doors) <= 12
