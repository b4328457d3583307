"""The OpenAI Agents SDK: an agent for each scenario, on its models for chat completions and for Responses."""
# client: OpenAI Agents SDK for Python
# packages: openai-agents==0.24.0

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI

PROMISED = 3
"""Of the client under it, which asks twice again."""
set_tracing_disabled(True)


def _agent(ask, *functions, kind=OpenAIChatCompletionsModel, settings=None, **more):
    client = AsyncOpenAI(base_url=ask.base_url, api_key=ask.key, default_headers=ask.headers or None)
    model = kind(model=ask.model, openai_client=client)
    tools = [function_tool(function) for function in functions]
    return Agent(name="Assistant", model=model, tools=tools, model_settings=settings or ModelSettings(), **more)


def _said(result):
    used = result.context_wrapper.usage
    usage = {"input": used.input_tokens, "output": used.output_tokens, "total": used.total_tokens}
    return {"text": result.final_output, "usage": usage}


async def plain(ask):
    return _said(await Runner.run(_agent(ask), ask.prompt))


unknown_model = wrong_key = rate_limit = unavailable = plain


async def _streamed(able, prompt):
    pieces, result = [], Runner.run_streamed(able, prompt)
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            pieces.append(event.data.delta)
    return {**_said(result), "pieces": len(pieces)}


async def stream(ask):
    return {"text": (await _streamed(_agent(ask), ask.prompt))["text"]}


cut_stream = stream


async def usage(ask):
    return await _streamed(_agent(ask, settings=ModelSettings(include_usage=True)), ask.prompt)


async def tool(ask):
    return _said(await Runner.run(_agent(ask, ask.get_weather), ask.prompt))


async def tool_stream(ask):
    return {"text": (await _streamed(_agent(ask, ask.get_weather), ask.prompt))["text"]}


two_calls = tool


async def no_arguments(ask):
    return _said(await Runner.run(_agent(ask, ask.current_time), ask.prompt))


async def agent(ask):
    able, items, said = _agent(ask, ask.get_weather, ask.current_time), [], {}
    for prompt in ask.say["prompts"]:
        result = await Runner.run(able, [*items, {"role": "user", "content": prompt}])
        items, said = result.to_input_list(), {"text": result.final_output}
    return said


async def structured(ask):
    result = await Runner.run(_agent(ask, output_type=ask.Capital), ask.prompt)
    return {"value": result.final_output.model_dump()}


async def image(ask):
    parts = [
        {"type": "input_text", "text": ask.prompt},
        {"type": "input_image", "image_url": ask.say["image"], "detail": "auto"},
    ]
    return _said(await Runner.run(_agent(ask), [{"role": "user", "content": parts}]))


async def system(ask):
    return _said(await Runner.run(_agent(ask, instructions=ask.say["system"]), ask.prompt))


async def developer(ask):
    items = [{"role": "developer", "content": ask.say["system"]}, {"role": "user", "content": ask.prompt}]
    return _said(await Runner.run(_agent(ask), items))


async def responses(ask):
    return _said(await Runner.run(_agent(ask, kind=OpenAIResponsesModel), ask.prompt))


async def responses_stream(ask):
    return await _streamed(_agent(ask, kind=OpenAIResponsesModel), ask.prompt)


async def responses_tool(ask):
    return _said(await Runner.run(_agent(ask, ask.get_weather, kind=OpenAIResponsesModel), ask.prompt))
