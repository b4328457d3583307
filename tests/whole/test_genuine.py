"""What OpenAI itself was recorded to do, told again in words of our own: no check calls it wrong, or leaves it untested."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from conformance.exchange import Exchange
from conformance.judge.final_response import final_response
from conformance.judge.relations import MOMENT
from tests.support.recordings import HONEST

V1 = "https://api.openai.com/v1"
JSON = (("content-type", "application/json"),)
SENT = (("Authorization", "Bearer [redacted]"), ("Content-Type", "application/json"))


def chat(answer, status=200, headers=JSON, url=f"{V1}/chat/completions", sent=SENT, **asked) -> Exchange:
    """A recorded chat request and what came back: an object, or text as it was."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Name a colour."}], **asked}
    return recorded("POST", url, body, answer, status, headers, sent)


def recorded(method, url, body, answer, status, headers=JSON, sent=SENT, started=None, id="recording#0") -> Exchange:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    asked = b"" if body is None else json.dumps(body).encode()
    return Exchange(id, method, url, sent, asked, status, headers, text.encode(), headers_known=False, started=started)


def completion(content, finish="stop", **more) -> dict:
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
    usage = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
    return {
        "id": "chatcmpl-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O", "object": "chat.completion", "created": 1_780_000_000,
        "model": "gpt-4o-mini-2024-07-18", "service_tier": "default", "system_fingerprint": "fp_0123456789",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}], "usage": usage, **more,
    }  # fmt: skip


def refusal(message, code, param, status=400, **asked) -> Exchange:
    return chat(
        {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}, status, **asked
    )


HEAD = {
    "id": "chatcmpl-S1b2C3d4E5f6G7h8I9j0K1l2M3n4O", "object": "chat.completion.chunk", "created": 1_780_000_000,
    "model": "gpt-audio-1.5", "service_tier": "default", "system_fingerprint": "fp_0123456789", "usage": None,
}  # fmt: skip


def delta(**members) -> dict:
    return HEAD | {"choices": [{"index": 0, "delta": members, "finish_reason": None}]}


USED = {"prompt_tokens": 18, "completion_tokens": 16, "total_tokens": 34}
UNFINISHED = {
    "message": "The message could not be finished.",
    "type": "invalid_request_error",
    "param": None,
    "code": None,
}
HEARD = [
    HEAD, HEAD,
    delta(role="assistant", content=None, refusal=None, audio={"id": "audio_0123", "data": "AAAA"}),
    delta(audio={"data": "AAAA"}),
    HEAD | {"choices": [], "usage": USED},
]  # fmt: skip


def sound(*heard: dict) -> Exchange:
    """Streamed audio: words, heartbeats without choices, sound that begins with a role again, usage, and until when it is kept."""
    chunks = [
        delta(role="assistant", refusal=None),
        delta(content=None, audio={"id": "audio_0123", "transcript": "Green"}),
        *(heard or HEARD),
        HEAD | {"choices": [{"index": 0, "delta": {"audio": {"expires_at": 1_780_003_600}}}]},
    ]
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    more = {"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": "pcm16"}, "stream": True}
    stream = (("content-type", "text/event-stream; charset=utf-8"),)
    return chat(text, headers=stream, stream_options={"include_usage": True}, **more)


GATEWAY = "upstream connect error or disconnect/reset before headers. reset reason: overflow"
PLAIN = (("content-type", "text/plain"),)
PAGE = "<html><head><title>404 Not Found</title></head><body></body></html>"
HTML = (("content-type", "text/html"),)
GENUINE = {
    "streamed audio": sound(),
    "streamed audio that could not be finished": sound({"error": UNFINISHED}),
    **{f"a gateway's {status}": chat(GATEWAY, status, PLAIN) for status in (502, 503, 504)},
    "a gateway's 503 without a body": chat("", 503, ()),
    "a page where no route is": chat(PAGE, 404, HTML, url=f"{V1}/no-such/chat/completions"),
    "nothing where no route is": recorded("POST", f"{V1}/v1/responses", {"model": "gpt-4", "input": "hi"}, "", 404, ()),
    "a closing fence that begins as a stop does": chat(
        completion("Use this:\n```ruby\nputs 1\n```", usage={"prompt_tokens": 11, "completion_tokens": 9, "total_tokens": 20}),
        stop=["```output"],
    ),
    "too small a number for a parameter that the model lacks": refusal(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "unsupported_parameter", "max_tokens", max_tokens=0,
    ),
    "both limits": refusal(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        "invalid_parameter_combination", "max_tokens", max_tokens=5, max_completion_tokens=9,
    ),
    "a connection closed for a client that may have asked for it": chat(
        completion("Teal."), headers=(*JSON, ("connection", "close")), sent=()
    ),
}  # fmt: skip


def amiss(*exchanges: Exchange) -> dict[str, str]:
    verdicts = judge(exchanges)
    return {v.check.id: str(v.problems or v.reason) for v in verdicts if v.outcome not in ("pass", "not-exercised")}


@pytest.mark.parametrize("name", GENUINE)
def test_nothing_is_wrong_with(name):
    assert amiss(GENUINE[name]) == {}


def test_the_same_without_the_reason_is_wrong():
    """The exceptions are no wider than what was seen."""
    silent = sound()
    asked = json.loads(silent.request_body)
    del asked["modalities"]
    assert "stream.chunk-choices" in amiss(chat(silent.body.decode(), headers=silent.headers, **asked))
    unfinished = sound({"error": UNFINISHED}).body.decode()
    assert "stream.error-is-last" in amiss(chat(unfinished, headers=silent.headers, **asked))
    assert "stream.error-is-last" in amiss(sound({"error": UNFINISHED}, delta(audio={"data": "AAAA"})))
    assert "error.json" in amiss(chat(GATEWAY, 500, PLAIN))
    assert "error.json" in amiss(chat(PAGE, 404, HTML))
    assert "error.envelope" in amiss(chat({"detail": "overloaded"}, 503))
    left = completion("The end.\n```out", usage={"prompt_tokens": 11, "completion_tokens": 9, "total_tokens": 20})
    assert "param.stop-prefix" in amiss(chat(left, stop=["```output"]))
    assert "error.below-code" in amiss(refusal("Too small.", "invalid_value", "max_tokens", max_tokens=0))
    words = "Use 'max_completion_tokens' instead."
    assert "error.unsupported-max-tokens" in amiss(
        refusal(words, "invalid_parameter_combination", "max_tokens", max_tokens=5)
    )


def fetched(status: int, after: float | None) -> list[Exchange]:
    made = recorded(
        "POST",
        f"{V1}/chat/completions",
        {"model": "gpt-4o-mini", "store": True, "messages": []},
        completion("Teal."),
        200,
        started=1e9,
    )
    error = {"error": {"message": "not found", "type": "invalid_request_error", "param": None, "code": None}}
    url = f"{V1}/chat/completions/{completion('')['id']}"
    return [
        made,
        recorded("GET", url, None, error, status, started=None if after is None else 1e9 + after, id="recording#1"),
    ]


@pytest.mark.parametrize("after", [None, 1.0])
def test_a_stored_completion_is_there_only_after_a_moment(after):
    assert "chat.stored" not in amiss(*fetched(404, after))


def test_after_that_it_must_be_there():
    assert "chat.stored" in amiss(*fetched(404, MOMENT + 1))


THOUGHT = HONEST["responses.thinking+stream"]


def summarised(draft: str, *, before: bytes) -> set[str]:
    """What is wrong with a stream whose summary has one more delta, before this."""
    head, tail = THOUGHT.body.split(before, 1)
    place = json.loads(THOUGHT.body.split(b"event: response.reasoning_summary_text.delta\ndata: ")[1].split(b"\n")[0])
    event = f"event: {place['type']}\ndata: {json.dumps(place | {'delta': draft})}\n\n".encode()
    events = re.split(rb'(?<="sequence_number":)\d+', head + event.replace(b'": ', b'":') + before + tail)
    numbered = b"".join(part + (str(n).encode() if n < len(events) - 1 else b"") for n, part in enumerate(events))
    return {*amiss(replace(THOUGHT, body=numbered, memo={}))}


def test_a_summary_may_be_begun_anew():
    """Its deltas then hold the draft that was given up, before what is done or behind its beginning."""
    first = b"event: response.reasoning_summary_text.delta"
    second = first + THOUGHT.body.split(first)[2]
    assert summarised("A draft that was given up. ", before=first) == set()
    assert summarised(" see a draft.", before=second) == set()
    assert summarised(" and more", before=b"event: response.reasoning_summary_text.done") == {
        "response.reasoning-joined"
    }


def counted(asked: dict, tokens: int, of: str) -> Exchange:
    """The honest answer of this name, whose prompt is said to have so many tokens."""
    x, used = HONEST[of], final_response(HONEST[of])["usage"]
    body = re.sub(rb'("input_tokens": ?)\d+', rb"\g<1>%d" % tokens, x.body)
    body = re.sub(rb'("total_tokens": ?)\d+', rb"\g<1>%d" % (tokens + used["output_tokens"]), body)
    return replace(x, request_body=json.dumps(x.asked | asked).encode(), body=body, memo={})


@pytest.mark.parametrize("asked", [{"reasoning": {"mode": "pro"}}, {"tools": [{"type": "web_search"}]}])
def test_a_prompt_that_is_read_several_times_is_counted_so(asked):
    """The mode "pro", and tools of the server's own: another time it is another count."""
    agree = ("responses.hello", "responses.hello+stream")
    grows = ("state.first", "state.second")
    for check, (one, other) in (("response.agree-input", agree), ("state.history", grows)):
        assert check in amiss(counted({}, 900, one), counted({}, 100, other))
        assert check not in amiss(counted(asked, 900, one), counted(asked, 100, other))


def test_vectors_in_a_format_of_the_servers_own_are_as_they_were_asked_for():
    """Perplexity's bytes as base64: no numbers can be read of them, nor how many they are."""
    vectors = {"object": "list", "model": "embed", "data": [{"object": "embedding", "index": 0, "embedding": "AQIDBA=="}],
               "usage": {"prompt_tokens": 2, "total_tokens": 2}}  # fmt: skip
    asked = {"model": "embed", "input": "hello", "dimensions": 4}

    def answered(**more) -> dict[str, str]:
        return amiss(recorded("POST", f"{V1}/embeddings", asked | more, vectors, 200))

    assert answered(encoding_format="base64_int8") == {}
    assert {*answered(encoding_format="base64")} == {"embedding.dimensions"}
    assert {"embedding.vector", "embedding.dimensions"} <= {*answered()}
