"""Requests over HTTP/2: to the reference's own application behind a server that offers it in TLS, and behind one that does not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import hypercorn
import hypercorn.asyncio
import pytest
import trustme

from conformance.areas.catalogue import catalogue, judge, lies, probes, routes
from conformance.areas.questions import GREETING
from conformance.reference.app import application
from conformance.reference.respond import Server
from conformance.send.fetch import fetch
from conformance.send.target import Target
from tests.support.asking import PATIENT

ASKED = [GREETING, *(probe for probe in probes() if probe.manner.http2)]
CHECKS = [check for check in catalogue().values() if check.id.startswith("sending.http2")]


@asynccontextmanager
async def served(tmp_path, monkeypatch, server, *offered):
    authority, config, over = trustme.CA(), hypercorn.Config(), asyncio.Event()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "own.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    config.certfile, config.keyfile = str(tmp_path / "own.pem"), str(tmp_path / "key.pem")
    config.bind, config.alpn_protocols, config.errorlog = ["127.0.0.1:0"], list(offered), None
    sockets = config.create_sockets()
    config.create_sockets = lambda: sockets
    sockets.secure_sockets[0].listen()
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            seen.append((scope["http_version"], scope["client"]))
        await application(server)(scope, receive, send)

    serving = asyncio.create_task(hypercorn.asyncio.serve(app, config, shutdown_trigger=over.wait))
    try:
        yield f"https://127.0.0.1:{sockets.secure_sockets[0].getsockname()[1]}/v1", seen
    finally:
        over.set()
        await serving


async def asked(base_url, server):
    got = []
    skipped = await fetch(ASKED, Target(base_url, server.model, server.key), PATIENT, on_exchange=got.append)
    return got, dict(skipped)


async def test_what_is_offered_is_spoken_over_one_connection_and_judged(tmp_path, monkeypatch):
    server = Server(routes())
    async with served(tmp_path, monkeypatch, server, "h2", "http/1.1") as (url, seen):
        got, skipped = await asked(url, server)
    assert skipped == {}
    assert {(x.status, x.ended) for x in got} == {(200, "complete")}
    second = [client for version, client in seen if version == "2"]
    assert len(second) == sum(probe.manner.http2 for probe in ASKED) > 3
    assert len(set(second)) < len(second)
    assert {v.outcome for v in judge(got, CHECKS)} == {"pass"}
    assert all(x.arrivals for x in got)


@pytest.mark.parametrize("name", ["http2-refused", "http2-large-refused"])
async def test_a_server_that_lies_over_it_is_found(tmp_path, monkeypatch, name):
    server = Server(routes(), lie=lies()[name])
    async with served(tmp_path, monkeypatch, server, "h2") as (url, _):
        got, _ = await asked(url, server)
    failed = {v.check.id for v in judge(got, CHECKS) if v.outcome == "fail"}
    assert failed == {check.id for check in CHECKS if name in check.breaks}


async def test_where_it_is_not_offered_nothing_is_sent_that_way(tmp_path, monkeypatch):
    server = Server(routes())
    async with served(tmp_path, monkeypatch, server, "http/1.1") as (url, seen):
        got, skipped = await asked(url, server)
    assert {x.id for x in got} == {"chat.hello", "chat.hello+stream"}
    assert {version for version, _ in seen} == {"1.1"}
    assert set(skipped.values()) == {"the endpoint offers no HTTP/2"}
