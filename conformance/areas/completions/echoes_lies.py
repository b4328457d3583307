"""Lies about prompts that are given back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from conformance.areas.completions.text_completion_lies import answered, each, legacy
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body


@lets("completions-echo-ignored")
def _(call: Call) -> Call:
    """echo is ignored."""
    return call.asking(echo=None) if legacy(call).get("echo") is True and "logprobs" not in legacy(call) else call


@says("completions-prompts-mixed-up")
def _(call: Call, reply: Reply) -> Reply:
    """The texts of several prompts come in another order, with the indexes of this one."""
    if not answered(call, reply) or not legacy(call).get("echo"):
        return reply
    choices = reply.body["choices"]
    return body(
        reply, choices=[{**each, "text": other["text"]} for each, other in zip(choices, choices[::-1], strict=True)]
    )


def _logprobs(name: str, text: str, change: Callable[[Json], Json], **known: str) -> None:
    """Declare a lie about the log probabilities of an echoed prompt."""

    def lie(call: Call, reply: Reply) -> Reply:
        if not (legacy(call).get("echo") and legacy(call).get("logprobs")):
            return reply
        return each(call, reply, lambda choice: {**choice, "logprobs": change(choice["logprobs"])})

    lie.__doc__ = text
    says(f"completions-echo-{name}", **known)(lie)


_VLLM = {"link": "https://github.com/vllm-project/vllm/issues/5334", "bugs": "completions-echo-logprobs-tokens"}


def _accumulated(found: Json) -> Json:
    """Each token after the first has one line feed more before it than the one before."""
    spelt = [found["tokens"][0], *("\n" * n + token for n, token in enumerate(found["tokens"][1:], 1))]
    return {**found, "tokens": spelt, "text_offset": [10_000] * len(spelt)}


def _few(found: Json) -> Json:
    """What the prompt's tokens had is gone, but for the null of the first."""
    less = {name: values and values[6:] for name, values in found.items()}
    return {**less, "token_logprobs": [None, *less["token_logprobs"][1:]]}


_logprobs("accumulated", "The tokens of an echoed prompt gather line feeds.", _accumulated, **_VLLM)
_logprobs("few-tokens", "The tokens are those of the continuation alone.", _few)
_logprobs("offsets", "text_offset counts from the end of the prompt.",
          lambda found: {**found, "text_offset": [0, *accumulate(len(token) + 1 for token in found["tokens"][:-1])]})  # fmt: skip
_logprobs("first-likely", "The first token of a prompt has a log probability, too.",
          lambda found: {**found, "token_logprobs": [-0.5, *found["token_logprobs"][1:]]})  # fmt: skip
