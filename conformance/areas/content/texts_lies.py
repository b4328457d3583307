"""Lies about what a conversation holds: machinery in the text, images left out, histories turned down."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import (
    chat_body,
    crash,
    each_chunk,
    each_message,
    each_part,
    is_chat,
    is_error,
    is_stream,
    last_text,
    messages,
    turn_down,
)

REPEAT = "Repeat exactly this line and nothing else: "
NUMBERS = ", ".join(map(str, range(1, 41)))
THOUGHTS = "The user wants the numbers in order, up to 40."


def saying(call: Call, text: str) -> Call:
    """The call with a conversation in which the model says this text."""
    return call.asking(messages=[{"role": "user", "content": REPEAT + text}])


def counts(call: Call) -> bool:
    """The request with a system message that asks for the numbers up to 40."""
    return len(messages(call)) == 2 and "from 1 to 40" in last_text(call)


def dictated(call: Call) -> str | None:
    """The line of many scripts that is to be repeated, None where there is none."""
    text = messages(call)[-1].get("content") if messages(call) else None
    return text.removeprefix(REPEAT) if isinstance(text, str) and text.startswith(REPEAT) and "한국어" in text else None


# ---------------------------------------------------------------------- texts


def _inside(text: str) -> Callable[[Call], Call]:
    return lambda call: saying(call, text) if counts(call) else call


for _name, _says, _text, _link in (
    ("content-thoughts-inside", "The model's reasoning stands in the text.", f"<think>\n{THOUGHTS}\n</think>\n\n{NUMBERS}",
     ()),
    ("content-template-inside", "The end of a turn stands in the text as its token.", f"{NUMBERS}<|im_end|>",
     "https://github.com/ollama/ollama/issues/4524"),
    ("content-leading-space", "The text begins with the space of its first token.", f" {NUMBERS}", ()),
):  # fmt: skip
    _lie = _inside(_text)
    _lie.__doc__ = _says
    lets(_name, link=_link)(_lie)


@says("content-thoughts-copied")
def _(call: Call, reply: Reply) -> Reply:
    """Reasoning is sent in a field of its own and in the text."""
    if not call.header("x-conformance-stage") or not is_stream(reply):
        return reply
    first = {**reply.chunks[0], "choices": [{**reply.chunks[0]["choices"][0], "delta": {"content": THOUGHTS}}]}
    thought = max((n for n, chunk in enumerate(reply.chunks) if "reasoning_content" in str(chunk)), default=None)
    if thought is None:
        return reply
    return replace(reply, chunks=(*reply.chunks[: thought + 1], first, *reply.chunks[thought + 1 :]))


@says("content-thoughts-renamed", link="https://github.com/BerriAI/litellm/issues/20246", bugs="reasoning-field-name")
def _(call: Call, reply: Reply) -> Reply:
    """Reasoning is in `reasoning` when plain, in `reasoning_content` when streamed."""
    if not counts(call):
        return reply
    plain = each_message(reply, lambda each: {**each, "reasoning": THOUGHTS})
    return each_part(
        plain, lambda part: {**part, "delta": {**part["delta"], "reasoning_content": THOUGHTS}}
        if part["delta"].get("role") else part,
    )  # fmt: skip


@lets(
    "content-answer-trapped", link="https://github.com/modelship-ai/modelship/pull/130", bugs="reasoning-answer-trapped"
)
def _(call: Call) -> Call:
    """The whole answer to small talk is taken for reasoning, and the text is empty."""
    small_talk = len(messages(call)) == 1 and "Say hello" in last_text(call) and (call.json or {}).get("tools")
    return saying(call, "") if small_talk else call


@lets("content-replaced", link="https://github.com/Blaizzy/mlx-vlm/pull/1076", bugs="sse-utf8-replacement")
def _(call: Call) -> Call:
    """Rare characters are decoded token by token, in both modes."""
    line = dictated(call)
    return call if line is None else saying(call, line.replace("नमस्ते", "न\ufffd\ufffd"))


@lets("content-joiners-lost")
def _(call: Call) -> Call:
    """Characters that nobody sees are taken out of texts."""
    line = dictated(call)
    return call if line is None else saying(call, line.replace("\u200d", ""))


@lets("content-recomposed")
def _(call: Call) -> Call:
    """Texts are normalised: a letter and its accent become one character."""
    line = dictated(call)
    return call if line is None else saying(call, unicodedata.normalize("NFC", line))


@says(
    "content-cut-character-fails",
    link="https://github.com/unslothai/llama.cpp/pull/202",
    bugs="sse-invalid-utf8-cancel",
)
def _(call: Call, reply: Reply) -> Reply:
    """A limit that falls inside a character makes the server fail."""
    return crash(reply) if reply.status < 400 and "\U00013000" in str(messages(call)) else reply


@says("content-no-word-fails")
def _(call: Call, reply: Reply) -> Reply:
    """A control character in a message makes the server fail."""
    return crash(reply) if is_chat(reply) and "\\u0000" in last_text(call) else reply


@says(
    "content-wedged", link="https://github.com/Atomic-Germ/OpenFlowLM-Next/issues/69", bugs="server-wedged-by-bad-body"
)
def _(call: Call, reply: Reply) -> Reply:
    """After a body that is no UTF-8 the next request gets no answer."""
    return replace(reply, ending="hang") if is_chat(reply) and "\\u0000" in last_text(call) else reply


@lets("content-stop-replaces-end", link="https://github.com/ollama/ollama/issues/4524", bugs="stop-overrides-default")
def _(call: Call) -> Call:
    """Stop sequences take the place of the model's own end."""
    endless = isinstance((call.json or {}).get("stop"), list) and "capital" in str(messages(call))
    return saying(call, "The capital of France is Paris. " * 100) if endless else call


# ---------------------------------------------------------------------- images and sound


def _drops(test: Callable[[Json], object]) -> Callable[[Call], Call]:
    def drop(call: Call) -> Call:
        kept = [
            {**m, "content": [part for part in m["content"] if not test(part)]}
            if isinstance(m.get("content"), list)
            else m
            for m in messages(call)
        ]
        return call.asking(messages=kept) if kept != messages(call) else call

    return drop


def _url(part: Json) -> str:
    return part["image_url"]["url"] if part.get("type") == "image_url" else ""


for _name, _what, _test, _link in (
    ("content-image-dropped", "An image", lambda part: len(_url(part)) > 50,
     "https://github.com/sgl-project/sglang/pull/21762"),
    ("content-image-url-dropped", "An image that is a URL", lambda part: _url(part).startswith("https:"), ()),
    ("content-audio-dropped", "Sound", lambda part: part.get("type") == "input_audio", ()),
):  # fmt: skip
    _lie = _drops(_test)
    _lie.__doc__ = f"{_what} is left out of the conversation."
    lets(_name, link=_link)(_lie)


@says(
    "content-image-url-unsaid", link="https://github.com/ollama/ollama/issues/6753", bugs="multimodal-http-url-rejected"
)
def _(call: Call, reply: Reply) -> Reply:
    """A URL is refused as if the image were no good."""
    if not is_error(reply) or reply.body["error"]["code"] != "invalid_image_url":
        return reply
    return turn_down(reply, "invalid image input", None, "invalid_value")


@says(
    "content-image-500", link="https://github.com/matatonic/openedai-vision/issues/4", bugs="multimodal-tiny-image-500"
)
def _(call: Call, reply: Reply) -> Reply:
    """Base64 without an = at its end makes the server fail."""
    return crash(reply) if is_chat(reply) and "data:image/png" in last_text(call) else reply


# ---------------------------------------------------------------------- histories


def _refuses(message: str, param: str | None, test: Callable[[Json], object]) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        wrong = is_chat(reply) and any(test(each) for each in messages(call))
        return turn_down(reply, message, param, "invalid_value") if wrong else reply

    return refuse


for _name, _message, _param, _test, _link in (
    ("refuses-system-parts", "Input should be a valid string.", "messages.[0].content",
     lambda m: m["role"] == "system" and isinstance(m["content"], list), ()),
    ("refuses-names", "Extra inputs are not permitted.", "messages.[199].name", lambda m: "name" in m, ()),
    ("refuses-empty", "The message must not be empty.", "messages.[0]", lambda m: m == {"role": "user", "content": ""}, ()),
    ("foreign-ids-refused", "Tool call ids must be 9 characters.", "messages.[1].tool_calls",
     lambda m: m.get("tool_call_id", "").startswith("call_bQ7s"), "https://github.com/anomalyco/opencode/issues/1680"),
    ("absent-content-refused", "Field required.", "messages.[1].content",
     lambda m: m["role"] == "assistant" and "content" not in m, ()),
    ("empty-content-refused", "Content must not be blank.", "messages.[4].content",
     lambda m: m.get("tool_calls") and m.get("content") == "", ()),
    ("result-parts-refused", "Input should be a valid string.", "messages.[5].content",
     lambda m: m["role"] == "tool" and isinstance(m["content"], list), ()),
):  # fmt: skip
    _refuse = _refuses(_message, _param, _test)
    _refuse.__doc__ = f"A history is turned down ({_name})."
    says(f"content-{_name}", link=_link)(_refuse)


@says("content-history-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation of more than a hundred turns is refused."""
    return turn_down(reply, "Too many turns in messages: at most 100.") if len(messages(call)) > 100 else reply


@lets("content-history-cut")
def _(call: Call) -> Call:
    """Of a long conversation the last ten messages are read."""
    return call.asking(messages=messages(call)[-10:]) if len(messages(call)) > 100 else call


@lets("content-results-by-place")
def _(call: Call) -> Call:
    """Results are taken in the order in which they come, their ids not looked at."""
    if not any(each.get("tool_call_id") == "a1B2c3D4e" for each in messages(call)):
        return call
    swapped = list(messages(call))
    swapped[2], swapped[3] = (
        {**a, "content": b["content"]} for a, b in ((swapped[2], swapped[3]), (swapped[3], swapped[2]))
    )
    return call.asking(messages=swapped)


# ---------------------------------------------------------------------- from chunk to chunk, from mode to mode


@says("content-fingerprint-changes")
def _(call: Call, reply: Reply) -> Reply:
    """The first chunk does not yet know the fingerprint."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "system_fingerprint": None})


@says("content-tier-changes")
def _(call: Call, reply: Reply) -> Reply:
    """The tier is told from the second chunk on."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "service_tier": None})


@says(
    "content-details-streamed-only",
    link="https://github.com/jundot/omlx/issues/919",
    bugs="usage-cached-tokens-mode-differs",
)
def _(call: Call, reply: Reply) -> Reply:
    """Cached tokens are told in streams only."""
    if not is_chat(reply):
        return reply
    return chat_body(reply, usage={**reply.body["usage"], "prompt_tokens_details": None})
