"""What one request looks like on the wire, and what is kept of its answer."""

from __future__ import annotations

import asyncio
import base64

import pytest

from conformance.exchange.probe import WRONG_KEY, Probe
from conformance.send.fetch import fetch
from conformance.send.target import Target
from tests.support.asking import KEY, PATIENT, ask, head
from tests.support.hostile import SSE, chunk, serve


async def head_of(probe, **target):
    sent = []
    await ask(sent, lambda url: Target(url, "m", **target), probe)
    return head(sent[0])


async def test_a_request_looks_like_one_of_an_official_client():
    line, headers = await head_of(Probe("x", {"messages": []}), key=KEY)
    assert line == "POST /v1/chat/completions HTTP/1.1"
    assert {k: v for k, v in headers.items() if k not in ("Host", "User-Agent")} == {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Content-Type": "application/json",
        "Content-Length": "30",
        "Authorization": f"Bearer {KEY}",
    }
    assert headers["User-Agent"].startswith("openai-conformance/")


async def test_a_get_has_no_body_and_no_content_type():
    line, headers = await head_of(Probe("x", method="GET", path="/models/{model}"), key=KEY)
    assert line == "GET /v1/models/m HTTP/1.1"
    assert not {name.lower() for name in headers} & {"content-type", "content-length", "transfer-encoding"}


CREDENTIALS = [
    ({"key": "given"}, {"key": KEY}, {"Authorization": f"Bearer {KEY}"}),
    ({"key": "given"}, {}, {}),
    ({"key": "none"}, {"key": KEY}, {}),
    ({"key": "wrong"}, {"key": KEY}, {"Authorization": f"Bearer {WRONG_KEY}"}),
    ({"intent": frozenset({"capital-header"})}, {"key": KEY}, {"AUTHORIZATION": f"Bearer {KEY}"}),
    ({"intent": frozenset({"lowercase-scheme"})}, {"key": KEY}, {"Authorization": f"bearer {KEY}"}),
    ({"key": "given"}, {"key": KEY, "headers": (("authorization", "Basic eA=="),)}, {"Authorization": "Basic eA=="}),
    ({"key": "none"}, {"key": KEY, "headers": (("authorization", "Basic eA=="),)}, {}),
    ({"key": "given"}, {"headers": (("Api-Key", KEY),)}, {"Api-Key": KEY}),
    ({"key": "none"}, {"headers": (("Api-Key", KEY),)}, {}),
    ({"key": "wrong"}, {"headers": (("Api-Key", KEY),)}, {"Api-Key": WRONG_KEY, "Authorization": f"Bearer {WRONG_KEY}"}),
    # With a key, other secret headers are a gateway's, and it would answer in the endpoint's place without them.
    ({"key": "none"}, {"key": KEY, "headers": (("X-Gateway-Token", "t"),)}, {"X-Gateway-Token": "t"}),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "target", "wanted"), CREDENTIALS)
async def test_credentials_go_as_the_probe_means_them(probe, target, wanted):
    _, headers = await head_of(Probe("x", {}, **probe), **target)
    names = ("authorization", "api-key", "x-gateway-token")
    assert {k: v for k, v in headers.items() if k.lower() in names} == wanted


async def test_headers_of_the_user_and_then_of_the_probe_go_before_our_own():
    probe = Probe("x", {}, headers=(("Accept-Encoding", "identity"), ("content-type", "text/plain")))
    _, headers = await head_of(probe, headers=(("ACCEPT", "*/*"), ("Accept-Encoding", "br"), ("X-Team", "7")))
    assert headers["ACCEPT"] == "*/*"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["content-type"] == "text/plain"
    assert headers["X-Team"] == "7"
    assert not {"Accept", "Content-Type"} & set(headers)


async def test_the_base_url_may_have_a_path_a_query_and_userinfo():
    sent = []
    where = "/openai/deployments/a%2Fb?api-version=2026-01-01"
    got, _ = await ask(
        sent,
        lambda url: Target(url.replace("//", "//me:secret-password-1@").replace("/v1", where), "m"),
        Probe("x", method="GET", path="/models"),
    )
    line, headers = head(sent[0])
    assert line == "GET /openai/deployments/a%2Fb/models?api-version=2026-01-01 HTTP/1.1"
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:secret-password-1").decode()
    assert "secret-password-1" not in repr(got)
    assert "@" not in got[0].url


async def test_a_slash_in_a_model_stays_escaped():
    sent = []
    await ask(sent, lambda url: Target(url, "org/mödel"), Probe("x", method="GET", path="/models/{model}"))
    assert head(sent[0])[0] == "GET /v1/models/org%2Fm%C3%B6del HTTP/1.1"


async def test_credentials_of_netrc_and_proxies_for_loopback_are_not_used(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    _, headers = await head_of(Probe("x", {}))
    assert "Authorization" not in headers


async def test_an_exchange_keeps_names_order_bytes_and_times():
    async def answer(writer, request):
        writer.write(SSE.replace(b"\r\n\r\n", b"\r\nX-b: 2\r\nx-A: \xe9\r\nX-b: 1\r\n\r\n"))
        for piece in (b"data: 1\r\n\r\n", b"\xff\xfe", b": x\n\n"):
            writer.write(chunk(piece))
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.write(b"0\r\n\r\n")

    got = []
    async with serve(answer) as url:
        await fetch([Probe("x", {}, intent=frozenset({"a"}))], Target(url, "m"), PATIENT, on_exchange=got.append)
    (x,) = got
    assert x.body == b"data: 1\r\n\r\n\xff\xfe: x\n\n"
    assert x.headers[2:] == (("X-b", "2"), ("x-A", "é"), ("X-b", "1"))
    assert [total for _, total in x.arrivals] == [11, 13, 18]
    times = [seconds for seconds, _ in x.arrivals]
    assert times == sorted(times)
    assert times[0] >= 0
    assert x.started > 1_700_000_000
    assert (x.id, x.intent, x.ended, x.failure) == ("x", frozenset({"a"}), "complete", None)
    assert x.asked == {"model": "m"}
