"""Haystack: its chat generator, its agent and its embedder."""
# client: Haystack
# packages: haystack-ai==3.4.1
# aliases: haystack-ai

import json

from haystack import Document
from haystack.components.agents import Agent
from haystack.components.embedders import OpenAIDocumentEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage, ImageContent
from haystack.tools import create_tool_from_function
from haystack.utils import Secret

PROMISED = 6
"""`max_retries` is 5 unless it is set."""


def _generator(ask, **more):
    return OpenAIChatGenerator(
        api_key=Secret.from_token(ask.key),
        model=ask.model,
        api_base_url=ask.base_url,
        http_client_kwargs={"headers": ask.headers} if ask.headers else None,
        **more,
    )


def _said(message):
    used = message.meta.get("usage") or {}
    usage = {
        "input": used.get("prompt_tokens"), "output": used.get("completion_tokens"), "total": used.get("total_tokens"),
    }  # fmt: skip
    return {"text": message.text, "usage": usage, "finish": message.meta.get("finish_reason")}


def _once(ask, *messages, **more):
    return _said(_generator(ask, **more).run([*messages])["replies"][0])


def plain(ask):
    return _once(ask, ChatMessage.from_user(ask.prompt))


unknown_model = wrong_key = rate_limit = unavailable = plain


def stream(ask):
    pieces = []
    said = _once(ask, ChatMessage.from_user(ask.prompt), streaming_callback=pieces.append)
    return {"text": said["text"], "finish": said["finish"], "pieces": len(pieces)}


cut_stream = stream


def usage(ask):
    more = {"streaming_callback": lambda piece: None, "generation_kwargs": {"stream_options": {"include_usage": True}}}
    return _once(ask, ChatMessage.from_user(ask.prompt), **more)


def _agent(ask, *functions, **more):
    tools = [create_tool_from_function(function) for function in functions]
    return Agent(chat_generator=_generator(ask, **more), tools=tools, raise_on_tool_invocation_failure=True)


def tool(ask):
    messages = _agent(ask, ask.get_weather).run(messages=[ChatMessage.from_user(ask.prompt)])["messages"]
    return {"text": messages[-1].text}


def tool_stream(ask):
    able = _agent(ask, ask.get_weather, streaming_callback=lambda piece: None)
    return {"text": able.run(messages=[ChatMessage.from_user(ask.prompt)])["messages"][-1].text}


two_calls = tool


def no_arguments(ask):
    messages = _agent(ask, ask.current_time).run(messages=[ChatMessage.from_user(ask.prompt)])["messages"]
    return {"text": messages[-1].text}


def agent(ask):
    able, messages = _agent(ask, ask.get_weather, ask.current_time), []
    for prompt in ask.say["prompts"]:
        messages = able.run(messages=[*messages, ChatMessage.from_user(prompt)])["messages"]
    return {"text": messages[-1].text}


def structured(ask):
    said = _once(ask, ChatMessage.from_user(ask.prompt), generation_kwargs={"response_format": ask.Capital})
    return {**said, "value": json.loads(said["text"])}


def image(ask):
    kind, _, data = ask.say["image"].removeprefix("data:").partition(";base64,")
    picture = ImageContent(base64_image=data, mime_type=kind)
    return _once(ask, ChatMessage.from_user(content_parts=[ask.prompt, picture]))


def system(ask):
    return _once(ask, ChatMessage.from_system(ask.say["system"]), ChatMessage.from_user(ask.prompt))


def embeddings(ask):
    embedder = OpenAIDocumentEmbedder(
        api_key=Secret.from_token(ask.key),
        model=ask.model,
        api_base_url=ask.base_url,
        progress_bar=False,
        http_client_kwargs={"headers": ask.headers} if ask.headers else None,
    )
    given = embedder.run([Document(content=text) for text in ask.say["texts"]])["documents"]
    first = given[0].embedding
    return {"value": {"count": len(given), "dimensions": len(first), "first": first[:3]}}
