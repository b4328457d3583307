"""What the official client makes of the legacy completions of the reference."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from conformance.send.embedded import Reference

A, B = "One, two, three,", "Monday, Tuesday, Wednesday,"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[openai.OpenAI, str]]:
    with Reference() as server, openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as client:
        yield client, server.model


def test_each_prompt_is_continued_n_times_in_order(served):
    client, model = served
    made = client.completions.create(model=model, prompt=[A, B], n=2, max_tokens=3, echo=True)
    assert [choice.index for choice in made.choices] == [0, 1, 2, 3]
    assert [choice.text.startswith(prompt) for choice, prompt in zip(made.choices, (A, A, B, B), strict=True)] == [
        True
    ] * 4
    assert made.usage.completion_tokens == 12


def test_a_stream_says_what_the_whole_says(served):
    client, model = served
    whole = client.completions.create(model=model, prompt=[A, B], stop="seven")
    texts, usage = {0: "", 1: ""}, None
    for chunk in client.completions.create(
        model=model, prompt=[A, B], stop="seven", stream=True, stream_options={"include_usage": True}
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert [texts[0], texts[1]] == [choice.text for choice in whole.choices]
    assert usage == whole.usage
    assert whole.choices[0].finish_reason == "stop"
    assert "seven" not in texts[0]


def test_an_echoed_prompt_has_its_likelihood(served):
    client, model = served
    made = client.completions.create(model=model, prompt=A, max_tokens=0, echo=True, logprobs=1)
    found = made.choices[0].logprobs
    assert made.choices[0].text == A == "".join(found.tokens)
    assert found.token_logprobs[0] is None
    assert all(number < 0 for number in found.token_logprobs[1:])
    assert [A[at : at + len(token)] for at, token in zip(found.text_offset, found.tokens, strict=True)] == found.tokens


@pytest.mark.parametrize("more", [{"best_of": 1, "n": 2}, {"best_of": 2, "stream": True}, {"prompt": [[-1]]}, {"prompt": [10**9]},
                                  {"prompt": []}, {"prompt": [None]}, {"logprobs": True}, {"logprobs": 6}])  # fmt: skip
def test_what_makes_no_sense_is_refused(served, more):
    client, model = served
    with pytest.raises(openai.BadRequestError):
        client.completions.create(**{"model": model, "prompt": A, **more})
