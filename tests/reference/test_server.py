"""The reference server over a real socket: the same bytes as in this process, and honest about what it is asked."""

from __future__ import annotations

import contextlib
import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest

from conformance.reference import tokens
from conformance.reference.app import BODY_BYTES
from conformance.reference.lies import Lie
from conformance.reference.replies import Reply, frames
from conformance.reference.server import CannotServe, listen
from conformance.send.embedded import Reference


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.base_url, headers={"Authorization": f"Bearer {server.key}"}) as client:
        yield client


def asking(server, text: str, **more):
    return {"model": server.model, "messages": [{"role": "user", "content": text}], **more}


def test_plain_and_streamed_say_the_same(server, client):
    plain = client.post("/chat/completions", json=asking(server, "Count from 1 to 9, separated by commas")).json()
    asked = asking(
        server, "Count from 1 to 9, separated by commas", stream=True, stream_options={"include_usage": True}
    )
    lines = client.post("/chat/completions", json=asked).text.splitlines()
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert lines[-2] == "data: [DONE]"
    assert text == plain["choices"][0]["message"]["content"] == "1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert chunks[-1]["usage"] == plain["usage"]


def test_usage_adds_up_and_limits_cut(server, client):
    answer = client.post(
        "/chat/completions", json=asking(server, "Count from 1 to 99, separated by commas", max_tokens=7)
    ).json()
    usage = answer["usage"]
    assert usage["completion_tokens"] == 7
    assert usage["total_tokens"] == usage["prompt_tokens"] + 7
    assert answer["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        ("/models", "", 401, None),
        ("/models", "Bearer nope", 401, "invalid_api_key"),
        ("/models/nope", None, 404, "model_not_found"),
        ("/nope", None, 404, None),
    ],
)
def test_mistakes_are_refused_as_openai_does(client, path, key, status, code):
    headers = {} if key is None else {"Authorization": key}
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_remaining_requests_count_down(server, client):
    left = [
        int(client.post("/chat/completions", json=asking(server, "hello")).headers["x-ratelimit-remaining-requests"])
        for _ in range(3)
    ]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 3


def test_a_cut_stream_breaks_the_body():
    cut = Lie("cut", "Cuts.", reply=lambda call, reply: Reply(200, (), chunks=({"a": 1},), done=False, ending="cut"))
    with Reference(lie=cut) as server, pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{server.base_url}/chat/completions", json={"stream": True})


def test_a_taken_port_is_said_in_one_line():
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with taken, pytest.raises(CannotServe, match=f"port {port} on 127.0.0.1 cannot be opened: "):
        listen("127.0.0.1", port)


@pytest.mark.parametrize("text", ["", "Hello, world!", "Grüße, 你好, 😀👍", "a\n\nb", "  x", "1234567"])
def test_tokens_are_reversible_and_never_split_a_character(text):
    produced = tokens.encode(text)
    assert tokens.decode(produced) == text
    assert all("\ufffd" not in tokens.decode(produced[:n]) for n in range(len(produced)))


def test_frames_are_events():
    assert frames(Reply(200, (), chunks=({"a": 1},), before={0: "ping"})) == (
        b": ping\n\n",
        b'data: {"a":1}\n\n',
        b"data: [DONE]\n\n",
    )


# ---------------------------------------------------------------------- what would stop it for everyone


def chained(levels):
    """A schema of so few definitions that stands for 2 ** levels values."""
    last = {"type": "string"}
    defs = {f"a{n}": obj(x={"$ref": f"#/$defs/a{n + 1}"}, y={"$ref": f"#/$defs/a{n + 1}"}) for n in range(levels)}
    return obj(x={"$ref": "#/$defs/a0"}) | {"$defs": defs | {f"a{levels}": last}}


def obj(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def lists(least, items):
    return {"type": "array", "minItems": least, "items": items}


LARGE = {
    "minItems": obj(x={"type": "array", "items": {"type": "string"}, "minItems": 1_000_000_000}),
    "minItems in minItems": obj(x=lists(9000, lists(9000, {"type": "string"}))),
    "chained definitions": chained(60),
    "a required recursion": obj(x={"$ref": "#"}),
    "a reference to itself": obj(x={"$ref": "#/properties/x"}),
    "a reference to nothing": obj(x={"$ref": "#/$defs/none"}),
    "a long pattern": obj(x={"type": "string", "pattern": "^[a-z]{999999999}$"}),
    "a pattern of many digits": obj(x={"type": "string", "pattern": "^[a-z]{" + "9" * 5000 + "}$"}),
    "a step of nothing": obj(x={"type": "number", "multipleOf": 0}),
    "a tiny step": obj(x={"type": "number", "multipleOf": 1e-300, "minimum": 1e300}),
    "a number of items that is none": obj(x={"type": "array", "items": {"type": "string"}, "minItems": "many"}),
    "an empty choice": obj(x={"enum": []}),
}  # fmt: skip


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", LARGE)
def test_a_schema_without_bounds_is_refused(server, client, name, strict):
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": strict, "schema": LARGE[name]}}
    answer = client.post("/chat/completions", json=asking(server, "Hello", response_format=form))
    assert answer.status_code == 400, answer.text[:200]
    assert answer.json()["error"]["message"]
    tool = {"type": "function", "function": {"name": "hello", "parameters": LARGE[name]}}
    answer = client.post("/chat/completions", json=asking(server, "Hello", tools=[tool], tool_choice="required"))
    assert answer.status_code == 400, answer.text[:200]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"messages": [{"role": "user", "content": "Count from 1 to 999999999, separated by commas"}]}, 200),
        ({"messages": [{"role": "user", "content": "Count from 1 to " + "9" * 5000 + ", separated by commas"}]}, 200),
        (
            {
                "n": 128,
                "logprobs": True,
                "top_logprobs": 20,
                "messages": [{"role": "user", "content": "word " * 20_000}],
            },
            400,
        ),
    ],
    ids=["count", "digits", "choices"],
)
def test_no_request_makes_an_answer_without_bounds(server, client, asked, status):
    answer = client.post("/chat/completions", json={"model": server.model} | asked, timeout=20)
    assert answer.status_code == status
    assert len(answer.content) < 8_000_000


def test_bodies_are_bounded(server, client):
    answer = client.post(
        "/chat/completions", content=b"[" * (BODY_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, "longer than" in answer.json()["error"]["message"]) == (413, True)
    for body in (b'{"messages": [' + b"[]," * 600_000 + b"1]}", b"[" * 100_000, b"9" * 10_000):
        answer = client.post("/chat/completions", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
    assert (
        client.post("/embeddings", json={"model": server.server.models["embedding"], "input": ["x"] * 3000}).status_code
        == 400
    )


def test_headers_are_bounded(client):
    with contextlib.suppress(httpx.TransportError):  # it closes before all of it is sent
        assert client.get("/models", headers={"X-Long": "x" * 200_000}).status_code == 400
    assert client.get("/models").status_code == 200


HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


@pytest.mark.parametrize("half", [b"", b"GET /v1/models HTTP/1.1\r\nHost: x\r\n", HEAD], ids=["none", "head", "body"])
def test_half_a_request_ends(monkeypatch, half):
    monkeypatch.setattr("conformance.reference.server.PATIENCE", 0.1)
    monkeypatch.setattr("conformance.reference.app.PATIENCE", 0.1)
    with Reference() as running, socket.create_connection(("127.0.0.1", urlsplit(running.base_url).port)) as one:
        one.sendall(half)
        one.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(1000) == b""


def test_what_is_stored_is_bounded(server, client, monkeypatch):
    monkeypatch.setattr("conformance.areas.chat.honest.STORED", 5)
    for _ in range(8):
        assert client.post("/chat/completions", json=asking(server, "Hello", store=True)).status_code == 200
    assert len(server.server.stored) == 5
