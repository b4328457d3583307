"""openai-python, asynchronous, with its event helper for streams."""
# client: openai for Python, asynchronous
# packages: openai==3.57.0

import base64
import io

from openai import AsyncOpenAI

PROMISED = 3
"""`max_retries` is 2 unless it is set."""


def _client(ask):
    return AsyncOpenAI(base_url=ask.base_url, api_key=ask.key, default_headers=ask.headers)


def _messages(ask, role=None):
    asked = [{"role": "user", "content": ask.prompt}]
    return [{"role": role, "content": ask.say["system"]}, *asked] if role else asked


def _usage(usage):
    return usage and {"input": usage.prompt_tokens, "output": usage.completion_tokens, "total": usage.total_tokens}


def _said(completion):
    choice = completion.choices[0]
    return {"text": choice.message.content, "usage": _usage(completion.usage), "finish": choice.finish_reason}


async def _once(ask, messages, **more):
    async with _client(ask) as client:
        return await client.chat.completions.create(model=ask.model, messages=messages, **more)


async def plain(ask):
    return _said(await _once(ask, _messages(ask)))


unknown_model = wrong_key = rate_limit = unavailable = plain


async def _streamed(ask, **more):
    """By the helper of the client, which puts the chunks together."""
    pieces = 0
    async with (
        _client(ask) as client,
        client.chat.completions.stream(model=ask.model, messages=_messages(ask), **more) as stream,
    ):
        async for event in stream:
            pieces += event.type == "content.delta"
        return {**_said(await stream.get_final_completion()), "pieces": pieces}


async def stream(ask):
    return await _streamed(ask)


async def cut_stream(ask):
    return await _streamed(ask)


async def usage(ask):
    return await _streamed(ask, stream_options={"include_usage": True})


async def _loop(asking, **asked):
    """The chunks of a stream, put together as callers do it by hand: gives (text, calls, usage)."""
    text, calls, usage = "", {}, None
    async for chunk in await asking.create(stream=True, **asked):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for piece in choice.delta.tool_calls or ():
                call = calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                call["id"] = piece.id or call["id"]
                call["name"] += (piece.function and piece.function.name) or ""
                call["arguments"] += (piece.function and piece.function.arguments) or ""
    return text, [calls[index] for index in sorted(calls)], usage


async def _plain(asking, **asked):
    completion = await asking.create(**asked)
    message = completion.choices[0].message
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
        for call in message.tool_calls or ()
    ]
    return message.content, calls, completion.usage


async def _with_tools(ask, messages, *names, once):
    """Ask, run what is called, and ask on until there is a text."""
    tools = [{"type": "function", "function": ask.schema(name)} for name in names]
    async with _client(ask) as client:
        for _ in range(5):
            text, calls, usage = await once(client.chat.completions, model=ask.model, messages=messages, tools=tools)
            if not calls:
                messages.append({"role": "assistant", "content": text})
                return {"text": text, "usage": _usage(usage)}
            called = [
                {"id": each["id"], "type": "function", "function": {key: each[key] for key in ("name", "arguments")}}
                for each in calls
            ]
            messages.append({"role": "assistant", "content": text or None, "tool_calls": called})
            for call in calls:
                result = ask.run(call["name"], call["arguments"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError("the model calls tools without end")


async def tool(ask):
    return await _with_tools(ask, _messages(ask), "get_weather", once=_plain)


async def tool_stream(ask):
    return await _with_tools(ask, _messages(ask), "get_weather", once=_loop)


two_calls = tool_stream


async def no_arguments(ask):
    return await _with_tools(ask, _messages(ask), "current_time", once=_loop)


async def agent(ask):
    messages, said = [], {}
    for prompt in ask.say["prompts"]:
        messages.append({"role": "user", "content": prompt})
        said = await _with_tools(ask, messages, "get_weather", "current_time", once=_loop)
    return said


async def structured(ask):
    async with _client(ask) as client:
        completion = await client.chat.completions.parse(
            model=ask.model, messages=_messages(ask), response_format=ask.Capital
        )
    return {**_said(completion), "value": completion.choices[0].message.parsed.model_dump()}


async def image(ask):
    parts = [
        {"type": "text", "text": ask.prompt},
        {"type": "image_url", "image_url": {"url": ask.say["image"]}},
    ]
    return _said(await _once(ask, [{"role": "user", "content": parts}]))


async def system(ask):
    return _said(await _once(ask, _messages(ask, "system")))


async def developer(ask):
    return _said(await _once(ask, _messages(ask, "developer")))


def _response(answer):
    usage = answer.usage
    return {
        "text": answer.output_text,
        "usage": usage and {"input": usage.input_tokens, "output": usage.output_tokens, "total": usage.total_tokens},
    }


async def responses(ask):
    async with _client(ask) as client:
        return _response(await client.responses.create(model=ask.model, input=ask.prompt))


async def responses_stream(ask):
    text, answer = "", None
    async with _client(ask) as client:
        async for event in await client.responses.create(model=ask.model, input=ask.prompt, stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
            answer = event.response if event.type == "response.completed" else answer
    return {**_response(answer), "text": text}


async def embeddings(ask):
    async with _client(ask) as client:
        data = (await client.embeddings.create(model=ask.model, input=ask.say["texts"])).data
    first = data[0].embedding
    return {"value": {"count": len(data), "dimensions": len(first), "first": first[:3]}}


async def speech(ask):
    size = 0
    async with (
        _client(ask) as client,
        client.audio.speech.with_streaming_response.create(
            model=ask.model, voice="alloy", input=ask.say["text"]
        ) as answer,
    ):
        async for portion in answer.iter_bytes():
            size += len(portion)
    return {"value": {"bytes": size}}


async def transcription(ask):
    sound = io.BytesIO(base64.b64decode(ask.say["audio"]))
    sound.name = "morning.wav"
    async with _client(ask) as client:
        return {"text": (await client.audio.transcriptions.create(model=ask.model, file=sound)).text}
