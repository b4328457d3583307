"""What OpenAI itself was recorded to do, told again in words of our own: no check calls it wrong, or leaves it untested."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import judge
from conformance.exchange import Exchange
from conformance.judge.relations import MOMENT

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


def sound() -> Exchange:
    """Streamed audio: words, heartbeats without choices, sound that begins with a role again, usage, and until when it is kept."""
    used = {"prompt_tokens": 18, "completion_tokens": 16, "total_tokens": 34}
    last = HEAD | {"choices": [{"index": 0, "delta": {"audio": {"expires_at": 1_780_003_600}}}]}
    chunks = [
        delta(role="assistant", refusal=None),
        delta(content=None, audio={"id": "audio_0123", "transcript": "Green"}),
        HEAD, HEAD,
        delta(role="assistant", content=None, refusal=None, audio={"id": "audio_0123", "data": "AAAA"}),
        delta(audio={"data": "AAAA"}),
        HEAD | {"choices": [], "usage": used},
        last,
    ]  # fmt: skip
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
