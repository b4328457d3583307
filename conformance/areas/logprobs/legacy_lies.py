"""Lies about the log probabilities of legacy completions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body


def _legacy(change: Callable[[Json], Any], text: str, *, zero: bool = False) -> Callable[[Call, Reply], Reply]:
    """A lie about the lists of a legacy completion, asked for some logprobs or for zero."""

    def lie(call: Call, reply: Reply) -> Reply:
        asked = (call.json or {}).get("logprobs")
        if not call.path.endswith("/v1/completions") or asked is None or bool(asked) == zero:
            return reply
        choices = [{**choice, "logprobs": change(choice["logprobs"])} for choice in reply.body["choices"]]
        return body(reply, choices=choices)

    lie.__doc__ = text
    return lie


def _chatlike(found: Json) -> Json:
    pairs = zip(found["tokens"], found["token_logprobs"], strict=True)
    return {
        "content": [{"token": token, "logprob": number, "bytes": None, "top_logprobs": []} for token, number in pairs]
    }


for _name, _change, _text, _link in (
    ("null", lambda _: None, "Legacy logprobs are null.", "https://github.com/ggml-org/llama.cpp/issues/11346"),
    ("as-chat", _chatlike, "Legacy logprobs look like those of chat.", None),
    ("text-numbers", lambda found: {**found, "token_logprobs": list(map(str, found["token_logprobs"]))},
     "The numbers of legacy logprobs are strings.", None),
    ("short", lambda found: {**found, "token_logprobs": found["token_logprobs"][:-1]}, "The last token has no number.", None),
    ("vocabulary", lambda found: {**found, "tokens": [token.replace(" ", "\u0120") for token in found["tokens"]]},
     "Legacy tokens are spelt as in the vocabulary.", None),
    ("offsets-none", lambda found: {**found, "text_offset": [-1] * len(found["text_offset"])}, "Every text_offset is -1.",
     "https://github.com/sgl-project/sglang/issues/782"),
    ("offsets-place", lambda found: {**found, "text_offset": list(range(len(found["text_offset"])))},
     "text_offset counts tokens, not characters.", None),
    ("no-top", lambda found: {**found, "top_logprobs": None}, "Legacy logprobs have no alternatives.", None),
    ("top-many", lambda found: {**found, "top_logprobs": [each | dict.fromkeys("uvw", -9.0) for each in found["top_logprobs"]]},
     "Legacy logprobs have more alternatives than asked for.", None),
):  # fmt: skip
    _bugs = "completions-text-offset-minus-one" if _name == "offsets-none" else ()
    says(f"logprobs-legacy-{_name}", link=_link, bugs=_bugs)(_legacy(_change, _text))


says("logprobs-legacy-zero-null", link="https://github.com/vllm-project/vllm/issues/3707", bugs="logprobs-zero-none")(
    _legacy(lambda _: None, "Asked for 0 legacy logprobs, there are none at all.", zero=True)
)
