"""What the official client makes of the models of the reference."""

from __future__ import annotations

import openai

from conformance.send.embedded import Reference


def test_every_model_that_is_listed_is_there_by_its_name():
    with Reference() as server, openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as client:
        models = list(client.models.list())
        assert {character for model in models for character in model.id if not character.isalnum()} >= {*"/-: +"}
        assert [client.models.retrieve(model.id) for model in models] == models
        told = {"model": models[-1].id, "messages": [{"role": "user", "content": "Say hello."}]}
        assert client.chat.completions.create(**told).choices[0].message.content
