"""EMB: what an answer holds beside the vectors, and what it says it cost."""

from __future__ import annotations

from conformance.areas.citations import EMBEDDING, EMBEDDING_REQUEST, EMBEDDINGS, issue
from conformance.areas.embeddings.conditions import more, vectors
from conformance.exchange import Exchange, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.objects import misfits


@check("embedding.model", MUST, when=vectors, source=(EMBEDDINGS, issue("opea-project/GenAIComps", 926)),
       breaks="embeddings-model-null", covers="EMB-001")  # fmt: skip
def says_the_model(x: Exchange) -> Problems:
    """`model` names the model that made the vectors.

    Typed clients in Go, Java and Rust fail on null; whoever keeps vectors keeps their model beside them, for no other fits.
    """
    yield from misfits(x, "embedding-list", "model")


@check("embedding.object", SHOULD, when=vectors, source=EMBEDDINGS, breaks="embeddings-object", covers="EMB-001")
def is_a_list(x: Exchange) -> Problems:
    """`object` of the answer is "list"."""
    yield from misfits(x, "embedding-list", "object")


@check(
    "embedding.item-object", SHOULD, when=vectors, source=EMBEDDING, breaks="embeddings-item-object", covers="EMB-001"
)
def each_is_an_embedding(x: Exchange) -> Problems:
    """`object` of each vector is "embedding"."""
    yield from misfits(x, "embedding", "object")


@check(
    "embedding.usage-counted", MUST, when=vectors, source=EMBEDDINGS, breaks="embeddings-usage-zero", covers="EMB-001"
)
def input_is_counted(x: Exchange) -> Problems:
    """`prompt_tokens` is above 0.

    Dashboards show that indexing is free.
    """
    if (used := need(x.answer, "usage.prompt_tokens", int)) <= 0:
        yield differs("usage.prompt_tokens", used, "more than 0")


@check("embedding.usage-grows", SHOULD, together=more, when=vectors, source=(EMBEDDINGS, EMBEDDING_REQUEST),
       breaks=("embeddings-usage-constant", "embeddings-usage-zero", "embeddings-first-only"), covers="EMB-001")  # fmt: skip
def more_input_costs_more(fewer: Exchange, longer: Exchange) -> Problems:
    """A text and others cost more tokens than the text alone.

    Budgets by the batch are wrong by the number of texts in it.
    """
    one, all_ = (need(x.answer, "usage.prompt_tokens", int) for x in (fewer, longer))
    if all_ <= one:
        yield differs("usage.prompt_tokens of several texts", all_, f"more than {one}, which one of them costs")
