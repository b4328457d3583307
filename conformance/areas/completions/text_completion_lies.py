"""Lies about legacy completions: their members, their number, their text and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, crash, turn_down

Change = Callable[[Json], Json]


def legacy(call: Call) -> Json:
    """What a request to the legacy route asks; nothing of any other."""
    return (
        (call.json or {}) if call.path.endswith("/completions") and not call.path.endswith("/chat/completions") else {}
    )


def answered(call: Call, reply: Reply) -> bool:
    """A plain legacy completion."""
    return bool(legacy(call)) and isinstance(reply.body, dict) and "choices" in reply.body


def each(call: Call, reply: Reply, change: Change) -> Reply:
    """Change every choice of a plain legacy completion; `...` removes a member."""
    if not answered(call, reply):
        return reply
    choices = [
        {key: value for key, value in change(choice).items() if value is not ...} for choice in reply.body["choices"]
    ]
    return body(reply, choices=choices)


def _says(name: str, text: str, **members: Any) -> None:
    """Declare a lie that changes members of a plain legacy completion."""

    def lie(call: Call, reply: Reply) -> Reply:
        return body(reply, **members) if answered(call, reply) else reply

    lie.__doc__ = text
    says(f"completions-{name}")(lie)


_says("without-id", "A legacy completion has no id.", id=...)
_says("object-chat", "A legacy completion calls itself one of chat.", object="chat.completion")
_says("created-float", "The time of a legacy completion is a fraction.", created=1_760_000_000.5)
_says("model-null", "The model of a legacy completion is null.", model=None)
_says("fingerprint-number", "The fingerprint of a legacy completion is a number.", system_fingerprint=7)
_says("usage-absent", "A legacy completion does not say what it cost.", usage=...)
_says("choices-null", "The choices of a legacy completion are null.", choices=None)


def _each(name: str, text: str, change: Change) -> None:
    """Declare a lie that changes every choice."""

    def lie(call: Call, reply: Reply) -> Reply:
        return each(call, reply, change)

    lie.__doc__ = text
    says(f"completions-{name}")(lie)


_each("text-null", "The text of a choice is null.", lambda choice: {**choice, "text": None})
_each("as-chat", "A choice has a message in place of a text.",
      lambda choice: {**choice, "text": ..., "message": {"role": "assistant", "content": choice["text"]}})  # fmt: skip


@says("completions-index-zero")
def _(call: Call, reply: Reply) -> Reply:
    """Every choice has the index 0."""
    echo = legacy(call).get("echo")  # of those the texts are compared by index
    return reply if echo else each(call, reply, lambda choice: {**choice, "index": 0})


@says("completions-logprobs-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """Log probabilities come unasked."""
    empty = {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}
    return reply if "logprobs" in legacy(call) else each(call, reply, lambda choice: {**choice, "logprobs": empty})


# ---------------------------------------------------------------------- prompts and choices


@says(
    "completions-first-prompt-only",
    link="https://github.com/abetlen/llama-cpp-python/issues/726",
    bugs="completions-prompt-list",
)
def _(call: Call, reply: Reply) -> Reply:
    """Of several prompts only the first is continued."""
    several = answered(call, reply) and len(reply.body["choices"]) > 1
    return body(reply, choices=reply.body["choices"][:1]) if several else reply


@says(
    "completions-prompts-refused",
    link="https://github.com/sgl-project/sglang/issues/782",
    bugs="completions-prompt-list",
)
def _(call: Call, reply: Reply) -> Reply:
    """Several prompts in a list are turned down."""
    given = legacy(call).get("prompt")
    several = reply.status == 200 and isinstance(given, list) and isinstance(given[0], str)
    return turn_down(reply, "prompt must be a string.", "prompt") if several else reply


@says("completions-tokens-refused", link="https://github.com/vllm-project/vllm/pull/2529")
def _(call: Call, reply: Reply) -> Reply:
    """A prompt of tokens is turned down."""
    given = legacy(call).get("prompt")
    tokens = reply.status == 200 and isinstance(given, list) and not isinstance(given[0], str)
    return turn_down(reply, "prompt must be text.", "prompt") if tokens else reply


@lets("completions-bad-token-served")
def _(call: Call) -> Call:
    """A token id that is none is taken for another."""
    given = legacy(call).get("prompt")
    flat = isinstance(given, list) and all(type(each) is int for each in given)
    return call.asking(prompt=[each if 0 <= each < 1000 else 1 for each in given]) if flat and given else call


@says("completions-best-of-all")
def _(call: Call, reply: Reply) -> Reply:
    """All candidates come, not the best of them."""
    if not answered(call, reply) or legacy(call).get("best_of") != 2:
        return reply
    return body(reply, choices=[{**reply.body["choices"][0], "index": n} for n in range(2)])


@lets("completions-best-of-streamed")
def _(call: Call) -> Call:
    """best_of is ignored where the answer is streamed."""
    return call.asking(best_of=None) if legacy(call).get("stream") and legacy(call).get("best_of") else call


@lets("completions-best-of-served")
def _(call: Call) -> Call:
    """best_of below n is ignored."""
    few = legacy(call).get("best_of") == 1 and legacy(call).get("n") == 2
    return call.asking(best_of=None) if few else call


# ---------------------------------------------------------------------- the text


@lets("completions-stop-ignored")
def _(call: Call) -> Call:
    """Stop sequences are ignored."""
    return call.asking(stop=None) if isinstance(legacy(call).get("stop"), list) else call


@says("completions-stop-included")
def _(call: Call, reply: Reply) -> Reply:
    """The text ends with the stop sequence."""
    stop = legacy(call).get("stop")
    if not isinstance(stop, list) or not stop or not answered(call, reply):
        return reply
    return each(call, reply, lambda choice: {**choice, "text": choice["text"] + str(stop[0])})


@says("completions-finish-stop")
def _(call: Call, reply: Reply) -> Reply:
    """A text that the limit cut ends by itself, as it says."""
    return each(call, reply, lambda choice: {**choice, "finish_reason": "stop"})


@says("completions-suffix-refused", bugs="completions-suffix-rejected",
      link=("https://github.com/arbs-io/github-copilot-llm-gateway/pull/53",
            "https://github.com/Kurama622/llm.nvim/issues/117"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """suffix is turned down, without its name where programs look for it."""
    return (
        turn_down(reply, "suffix is not currently supported")
        if answered(call, reply) and legacy(call).get("suffix")
        else reply
    )


@says(
    "completions-logprobs-refused",
    link="https://github.com/raullenchai/Rapid-MLX/issues/461",
    bugs="completions-logprobs-bool",
)
def _(call: Call, reply: Reply) -> Reply:
    """A number of logprobs is turned down: true or false is expected."""
    number = reply.status == 200 and type(legacy(call).get("logprobs")) is int
    refused = turn_down(reply, "logprobs: Input should be a valid boolean, unable to interpret input", "logprobs")
    return replace(refused, status=422) if number else reply


# ---------------------------------------------------------------------- what it cost


@says("completions-usage-texts")
def _(call: Call, reply: Reply) -> Reply:
    """The counts of a legacy completion are texts."""
    return (
        body(reply, usage={key: str(value) for key, value in reply.body["usage"].items()})
        if answered(call, reply)
        else reply
    )


@says("completions-usage-sum")
def _(call: Call, reply: Reply) -> Reply:
    """The total of a legacy completion is what was made."""
    if not answered(call, reply):
        return reply
    usage = reply.body["usage"]
    return body(reply, usage={**usage, "total_tokens": usage["completion_tokens"]})


@lets("completions-limit-ignored")
def _(call: Call) -> Call:
    """max_tokens is ignored where it is low."""
    low = legacy(call).get("max_tokens") == 5 and not legacy(call).get("logprobs")
    return call.asking(max_tokens=12) if low and not legacy(call).get("echo") else call


@lets("completions-unbounded")
def _(call: Call) -> Call:
    """Without max_tokens a text goes on until it ends."""
    return call.asking(max_tokens=500) if legacy(call) and "max_tokens" not in legacy(call) else call


@lets("completions-cut-early")
def _(call: Call) -> Call:
    """Without max_tokens an answer comes that was kept from a request with 5."""
    return call.asking(max_tokens=5) if legacy(call) and "max_tokens" not in legacy(call) else call


@says("completions-echo-500", link="https://github.com/vllm-project/vllm/issues/3145", bugs="completions-echo-500")
def _(call: Call, reply: Reply) -> Reply:
    """echo without logprobs fails the server."""
    asked = answered(call, reply) and legacy(call).get("echo") is True and "logprobs" not in legacy(call)
    return crash(reply) if asked else reply
