"""Which model is asked for what: as named by the user, else by its own name, else the one that chats."""

from __future__ import annotations

import pytest

from conformance.exchange import Exchange
from conformance.send.tasks import listed, model_for, models

PUBLIC = [
    "gpt-4o-mini", "gpt-4o-mini-transcribe", "gpt-4o-mini-tts", "text-embedding-3-small", "dall-e-3", "gpt-image-1",
    "whisper-1", "tts-1", "omni-moderation-latest",
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "named"),
    [
        ("embedding", "text-embedding-3-small"), ("transcription", "gpt-4o-mini-transcribe"), ("speech", "gpt-4o-mini-tts"),
        ("image", "dall-e-3"), ("moderation", "omni-moderation-latest"), ("responses", None),
    ],
)  # fmt: skip
def test_models_of_a_task_are_known_by_their_names(task, named):
    assert model_for(task, PUBLIC) == named


@pytest.mark.parametrize(
    ("task", "id"),
    [
        ("embedding", "BAAI/bge-m3"), ("embedding", "nomic-ai/nomic-embed-text-v1.5"), ("transcription", "openai/whisper-large-v3"),
        ("speech", "hexgrad/Kokoro-82M"), ("image", "black-forest-labs/FLUX.1-dev"), ("moderation", "meta-llama/Llama-Guard-3-8B"),
    ],
)  # fmt: skip
def test_published_models_are_known_too(task, id):
    assert model_for(task, ["meta-llama/Llama-3.1-8B-Instruct", id]) == id


@pytest.mark.parametrize("id", ["llama-3.2-vision", "gpt-4o-audio-preview", "qwen3-reranker", "gpt-realtime"])
def test_what_only_reads_is_no_model_that_makes(id):
    assert models({}, [id]) == {}


def test_what_the_user_names_wins():
    assert models({"embedding": "mine"}, PUBLIC)["embedding"] == "mine"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data": {}}', b'{"data": [1, {"id": 2}, {"id": "a\\u0000b"}, {"id": " "}]}']
)
def test_an_unreadable_list_names_none(body):
    assert listed(Exchange("l", "GET", "http://h/v1/models", (), b"", 200, (), body)) == []
