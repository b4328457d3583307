"""Lies about what is embedded and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.areas.embeddings.encoding_lies import embedded, is_list
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import crash, turn_down

LAST = 100_256
"""The greatest token id of the reference."""
MATRYOSHKA = "Model does not support matryoshka representation, changing output dimensions will lead to poor results."


def _given(call: Call) -> Any:
    """The input of a request for vectors."""
    return (call.json or {}).get("input") if call.path.endswith("/embeddings") else None


def _ids(call: Call) -> list[int]:
    """The token ids of a request; none where it has texts."""
    given = _given(call)
    rows = given if isinstance(given, list) else []
    flat = [each for row in rows for each in (row if isinstance(row, list) else [row])]
    return flat if all(type(each) is int for each in flat) else []


def _unknown(call: Call) -> bool:
    return any(not 0 <= each <= LAST for each in _ids(call))


@says("embeddings-lists-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Several texts in a list are turned down."""
    several = embedded(call, reply) and isinstance(_given(call), list) and not _ids(call)
    return turn_down(reply, "input must be a string.", "input") if several else reply


@says("embeddings-tokens-refused", bugs="embeddings-token-input-rejected",
      link=("https://github.com/huggingface/text-embeddings-inference/issues/273", "https://github.com/kserve/kserve/pull/4129",
            "https://github.com/envoyproxy/ai-gateway/pull/1404"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Tokens in place of texts are turned down."""
    return (
        turn_down(reply, "invalid type: integer, expected a string", "input")
        if embedded(call, reply) and _ids(call)
        else reply
    )


@says("embeddings-dimensions-refused", bugs="embeddings-dimensions-native-rejected",
      link=("https://github.com/ogx-ai/ogx/issues/5109", "https://github.com/mem0ai/mem0/issues/3133"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """`dimensions` is turned down whatever it is, the model's own width included."""
    return (
        turn_down(reply, MATRYOSHKA, "dimensions") if embedded(call, reply) and call.json.get("dimensions") else reply
    )


@says("embeddings-dimensions-500", bugs="embeddings-dimensions-500",
      link=("https://github.com/BerriAI/litellm/issues/11940", "https://github.com/BerriAI/litellm/issues/26787"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """`dimensions` fails the server, unless it is next to nothing."""
    return crash(reply) if embedded(call, reply) and (call.json.get("dimensions") or 0) > 2 else reply


@says("embeddings-many-served")
def _(call: Call, reply: Reply) -> Reply:
    """More than 2048 texts are embedded."""
    given = _given(call)
    if not isinstance(given, list) or len(given) <= 2048:
        return reply
    data = [{"object": "embedding", "index": n, "embedding": [1.0]} for n in range(len(given))]
    usage = {"prompt_tokens": len(given), "total_tokens": len(given)}
    return replace(
        reply, status=200, body={"object": "list", "data": data, "model": call.json["model"], "usage": usage}
    )


@lets("embeddings-empty-served")
def _(call: Call) -> Call:
    """An empty text has a vector, too."""
    given = _given(call)
    several = isinstance(given, list) and len(given) > 1
    return call.asking(input=[each or "." for each in given]) if several and "" in given else call


@lets("embeddings-nested-served")
def _(call: Call) -> Call:
    """Texts in a list of lists are embedded as their list is printed."""
    given = _given(call)
    nested = isinstance(given, list) and any(
        isinstance(each, list) and isinstance(each[0], str) for each in given if each
    )
    return call.asking(input=[str(each) for each in given]) if nested else call


@lets("embeddings-bad-token-served")
def _(call: Call) -> Call:
    """A token id that is none is taken for another."""
    return call.asking(input=[[1] for _ in call.json["input"]]) if _unknown(call) else call


@says("embeddings-token-kills", link="https://github.com/vllm-project/vllm/pull/36947", bugs="embeddings-token-crash")
def _(call: Call, reply: Reply) -> Reply:
    """A token id that is none ends the engine: nothing is served from then on."""
    after = embedded(call, reply) and call.json.get("user") == "conformance-again"  # the request that follows
    return crash(reply) if after or _unknown(call) else reply


@lets("embeddings-cut-silently")
def _(call: Call) -> Call:
    """A text that is too long is cut."""
    given = _given(call)
    return call.asking(input=" ".join(given.split()[:500])) if isinstance(given, str) and len(given) > 100_000 else call


# ---------------------------------------------------------------------- beside the vectors


def _says(
    name: str, text: str, bugs: str | tuple[str, ...] = (), link: str | tuple[str, ...] = (), **members: Any
) -> None:
    """Declare a lie that changes members of an answer with vectors."""

    def lie(call: Call, reply: Reply) -> Reply:
        return replace(reply, body={**reply.body, **members}) if embedded(call, reply) else reply

    lie.__doc__ = text
    says(f"embeddings-{name}", bugs=bugs, link=link)(lie)


_says("model-null", "The model is null.", "embeddings-model-null",
      ("https://github.com/opea-project/GenAIComps/issues/926", "https://github.com/tenstorrent/tt-inference-server/pull/1498"),
      model=None)  # fmt: skip
_says("object", "The answer calls itself embeddings.", object="embeddings")
_says("usage-zero", "Embeddings cost nothing.", usage={"prompt_tokens": 0, "total_tokens": 0})
_says("usage-constant", "Embeddings cost the same, however many.", usage={"prompt_tokens": 7, "total_tokens": 7})


@says("embeddings-item-object")
def _(call: Call, reply: Reply) -> Reply:
    """A vector calls itself one."""
    if not (call.path.endswith("/embeddings") and is_list(reply)):
        return reply
    return replace(reply, body={**reply.body, "data": [{**each, "object": "vector"} for each in reply.body["data"]]})


@says("embeddings-missing", link="https://github.com/ollama/ollama/issues/14496", bugs="models-endpoint-embeddings-404")
def _(call: Call, reply: Reply) -> Reply:
    """There are no embeddings, and the error is a text."""
    asked = call.path.endswith("/embeddings") and call.method == "POST"
    return replace(reply, status=404, body={"error": f'path "{call.path}" not found'}) if asked else reply
