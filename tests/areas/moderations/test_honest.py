"""What the official client makes of the moderations of the reference."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from conformance.areas.moderations.probes import KIND, PICTURE, THREAT
from conformance.send.embedded import Reference


@pytest.fixture(scope="module")
def served() -> Iterator[openai.OpenAI]:
    with Reference() as server, openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as client:
        yield client


def test_each_text_has_its_result(served):
    found = served.moderations.create(input=[KIND, THREAT]).results  # no model is named: there is one for it
    assert [result.flagged for result in found] == [False, True]
    assert found[1].categories.violence
    assert found[1].categories.harassment_threatening
    assert 0 <= found[0].category_scores.violence < 0.5 < found[1].category_scores.violence <= 1


def test_parts_are_one_input(served):
    parts = [{"type": "text", "text": THREAT}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    [found] = served.moderations.create(input=parts).results
    assert found.flagged
    assert found.category_applied_input_types.violence == ["text", "image"]
    assert found.category_applied_input_types.hate == ["text"]


@pytest.mark.parametrize("given", [[], None, [1], [{"type": "sound"}], {"type": "text"}, 5])
def test_what_is_no_input_is_refused(served, given):
    with pytest.raises(openai.BadRequestError):
        served.moderations.create(input=given)
