"""openai-python, synchronous: each scenario as its documents do it."""
# client: openai for Python
# packages: openai==3.57.0
# aliases: openai

import base64
import io

from openai import OpenAI

PROMISED = 3
"""`max_retries` is 2 unless it is set."""


def _client(ask):
    return OpenAI(base_url=ask.base_url, api_key=ask.key, default_headers=ask.headers)


def _messages(ask, role=None):
    asked = [{"role": "user", "content": ask.prompt}]
    return [{"role": role, "content": ask.say["system"]}, *asked] if role else asked


def _usage(usage):
    return usage and {"input": usage.prompt_tokens, "output": usage.completion_tokens, "total": usage.total_tokens}


def _said(completion):
    choice = completion.choices[0]
    return {"text": choice.message.content, "usage": _usage(completion.usage), "finish": choice.finish_reason}


def _tool(ask, *names):
    return [{"type": "function", "function": ask.schema(name)} for name in names]


def plain(ask):
    return _said(_client(ask).chat.completions.create(model=ask.model, messages=_messages(ask)))


def _streamed(ask, **more):
    text, usage, finish, pieces = "", None, None, 0
    stream = _client(ask).chat.completions.create(model=ask.model, messages=_messages(ask), stream=True, **more)
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            pieces += bool(choice.delta.content)
            finish = choice.finish_reason or finish
    return {"text": text, "usage": _usage(usage), "finish": finish, "pieces": pieces}


def stream(ask):
    return _streamed(ask)


def usage(ask):
    return _streamed(ask, stream_options={"include_usage": True})


cut_stream = stream


def _with_tools(ask, messages, *names, once):
    """Ask, run what is called, and ask on until there is a text."""
    asking = _client(ask).chat.completions
    for _ in range(5):
        completion = once(asking, model=ask.model, messages=messages, tools=_tool(ask, *names))
        message = completion.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return _said(completion)
        for call in message.tool_calls:
            result = ask.run(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError("the model calls tools without end")


def _create(asking, **asked):
    return asking.create(**asked)


def _helper(asking, **asked):
    with asking.stream(**asked) as stream:
        return stream.get_final_completion()


def tool(ask):
    return _with_tools(ask, _messages(ask), "get_weather", once=_create)


def tool_stream(ask):
    return _with_tools(ask, _messages(ask), "get_weather", once=_helper)


def two_calls(ask):
    return _with_tools(ask, _messages(ask), "get_weather", once=_create)


def no_arguments(ask):
    return _with_tools(ask, _messages(ask), "current_time", once=_create)


def agent(ask):
    messages, said = [], {}
    for prompt in ask.say["prompts"]:
        messages.append({"role": "user", "content": prompt})
        said = _with_tools(ask, messages, "get_weather", "current_time", once=_create)
    return said


def structured(ask):
    completion = _client(ask).chat.completions.parse(
        model=ask.model, messages=_messages(ask), response_format=ask.Capital
    )
    return {**_said(completion), "value": completion.choices[0].message.parsed.model_dump()}


def image(ask):
    parts = [
        {"type": "text", "text": ask.prompt},
        {"type": "image_url", "image_url": {"url": ask.say["image"]}},
    ]
    messages = [{"role": "user", "content": parts}]
    return _said(_client(ask).chat.completions.create(model=ask.model, messages=messages))


def system(ask):
    return _said(_client(ask).chat.completions.create(model=ask.model, messages=_messages(ask, "system")))


def developer(ask):
    return _said(_client(ask).chat.completions.create(model=ask.model, messages=_messages(ask, "developer")))


unknown_model = wrong_key = rate_limit = unavailable = plain


def _response_usage(usage):
    return usage and {"input": usage.input_tokens, "output": usage.output_tokens, "total": usage.total_tokens}


def _response(answer):
    return {"text": answer.output_text, "usage": _response_usage(answer.usage)}


def responses(ask):
    return _response(_client(ask).responses.create(model=ask.model, input=ask.prompt))


def responses_stream(ask):
    pieces = 0
    with _client(ask).responses.stream(model=ask.model, input=ask.prompt) as stream:
        for event in stream:
            pieces += event.type == "response.output_text.delta"
        return {**_response(stream.get_final_response()), "pieces": pieces}


def responses_tool(ask):
    asking, tools = _client(ask).responses, [{"type": "function", "strict": True, **ask.schema("get_weather")}]
    items = [{"role": "user", "content": ask.prompt}]
    for _ in range(5):
        answer = asking.create(model=ask.model, input=items, tools=tools)
        items += answer.output
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return _response(answer)
        for call in calls:
            result = ask.run(call.name, call.arguments)
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
    raise RuntimeError("the model calls tools without end")


def embeddings(ask):
    data = _client(ask).embeddings.create(model=ask.model, input=ask.say["texts"]).data
    first = data[0].embedding
    return {"value": {"count": len(data), "dimensions": len(first), "first": first[:3]}}


def speech(ask):
    answer = _client(ask).audio.speech.create(model=ask.model, voice="alloy", input=ask.say["text"])
    return {"value": {"bytes": len(answer.read())}}


def transcription(ask):
    sound = io.BytesIO(base64.b64decode(ask.say["audio"]))
    sound.name = "morning.wav"
    return {"text": _client(ask).audio.transcriptions.create(model=ask.model, file=sound).text}
