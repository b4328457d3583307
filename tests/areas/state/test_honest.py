"""What the official client makes of the responses that the reference keeps."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from conformance.areas.state.probes import QUESTION, TOLD
from conformance.reference.script import MODEL
from conformance.send.embedded import Reference


@pytest.fixture(scope="module")
def served() -> Iterator[openai.OpenAI]:
    with Reference() as server, openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as client:
        yield client


@pytest.fixture
def told(served):
    """A conversation in which a word was to be remembered."""
    return served.responses.create(model=MODEL, input=TOLD)


def test_what_is_fetched_is_what_was_made(served, told):
    assert served.responses.retrieve(told.id) == told


def test_the_input_is_listed_page_by_page_to_its_end(served, told):
    ahead = [item.content[0].text for item in served.responses.input_items.list(told.id, limit=2, order="asc")]
    back = [item.content[0].text for item in served.responses.input_items.list(told.id, limit=1)]
    assert ahead == [item["content"] for item in TOLD]
    assert back == ahead[::-1]


def test_a_conversation_goes_on_by_its_id(served, told):
    after = served.responses.create(model=MODEL, input=QUESTION, previous_response_id=told.id)
    anew = served.responses.create(model=MODEL, input=QUESTION)
    assert "marmalade" in after.output_text
    assert "marmalade" not in anew.output_text
    listed = served.responses.input_items.list(after.id, order="asc").data
    assert [item.role for item in listed] == ["user", "assistant", "user", "assistant", "user"]


def test_the_background_comes_to_an_end(served):
    waiting = served.responses.create(model=MODEL, input="Say hello.", background=True)
    seen = [served.responses.retrieve(waiting.id) for _ in range(3)]
    assert [each.status for each in (waiting, *seen)] == ["queued", "in_progress", "completed", "completed"]
    assert (waiting.output, waiting.usage) == ([], None)
    assert seen[-1].output_text


def test_only_the_background_is_cancelled(served, told):
    waiting = served.responses.create(model=MODEL, input="Say hello.", background=True)
    assert served.responses.cancel(waiting.id).status == "cancelled"
    assert served.responses.retrieve(waiting.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError):
        served.responses.cancel(told.id)
    with pytest.raises(openai.BadRequestError):
        served.responses.create(model=MODEL, input="Say hello.", background=True, store=False)


def test_a_stream_goes_on_after_an_event(served):
    events = list(served.responses.create(model=MODEL, input="Say hello.", background=True, stream=True))
    again = served.responses.retrieve(events[0].response.id, stream=True, starting_after=3)
    assert [event.sequence_number for event in again] == list(range(4, len(events)))


def test_what_is_deleted_or_declined_is_not_there(served, told):
    served.responses.delete(told.id)
    declined = served.responses.create(model=MODEL, input="Say hello.", store=False)
    for id in (told.id, declined.id):
        with pytest.raises(openai.NotFoundError):
            served.responses.retrieve(id)
        with pytest.raises(openai.BadRequestError, match="not found"):
            served.responses.create(model=MODEL, input=QUESTION, previous_response_id=id)


def test_a_count_is_what_the_prompt_costs(served, told):
    assert served.responses.input_tokens.count(model=MODEL, input=TOLD).input_tokens == told.usage.input_tokens


def test_a_compacted_conversation_goes_on(served, told):
    compacted = served.responses.compact(model=MODEL, previous_response_id=told.id)
    assert [item.type for item in compacted.output] == ["message", "message", "compaction"]
    # Its types know no message of the user there, which is what OpenAI gives.
    kept = [item.to_dict(warnings=False) for item in compacted.output]
    after = served.responses.create(model=MODEL, input=[*kept, {"role": "user", "content": QUESTION}])
    assert "marmalade" in after.output_text
