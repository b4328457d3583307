"""EMB: what is embedded and what is refused: lists, tokens, `dimensions`, and inputs that are none."""

from __future__ import annotations

from conformance.areas.citations import EMBEDDING_REQUEST, issue, rfc
from conformance.areas.embeddings.conditions import (
    embedding_request,
    heard,
    inputs,
    lists_beside,
    native,
    numbered,
    numbers,
    texts,
    tokens_beside,
)
from conformance.exchange import Exchange, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import intent, looked_at
from conformance.judge.mistakes import examined
from conformance.judge.refusals import accepted, not_taken
from conformance.judge.relations import accepted as where_accepted
from conformance.judge.relations import probes

MOST = 2048
"""Inputs of one request."""


@check("embedding.lists", MUST, together=lists_beside, when=heard, source=EMBEDDING_REQUEST,
       breaks="embeddings-lists-refused", covers="EMB-007")  # fmt: skip
def lists_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """Several texts are embedded in one request, where one is.

    Everything that indexes documents sends them in lists.
    """
    yield from not_taken(x, "a list of texts, where one text is embedded")


@check("embedding.tokens", MUST, together=tokens_beside, when=heard, covers="EMB-007",
       source=(EMBEDDING_REQUEST, "https://github.com/huggingface/text-embeddings-inference/issues/273"),
       breaks="embeddings-tokens-refused")  # fmt: skip
def tokens_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """A text may be given as a list of token ids, and several as lists of them.

    LangChain's OpenAIEmbeddings sends nothing else unless told to: all of its users meet the refusal first.
    """
    yield from not_taken(x, "tokens, where a text is embedded")


# ---------------------------------------------------------------------- dimensions


@request("that sets dimensions to a number")
def sized(x: Exchange) -> bool:
    return is_a(x.asked.get("dimensions"), int) and x.asked["dimensions"] > 0


@check("embedding.dimensions", MUST, when=numbered & sized, source=EMBEDDING_REQUEST, breaks="embeddings-dimensions-ignored",
       covers="EMB-009")  # fmt: skip
def dimensions_are_honoured(x: Exchange) -> Problems:
    """Where `dimensions` is accepted, every vector has so many numbers.

    Vector stores have the width that was asked for: a request that is served with another fails there, far from its cause.
    """
    for path, vector in numbers(x):
        if len(vector) != x.asked["dimensions"]:
            yield differs(f"the width of {path}", len(vector), f"{x.asked['dimensions']}, the dimensions asked for")


# SHOULD: OpenAI refuses `dimensions` altogether with models that have one width.
@check("embedding.dimensions-native", SHOULD, together=native, when=heard, source=(EMBEDDING_REQUEST, issue("ogx-ai/ogx", 5109)),
       breaks=("embeddings-dimensions-refused", "embeddings-dimensions-500"), covers="EMB-009")  # fmt: skip
def own_width_may_be_asked_for(_: Exchange, x: Exchange) -> Problems:
    """`dimensions` of the width that the model has anyway is accepted.

    Clients that know their store's width always send it; nothing is to be changed.
    """
    yield from not_taken(x, f"{x.asked['dimensions']} is the model's own width")


# ---------------------------------------------------------------------- mistakes


@request("with more inputs than one request may have", special=True)
def too_many(x: Exchange) -> bool:
    return len(inputs(x)) > MOST


# That an empty list is refused is for edge.beyond-refused. Others have other limits: Mistral takes 256.
@check("embedding.count-refused", SHOULD, when=embedding_request & too_many & examined, source=EMBEDDING_REQUEST,
       breaks="embeddings-many-served", covers="EMB-012")  # fmt: skip
def too_many_are_refused(x: Exchange) -> Problems:
    """More than 2048 inputs are refused.

    Where the rest is left out instead, the end of the batch was never indexed.
    """
    yield from accepted(x)


@request("with an empty text among others", special=True)
def an_empty_text(x: Exchange) -> bool:
    asked = x.asked.get("input")
    return isinstance(asked, list) and len(asked) > 1 and any(each == "" for each in asked)


# Alone, OpenAI itself has embedded an empty text (text-embedding-ada-002, recorded).
@check("embedding.empty-refused", SHOULD, when=embedding_request & an_empty_text & examined, covers="EMB-011",
       source=(EMBEDDING_REQUEST, issue("openai/openai-python", 576)), breaks="embeddings-empty-served")  # fmt: skip
def empty_texts_are_refused(x: Exchange) -> Problems:
    """An empty text in a list is refused.

    Its vector is that of nothing, and near to whatever is short.
    """
    yield from accepted(x)


@check("embedding.nested-refused", SHOULD, when=intent("nested") & embedding_request & examined, source=EMBEDDING_REQUEST,
       breaks="embeddings-nested-served", covers="EMB-007")  # fmt: skip
def nested_texts_are_refused(x: Exchange) -> Problems:
    """Texts in a list of lists are refused.

    Who sends them gets one vector for several documents, or one of how Python prints a list.
    """
    yield from accepted(x)


@check("embedding.token-refused", SHOULD, when=heard & examined, source=EMBEDDING_REQUEST,
       together=where_accepted("embeddings.tokens", "embeddings.bad-token"), breaks="embeddings-bad-token-served",
       covers="EMB-007")  # fmt: skip
def bad_tokens_are_refused(_: Exchange, x: Exchange) -> Problems:
    """A token id that no vocabulary has is refused.

    What was tokenised for another model is embedded as something else, and nobody learns of it.
    """
    yield from accepted(x)


@check("embedding.lives-on", MUST, together=probes("embeddings.bad-token", "embeddings.again"), when=embedding_request & looked_at,
       source=(rfc(9110, "15.6"), "https://github.com/vllm-project/vllm/pull/36947"), breaks="embeddings-token-kills",
       covers="EMB-007")  # fmt: skip
def a_bad_token_harms_nobody(_: Exchange, x: Exchange) -> Problems:
    """After a token id that is out of range, the next request is served as before.

    One client's mistake ends the service for all.
    """
    yield from not_taken(x, "only the request before was wrong")


@check("embedding.too-long-refused", SHOULD, when=intent("too-long") & embedding_request & examined, source=EMBEDDING_REQUEST,
       breaks="embeddings-cut-silently", covers="EMB-015")  # fmt: skip
def long_inputs_are_not_cut(x: Exchange) -> Problems:
    """An input beyond the context window is refused, not cut without a word.

    The end of every long document is missing from the index, and nothing says so.
    """
    words = sum(len(text.split()) for text in texts(x))
    if x.ok and 0 < (read := need(x.answer, "usage.prompt_tokens", int)) < words // 2:
        yield differs("usage.prompt_tokens", read, f"a refusal, or all of about {words} tokens")
