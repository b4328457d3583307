"""The upstream's end on a socket: how it is asked, whether the client had its first event, and who waits for whom, is noted."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.gateway import upstream_end
from conformance.gateway.asked_through import PROBES
from conformance.gateway.pair import IN_VAIN, UNFRAMED
from conformance.gateway.pairing import Desk
from conformance.gateway.upstream_end import Upstream
from conformance.send.requests import requests


@contextmanager
def upstream():
    """One that is asked as by a gateway, for a probe; gives the bytes of its answer, and what is noted of it."""
    kept = []
    desk = Desk()
    with Upstream(desk, kept.append, "127.0.0.1", 0, own=None, client=None) as end:
        host, port = end.base_url.removeprefix("http://").removesuffix("/v1").split(":")

        def ask(
            id: str, *headers: str, version: str = "1.1", seen: bool = False, body: bytes | None = None
        ) -> tuple[bytes, frozenset[str]]:
            request = next(r for probe in PROBES for r in requests(probe, end.model) if r.id == id)
            request = replace(request, body=body or request.body)
            whose = desk.begin(id, request.probe, request.body or b"")
            if seen:
                whose.seen.set()
            lines = (
                f"POST /v1{request.path} HTTP/{version}",
                "Host: x",
                "Connection: close",
                "Content-Type: application/json",
                *headers,
            )
            head = "\r\n".join((*lines, f"Content-Length: {len(request.body)}", "", "")).encode()
            with socket.create_connection((host, int(port)), 10) as one:
                one.sendall(head + request.body)
                one.settimeout(10)
                came = b"".join(iter(lambda: one.recv(65536), b""))
            assert desk.settled(whose, 10)
            return came, kept[-1].intent

        ask.kept = kept
        yield ask, (host, int(port))


def test_an_upstream_closes_the_connection_unanswered_also_to_a_gateway_that_names_its_client():
    with upstream() as (ask, _):
        assert ask("gateway.gone", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https")[0] == b""


def test_what_an_upstream_refuses_before_it_is_gone_is_an_answer():
    with upstream() as (ask, _):
        came, _ = ask("gateway.gone", body=b'{"model": "none"}')
        assert came.startswith(b"HTTP/1.1 404")
        assert ask.kept[-1].status == 404


def test_whether_the_end_of_an_answer_could_be_told_is_noted():
    with upstream() as (ask, _):
        assert UNFRAMED in ask("gateway.breaks", version="1.0")[1]
        assert UNFRAMED not in ask("gateway.breaks")[1]
        counted, _ = ask("gateway.breaks-counted", version="1.0")
    head, _, body = counted.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    assert 0 < len(body) < length
    with pytest.raises(ValueError, match=r"line|EOF|Unterminated"):
        json.loads(body)


def test_a_client_that_never_had_its_first_event_is_told_from_one_that_stayed(monkeypatch):
    monkeypatch.setattr(upstream_end, "PATIENCE", 0.2)
    with upstream() as (ask, _):
        for id in ("gateway.long", "gateway.leaves"):
            assert IN_VAIN in ask(id)[1]
            assert IN_VAIN not in ask(id, seen=True)[1]


def test_who_looks_whether_an_upstream_is_well_hears_that_it_is():
    with upstream() as (_, address), socket.create_connection(address, 10) as one:
        one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert one.recv(65536).startswith(b"HTTP/1.1 200")
