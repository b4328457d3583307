"""The reference server over a real socket: the same bytes as in this process, and honest about what it is asked."""

from __future__ import annotations

import json

import httpx
import pytest

from conformance.reference import tokens
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
