"""The vectors of the reference: of length 1, near for near texts, the same each time, and what the official client makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import openai
import pytest

from conformance.areas.embeddings.conditions import likeness
from conformance.areas.embeddings.honest import DIMENSIONS, vector
from conformance.send.embedded import Reference

CAT, CATS, REVENUE = "The cat sat on the mat.", "Cats sat on the mats.", "Revenue grew by nine percent in Norway."


@pytest.mark.parametrize("text", ["a", CAT, "Grüße aus Köln 😀", " ", "word " * 500])
@pytest.mark.parametrize("width", [1, 7, DIMENSIONS])
def test_vectors_have_length_one(text, width):
    assert len(found := vector(text, width)) == width
    assert math.hypot(*found) == pytest.approx(1, abs=1e-6)
    assert vector(text, width) == found


def test_near_texts_are_near():
    assert likeness(vector(CAT), vector(CATS)) > 0.6 > 0.4 > likeness(vector(CAT), vector(REVENUE))


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[openai.OpenAI, str]]:
    with Reference() as server, openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as client:
        yield client, f"{server.model}-embedding"


@pytest.mark.parametrize("given", [CAT, [CAT, REVENUE], [1, 2, 3], [[1, 2], [3]]])
def test_the_official_client_reads_the_same_either_way(served, given):
    client, model = served
    unasked = client.embeddings.create(model=model, input=given)  # it asks for base64 by itself
    floats = client.embeddings.create(model=model, input=given, encoding_format="float")
    assert [each.embedding for each in unasked.data] == [each.embedding for each in floats.data]
    assert len(unasked.data) == (2 if given in ([CAT, REVENUE], [[1, 2], [3]]) else 1)
    assert unasked.usage.prompt_tokens == unasked.usage.total_tokens > 0


@pytest.mark.parametrize(
    "given", [[], "", ["a", ""], [[]], [["a"]], [[-1]], [10**9], [1.5], [None], {"text": "a"}, "word " * 9000]
)
def test_what_is_no_input_is_refused_and_harms_nobody(served, given):
    client, model = served
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=model, input=given)
    assert client.embeddings.create(model=model, input=CAT).data[0].embedding == list(vector(CAT))
