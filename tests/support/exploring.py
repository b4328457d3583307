"""Explorations of the reference in this process: no sockets, no waiting."""

from __future__ import annotations

from pathlib import Path

from conformance.areas.catalogue import catalogue, routes
from conformance.exchange import Exchange
from conformance.explore.exploration import Exploration
from conformance.explore.explore_options import ExploreOptions
from conformance.reference.lies import Lie
from conformance.reference.respond import Server
from conformance.send.inprocess import EPOCH, ask
from conformance.send.requests import Request


class Kept:
    """A way of sending to the reference, telling one lie or none, that keeps what was sent."""

    def __init__(self, lie: Lie | None = None) -> None:
        self.server = Server(routes(), lie=lie, now=lambda: EPOCH)
        self.sent: list[Request] = []

    def __call__(self, requests: list[Request]) -> list[Exchange]:
        self.sent += requests
        return [ask(self.server, request) for request in requests]


def exploration(send: Kept, folder: Path, *, examples: int = 60, seed: int = 1, **more: object) -> Exploration:
    options = ExploreOptions(examples=examples, report=str(folder))
    return Exploration(send, send.server.model, list(catalogue().values()), options, seed, **more)
