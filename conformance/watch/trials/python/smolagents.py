"""smolagents: its model for OpenAI-compatible servers, with the tools of an agent."""
# client: smolagents
# packages: smolagents[openai]==1.26.0

import base64
import io

from smolagents import OpenAIModel
from smolagents import tool as as_tool
from smolagents.models import ChatMessage, MessageRole, agglomerate_stream_deltas

PROMISED = 3
"""Of the client under it, which asks twice again."""


def _model(ask, **more):
    kwargs = {"default_headers": ask.headers} if ask.headers else {}
    return OpenAIModel(model_id=ask.model, api_base=ask.base_url, api_key=ask.key, client_kwargs=kwargs, **more)


def _message(role, text, *more):
    return ChatMessage(role=role, content=[{"type": "text", "text": text}, *more])


def _usage(message):
    used = message.token_usage
    return used and {"input": used.input_tokens, "output": used.output_tokens, "total": used.total_tokens}


def _said(message):
    return {"text": message.content, "usage": _usage(message)}


def plain(ask):
    return _said(_model(ask).generate([_message(MessageRole.USER, ask.prompt)]))


unknown_model = wrong_key = plain


def rate_limit(ask):
    """Without the waits of its own, which are of minutes: the client under it comes again."""
    return _said(_model(ask, retry=False).generate([_message(MessageRole.USER, ask.prompt)]))


unavailable = rate_limit


def _streamed(asking, messages, **more):
    return agglomerate_stream_deltas([*asking.generate_stream(messages, **more)])


def stream(ask):
    return _said(_streamed(_model(ask), [_message(MessageRole.USER, ask.prompt)]))


usage = cut_stream = stream


def _once(asking, messages, **more):
    return asking.generate(messages, **more)


def _with_tools(ask, messages, *functions, once=_once):
    """Ask, run what is called, and ask on until there is a text. Results are told as its agents tell them."""
    tools = [as_tool(function) for function in functions]
    named, asking = {each.name: each for each in tools}, _model(ask, tool_choice="auto")
    for _ in range(5):
        message = once(asking, messages, tools_to_call_from=tools)
        if not message.tool_calls:
            messages.append(_message(MessageRole.ASSISTANT, message.content))
            return {"text": message.content}
        message = asking.parse_tool_calls(message)
        results = [named[call.function.name](**call.function.arguments) for call in message.tool_calls]
        called = f"Calling tools:\n{[(call.function.name, call.function.arguments) for call in message.tool_calls]}"
        messages.append(_message(MessageRole.TOOL_CALL, called))
        messages.append(_message(MessageRole.TOOL_RESPONSE, "Observation:\n" + "\n".join(results)))
    raise RuntimeError("the model calls tools without end")


def tool(ask):
    return _with_tools(ask, [_message(MessageRole.USER, ask.prompt)], ask.get_weather)


def tool_stream(ask):
    return _with_tools(ask, [_message(MessageRole.USER, ask.prompt)], ask.get_weather, once=_streamed)


two_calls = tool


def no_arguments(ask):
    return _with_tools(ask, [_message(MessageRole.USER, ask.prompt)], ask.current_time)


def agent(ask):
    messages, said = [], {}
    for prompt in ask.say["prompts"]:
        messages.append(_message(MessageRole.USER, prompt))
        said = _with_tools(ask, messages, ask.get_weather, ask.current_time)
    return said


def structured(ask):
    form = {
        "name": "Capital",
        "strict": True,
        "schema": {**ask.Capital.model_json_schema(), "additionalProperties": False},
    }
    message = _model(ask).generate(
        [_message(MessageRole.USER, ask.prompt)], response_format={"type": "json_schema", "json_schema": form}
    )
    return {**_said(message), "value": ask.Capital.model_validate_json(message.content).model_dump()}


def image(ask):
    from PIL import Image

    data = base64.b64decode(ask.say["image"].partition(";base64,")[2])
    picture = {"type": "image", "image": Image.open(io.BytesIO(data))}
    return _said(_model(ask).generate([_message(MessageRole.USER, ask.prompt, picture)]))


def system(ask):
    messages = [_message(MessageRole.SYSTEM, ask.say["system"]), _message(MessageRole.USER, ask.prompt)]
    return _said(_model(ask).generate(messages))
