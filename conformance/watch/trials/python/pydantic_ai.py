"""Pydantic AI: an agent for each scenario, on its models for chat completions and for Responses."""
# client: Pydantic AI
# packages: pydantic-ai-slim[openai]==2.68.0
# aliases: pydantic-ai-slim

import base64

from pydantic_ai import Agent, BinaryContent, Embedder
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

PROMISED = 3
"""Of the client under it, which asks twice again."""


def _agent(ask, kind=OpenAIChatModel, **more):
    model = kind(ask.model, provider=OpenAIProvider(base_url=ask.base_url, api_key=ask.key))
    return Agent(model, model_settings=_extra(ask), **more)


def _extra(ask):
    return {"extra_headers": ask.headers} if ask.headers else None


def _usage(used):
    return {"input": used.input_tokens, "output": used.output_tokens}


def _said(result):
    return {"text": result.output, "usage": _usage(result.usage)}


async def plain(ask):
    return _said(await _agent(ask).run(ask.prompt))


unknown_model = wrong_key = rate_limit = unavailable = plain


async def _streamed(ask, **more):
    async with _agent(ask, **more).run_stream(ask.prompt) as result:
        pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        return {"text": "".join(pieces), "usage": _usage(result.usage), "pieces": len(pieces)}


async def stream(ask):
    return await _streamed(ask)


usage = cut_stream = stream


async def tool(ask):
    return _said(await _agent(ask, tools=[ask.get_weather]).run(ask.prompt))


async def tool_stream(ask):
    return await _streamed(ask, tools=[ask.get_weather])


two_calls = tool


async def no_arguments(ask):
    return _said(await _agent(ask, tools=[ask.current_time]).run(ask.prompt))


async def agent(ask):
    able, history, said = _agent(ask, tools=[ask.get_weather, ask.current_time]), [], {}
    for prompt in ask.say["prompts"]:
        result = await able.run(prompt, message_history=history)
        history, said = result.all_messages(), {"text": result.output}
    return said


async def structured(ask):
    result = await _agent(ask, output_type=ask.Capital).run(ask.prompt)
    return {"value": result.output.model_dump()}


async def image(ask):
    kind, _, data = ask.say["image"].removeprefix("data:").partition(";base64,")
    picture = BinaryContent(base64.b64decode(data), media_type=kind)
    return _said(await _agent(ask).run([ask.prompt, picture]))


async def system(ask):
    return _said(await _agent(ask, system_prompt=ask.say["system"]).run(ask.prompt))


async def responses(ask):
    return _said(await _agent(ask, OpenAIResponsesModel).run(ask.prompt))


async def responses_stream(ask):
    return await _streamed(ask, kind=OpenAIResponsesModel)


async def responses_tool(ask):
    return _said(await _agent(ask, OpenAIResponsesModel, tools=[ask.get_weather]).run(ask.prompt))


async def embeddings(ask):
    model = OpenAIEmbeddingModel(ask.model, provider=OpenAIProvider(base_url=ask.base_url, api_key=ask.key))
    vectors = (await Embedder(model, settings=_extra(ask)).embed_documents(ask.say["texts"])).embeddings
    return {"value": {"count": len(vectors), "dimensions": len(vectors[0]), "first": list(vectors[0][:3])}}
