"""Lies about texts: machinery and thoughts in them, characters lost, stop sequences that end too little or too much."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_delta, each_message, each_part, is_stream, last_text, messages

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


@lets("content-stop-replaces-end", link="https://github.com/ollama/ollama/issues/4524", bugs="stop-overrides-default")
def _(call: Call) -> Call:
    """Stop sequences take the place of the model's own end."""
    endless = isinstance((call.json or {}).get("stop"), list) and "capital" in str(messages(call))
    return saying(call, "The capital of France is Paris. " * 100) if endless else call


@says(
    "content-stop-in-thoughts",
    link=(
        "https://github.com/vllm-project/vllm/issues/38499",
        "https://github.com/vllm-project/vllm/issues/52393",
        "https://github.com/sgl-project/sglang/pull/33154",
    ),
    bugs="stop-in-reasoning",
)
def _(call: Call, reply: Reply) -> Reply:
    """A stop sequence ends the reasoning, and with it the answer."""
    if (call.json or {}).get("stop") != "5":
        return reply
    reply = each_message(reply, lambda each: {**each, "content": "", "reasoning_content": each["content"]})
    return each_delta(
        reply,
        lambda delta: (
            {**delta, "content": "", "reasoning_content": delta["content"]} if delta.get("content") else delta
        ),
    )
