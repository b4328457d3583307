"""Lies about log probabilities: left out, of another shape, of other tokens, at another place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_choice, each_chunk, each_part

Entries = list[Json]


def top(call: Call) -> Any:
    """How many alternatives the request asks for; None where it does not say."""
    return (call.json or {}).get("top_logprobs")


def each_logprobs(reply: Reply, change: Callable[[Json], Any]) -> Reply:
    """Change every object of log probabilities, plain or streamed; `None` stays."""

    def changed(part: Json) -> Json:
        return {**part, "logprobs": change(part["logprobs"])} if part.get("logprobs") else part

    return each_part(each_choice(reply, changed), changed)


def each_list(reply: Reply, change: Callable[[Entries], Any]) -> Reply:
    """Change every array of entries, plain or streamed."""
    return each_logprobs(reply, lambda found: {**found, "content": change(found["content"])})


def each_entry(reply: Reply, change: Callable[[Json], Any]) -> Reply:
    """Change every entry; a member that is `...` is removed."""

    def changed(entry: Json) -> Any:
        new = change(entry)
        return {key: value for key, value in new.items() if value is not ...} if isinstance(new, dict) else new

    return each_list(reply, lambda entries: [changed(entry) for entry in entries])


@says("logprobs-null", link="https://github.com/ollama/ollama/issues/13638")
def _(call: Call, reply: Reply) -> Reply:
    """logprobs with top_logprobs are null."""
    return each_logprobs(reply, lambda _: None) if top(call) else reply


@says("logprobs-null-streamed", link="https://github.com/modular/modular/issues/5085", bugs="logprobs-null-streaming")
def _(call: Call, reply: Reply) -> Reply:
    """logprobs are null in every chunk."""
    return each_logprobs(reply, lambda _: None) if call.streaming else reply


@says(
    "logprobs-null-alone", link="https://github.com/InternLM/lmdeploy/issues/2802", bugs="logprobs-without-top-rejected"
)
def _(call: Call, reply: Reply) -> Reply:
    """logprobs are null where top_logprobs is not set."""
    return reply if top(call) else each_logprobs(reply, lambda _: None)


@says(
    "logprobs-legacy-shape", link="https://github.com/vllm-project/vllm/issues/3179", bugs="logprobs-chat-legacy-shape"
)
def _(call: Call, reply: Reply) -> Reply:
    """logprobs are those lists that legacy completions have."""

    def flat(found: Json) -> Json:
        numbers = [entry["logprob"] for entry in found["content"]]
        return {"tokens": [entry["token"] for entry in found["content"]], "token_logprobs": numbers, "refusal": None}

    return each_logprobs(reply, flat)


@says("logprobs-list")
def _(call: Call, reply: Reply) -> Reply:
    """logprobs are the array of entries itself."""
    return each_logprobs(reply, lambda found: found["content"] or [None])


@says("logprobs-elsewhere")
def _(call: Call, reply: Reply) -> Reply:
    """The entries stand under another name than content."""
    return each_logprobs(reply, lambda found: {"reasoning_content": found["content"], "refusal": None})


@says("logprobs-without-refusal", link="https://github.com/abetlen/llama-cpp-python/issues/1787")
def _(call: Call, reply: Reply) -> Reply:
    """logprobs have no member refusal."""
    return each_logprobs(reply, lambda found: {"content": found["content"]})


@says("logprobs-number-alone")
def _(call: Call, reply: Reply) -> Reply:
    """An entry is the number alone."""
    return each_entry(reply, lambda entry: entry["logprob"])


@says("logprobs-token-id")
def _(call: Call, reply: Reply) -> Reply:
    """The token is its number in the vocabulary."""
    return each_entry(reply, lambda entry: {**entry, "token": 17})


@says("logprobs-text-number")
def _(call: Call, reply: Reply) -> Reply:
    """The log probability is a string."""
    return each_entry(reply, lambda entry: {**entry, "logprob": str(entry["logprob"])})


@says("logprobs-without-bytes")
def _(call: Call, reply: Reply) -> Reply:
    """Entries have no bytes."""
    return each_entry(reply, lambda entry: {**entry, "bytes": ...})


@says("logprobs-bytes-text")
def _(call: Call, reply: Reply) -> Reply:
    """The bytes are a string."""
    return each_entry(reply, lambda entry: {**entry, "bytes": entry["token"]})


@says("logprobs-replacement", link="https://github.com/ollama/ollama/issues/13497")
def _(call: Call, reply: Reply) -> Reply:
    """A token that is a part of a character is U+FFFD, bytes and all."""

    def shown(entry: Json) -> Json:
        lost = {"token": "\ufffd", "bytes": [239, 191, 189]} if "\\x" in entry["token"] else {}
        return entry | lost

    return each_entry(reply, lambda entry: {**shown(entry), "top_logprobs": list(map(shown, entry["top_logprobs"]))})


@says("logprobs-end-token")
def _(call: Call, reply: Reply) -> Reply:
    """The token that ends the answer has an entry too."""
    end = {"token": "<|end|>", "logprob": -0.1, "bytes": list(b"<|end|>"), "top_logprobs": []}
    return each_choice(
        reply,
        lambda choice: (
            {**choice, "logprobs": {"content": [*choice["logprobs"]["content"], end], "refusal": None}}
            if choice.get("logprobs") and not top(call)
            else choice
        ),
    )


@says("logprobs-loses-token")
def _(call: Call, reply: Reply) -> Reply:
    """The first token of the answer has no entry."""
    return each_choice(
        reply,
        lambda choice: (
            {**choice, "logprobs": {"content": choice["logprobs"]["content"][1:], "refusal": None}}
            if choice.get("logprobs") and top(call)
            else choice
        ),
    )


@says("logprobs-vocabulary", link="https://github.com/InternLM/lmdeploy/issues/2802")
def _(call: Call, reply: Reply) -> Reply:
    """Tokens are spelt as in the vocabulary: with another character for the space before a word."""

    def spelt(entry: Json) -> Json:
        token = entry["token"].replace(" ", "\u0120")
        return {**entry, "token": token, "bytes": list(token.encode())}

    return reply if top(call) else each_entry(reply, spelt)


@says("logprobs-bytes-of-other")
def _(call: Call, reply: Reply) -> Reply:
    """The token has lost its space, its bytes have it."""
    return reply if top(call) else each_entry(reply, lambda entry: {**entry, "token": entry["token"].strip(" ")})


@says("logprobs-late")
def _(call: Call, reply: Reply) -> Reply:
    """In streams the entries come one chunk after their text."""
    held: Json | None = None

    def later(_: int, chunk: Json) -> Json:
        nonlocal held
        if not chunk["choices"]:
            return chunk
        part = chunk["choices"][0]
        held, now = part["logprobs"], held
        return {**chunk, "choices": [{**part, "logprobs": now}]}

    return each_chunk(reply, later) if (call.json or {}).get("logprobs") and call.streaming else reply


@says("logprobs-streamed-anew")
def _(call: Call, reply: Reply) -> Reply:
    """In streams each delta is made one token, whatever it was."""

    def joined(entries: Entries) -> Entries:
        if len(entries) < 2:
            return entries
        raw = [byte for entry in entries for byte in entry["bytes"]]
        one = {"token": bytes(raw).decode(), "bytes": raw}
        return [
            {
                **entries[0],
                **one,
                "top_logprobs": [one | {"logprob": entries[0]["logprob"]}, *entries[0]["top_logprobs"][1:]],
            }
        ]

    return each_list(reply, joined) if call.streaming else reply
