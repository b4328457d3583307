"""openai-python, sync and async, calls every route of the reference, and what it gives can be read as callers read it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import openai
import pytest
from openai._base_client import AsyncPaginator
from openai.pagination import SyncConversationCursorPage, SyncCursorPage, SyncPage

from conformance.areas.catalogue import routes
from conformance.exchange.documented import ROUTES
from conformance.exchange.shipped import place
from conformance.reference.respond import Server
from conformance.send.embedded import Reference

SPOKEN = ("morning.wav", place("fixtures/audio/morning.wav").read_bytes())
PICTURE = ("yellow.png", place("fixtures/yellow.png").read_bytes())
pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the client's, of whisper-like calls
TASK = {"custom_id": "one", "method": "POST", "url": "/v1/chat/completions"}


@pytest.fixture(scope="module")
def server() -> Iterator[Reference]:
    with Reference() as server:
        yield server


class Caller:
    """Calls a method of a client, sync or async, and gives what it returns: the object, or all of a stream or of the pages of a list."""

    def __init__(self, client: Any, server: Server, run: Callable[[Any], Any]) -> None:
        self.client, self.models, self.model = client, server.models, server.model
        self._run = run

    def __call__(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        got = method(*arguments, **named)
        if isinstance(self.client, openai.AsyncOpenAI):
            return self._run(self._taken(got))
        if isinstance(got, openai.Stream):
            with got:
                return list(got)
        return list(got) if isinstance(got, (SyncPage, SyncCursorPage, SyncConversationCursorPage)) else got

    async def _taken(self, got: Any) -> Any:
        if not hasattr(got, "__aiter__"):
            got = await got
        return [each async for each in got] if isinstance(got, (openai.AsyncStream, AsyncPaginator)) else got


@pytest.fixture(params=["sync", "async"])
def ask(request, server) -> Iterator[Caller]:
    named = {"base_url": server.base_url, "api_key": server.key, "max_retries": 0}
    if request.param == "sync":
        with openai.OpenAI(**named) as client:
            yield Caller(client, server.server, lambda got: got)
    else:
        client = openai.AsyncOpenAI(**named)
        with asyncio.Runner() as loop:
            yield Caller(client, server.server, loop.run)
            loop.run(client.close())


def test_responses(ask):
    create = partial(ask.client.responses.create, model=ask.model, input="Say hello.")
    answer = ask(create)
    assert answer.output_text
    events = ask(create, stream=True)
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response.output_text == "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert ask(ask.client.responses.retrieve, answer.id).output_text == answer.output_text
    assert [item.type for item in ask(ask.client.responses.input_items.list, answer.id)] == ["message"]
    assert ask(create, previous_response_id=answer.id).previous_response_id == answer.id
    assert (
        ask(ask.client.responses.input_tokens.count, model=ask.model, input="Say hello.").input_tokens
        == answer.usage.input_tokens
    )
    assert ask(ask.client.responses.compact, model=ask.model, input="Say hello.").output
    later = ask(create, background=True)
    assert ask(ask.client.responses.cancel, later.id).status == "cancelled"
    ask(ask.client.responses.delete, answer.id)
    with pytest.raises(openai.NotFoundError):
        ask(ask.client.responses.retrieve, answer.id)


def test_conversations(ask):
    own, said = (
        ask.client.conversations,
        {"type": "message", "role": "user", "content": "Please remember the word marmalade."},
    )
    made = ask(own.create, metadata={"topic": "jam"}, items=[said])
    create = partial(ask.client.responses.create, model=ask.model, input="Which word did I ask you to remember?")
    answer = ask(create, conversation=made.id)
    events = ask(create, conversation={"id": made.id}, stream=True)
    assert answer.conversation.id == events[-1].response.conversation.id == made.id
    assert answer.usage.input_tokens < events[-1].response.usage.input_tokens
    with pytest.raises(openai.BadRequestError) as refused:
        ask(create, conversation=made.id, previous_response_id=answer.id)
    assert refused.value.code == "mutually_exclusive_parameters"
    added = ask(own.items.create, made.id, items=[said]).data[0]
    texts = [item.content[0].text for item in ask(own.items.list, made.id, limit=2, order="asc")]
    assert (len(texts), texts[0], texts[2]) == (6, said["content"], answer.output_text)
    assert ask(own.items.retrieve, added.id, conversation_id=made.id).role == "user"
    assert ask(own.items.delete, added.id, conversation_id=made.id).id == made.id
    assert ask(own.update, made.id, metadata={"topic": "honey"}).metadata == {"topic": "honey"}
    assert ask(own.retrieve, made.id).metadata == {"topic": "honey"}
    assert ask(own.delete, made.id).deleted
    with pytest.raises(openai.NotFoundError):
        ask(create, conversation=made.id)


def test_embeddings(ask):
    create = partial(ask.client.embeddings.create, model=ask.models["embedding"], input=["one", "two"])
    packed, plain = ask(create), ask(create, encoding_format="float")
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert len(ask(create, dimensions=4).data[0].embedding) == 4


def test_completions(ask):
    create = partial(ask.client.completions.create, model=ask.model, prompt="One, two, three,", max_tokens=5)
    whole = ask(create)
    assert whole.choices[0].text == "".join(chunk.choices[0].text for chunk in ask(create, stream=True))


def test_speech(ask):
    create = partial(ask.client.audio.speech.create, model=ask.models["speech"], input="Good morning.", voice="alloy")
    for name, start in (("wav", b"RIFF"), ("flac", b"fLaC"), ("opus", b"OggS")):
        assert ask(create, response_format=name).content.startswith(start)


def test_transcriptions(ask):
    create = partial(ask.client.audio.transcriptions.create, model=ask.models["transcription"], file=SPOKEN)
    text = ask(create).text
    assert "morning" in text.lower()
    assert "WEBVTT" in ask(create, response_format="vtt")
    words = ask(create, response_format="verbose_json", timestamp_granularities=["word", "segment"])
    assert (len(words.words) > 0, words.segments[0].start >= 0, float(words.duration) > 0) == (True, True, True)
    events = ask(create, stream=True)
    assert (events[-1].type, events[-1].text) == ("transcript.text.done", text)
    translate = partial(ask.client.audio.translations.create, model=ask.models["transcription"], file=SPOKEN)
    assert ask(translate).text


def test_images(ask):
    draw = partial(ask.client.images.generate, model=ask.models["image"], prompt="A yellow dot")
    assert len(ask(draw, n=2).data) == 2
    events = ask(draw, stream=True, partial_images=1)
    assert [event.type for event in events] == ["image_generation.partial_image", "image_generation.completed"]
    edit = partial(ask.client.images.edit, model=ask.models["image"], prompt="A red dot")
    assert ask(edit, image=PICTURE).data[0].b64_json
    assert ask(edit, image=[PICTURE, PICTURE], mask=PICTURE).data[0].b64_json
    assert ask(ask.client.images.create_variation, model=ask.models["image"], image=PICTURE).data


def test_moderations(ask):
    found = ask(ask.client.moderations.create, model=ask.models["moderation"], input=["Hello", "I will kill you"])
    assert [each.flagged for each in found.results] == [False, True]


def test_files_and_batches(ask):
    line = json.dumps({**TASK, "body": {"model": ask.model, "messages": [{"role": "user", "content": "Hello"}]}})
    sent = ask(ask.client.files.create, file=("tasks.jsonl", io.BytesIO(line.encode())), purpose="batch")
    assert sent.id in [file.id for file in ask(ask.client.files.list, limit=1)]
    assert ask(ask.client.files.retrieve, sent.id).bytes == len(line)
    assert ask(ask.client.files.content, sent.id).content == line.encode()
    made = ask(
        ask.client.batches.create, input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    assert made.id in [batch.id for batch in ask(ask.client.batches.list)]
    done = next(b for _ in range(20) if (b := ask(ask.client.batches.retrieve, made.id)).status == "completed")
    written = json.loads(ask(ask.client.files.content, done.output_file_id).content)
    assert (written["custom_id"], written["response"]["status_code"]) == ("one", 200)
    assert ask(ask.client.files.delete, sent.id).deleted


def test_models(ask):
    for model in ask(ask.client.models.list):
        assert ask(ask.client.models.retrieve, model.id).id == model.id


def test_chat(ask):
    create = partial(
        ask.client.chat.completions.create, model=ask.model, messages=[{"role": "user", "content": "Hello"}]
    )
    streamed = ask(create, stream=True)
    assert ask(create).choices[0].message.content == "".join(
        x.choices[0].delta.content or "" for x in streamed if x.choices
    )
    kept = ask(create, store=True)
    assert ask(ask.client.chat.completions.retrieve, kept.id).id == kept.id


def test_the_reference_answers_every_documented_route():
    answered = [pattern.replace("([^/]+)", "x") for pattern in routes()]
    assert {name for name, route in ROUTES.items() if not any(map(route.path.search, answered))} == set()
