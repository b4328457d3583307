"""LiteLLM, asking an OpenAI-compatible endpoint by its provider `openai`."""
# client: LiteLLM
# packages: litellm==1.110.2

import base64
import io
import json

import litellm

PROMISED = 3
"""Of the client under it, which asks twice again."""


def _asked(ask):
    return {
        "model": f"openai/{ask.model}",
        "api_base": ask.base_url,
        "api_key": ask.key,
        "extra_headers": ask.headers or None,
    }


def _completion(ask, messages, **more):
    return litellm.completion(messages=messages, **_asked(ask), **more)


def _messages(ask, role=None):
    asked = [{"role": "user", "content": ask.prompt}]
    return [{"role": role, "content": ask.say["system"]}, *asked] if role else asked


def _said(completion):
    choice, used = completion.choices[0], completion.usage
    usage = {"input": used.prompt_tokens, "output": used.completion_tokens, "total": used.total_tokens}
    return {"text": choice.message.content, "usage": usage, "finish": choice.finish_reason}


def plain(ask):
    return _said(_completion(ask, _messages(ask)))


unknown_model = wrong_key = rate_limit = unavailable = plain


def stream(ask):
    pieces = [piece.choices[0].delta.content or "" for piece in _completion(ask, _messages(ask), stream=True)]
    return {"text": "".join(pieces), "pieces": sum(map(bool, pieces))}


cut_stream = stream


def usage(ask):
    pieces = [*_completion(ask, _messages(ask), stream=True, stream_options={"include_usage": True})]
    return _said(litellm.stream_chunk_builder(pieces))


def _once(ask, messages, **more):
    return _completion(ask, messages, **more)


def _built(ask, messages, **more):
    return litellm.stream_chunk_builder([*_completion(ask, messages, stream=True, **more)])


def _with_tools(ask, messages, *names, once=_once):
    """Ask, run what is called, and ask on until there is a text."""
    tools = [{"type": "function", "function": ask.schema(name)} for name in names]
    for _ in range(5):
        message = once(ask, messages, tools=tools).choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return {"text": message.content}
        for call in message.tool_calls:
            result = ask.run(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError("the model calls tools without end")


def tool(ask):
    return _with_tools(ask, _messages(ask), "get_weather")


def tool_stream(ask):
    return _with_tools(ask, _messages(ask), "get_weather", once=_built)


two_calls = tool


def no_arguments(ask):
    return _with_tools(ask, _messages(ask), "current_time")


def agent(ask):
    messages, said = [], {}
    for prompt in ask.say["prompts"]:
        messages.append({"role": "user", "content": prompt})
        said = _with_tools(ask, messages, "get_weather", "current_time")
    return said


def structured(ask):
    completion = _completion(ask, _messages(ask), response_format=ask.Capital)
    return {**_said(completion), "value": json.loads(completion.choices[0].message.content)}


def image(ask):
    parts = [{"type": "text", "text": ask.prompt}, {"type": "image_url", "image_url": {"url": ask.say["image"]}}]
    return _said(_completion(ask, [{"role": "user", "content": parts}]))


def system(ask):
    return _said(_completion(ask, _messages(ask, "system")))


def developer(ask):
    return _said(_completion(ask, _messages(ask, "developer")))


def responses(ask):
    answer = litellm.responses(input=ask.prompt, **_asked(ask))
    used = answer.usage
    usage = {"input": used.input_tokens, "output": used.output_tokens, "total": used.total_tokens}
    return {"text": answer.output_text, "usage": usage}


def responses_stream(ask):
    text = ""
    for event in litellm.responses(input=ask.prompt, stream=True, **_asked(ask)):
        text += event.delta if event.type == "response.output_text.delta" else ""
    return {"text": text}


def embeddings(ask):
    data = litellm.embedding(input=ask.say["texts"], **_asked(ask)).data
    first = data[0]["embedding"]
    return {"value": {"count": len(data), "dimensions": len(first), "first": first[:3]}}


def speech(ask):
    answer = litellm.speech(input=ask.say["text"], voice="alloy", **_asked(ask))
    return {"value": {"bytes": len(answer.content)}}


def transcription(ask):
    sound = io.BytesIO(base64.b64decode(ask.say["audio"]))
    sound.name = "morning.wav"
    return {"text": litellm.transcription(file=sound, **_asked(ask)).text}
