"""LlamaIndex: its model for OpenAI-compatible servers, its agent and its embeddings."""
# client: LlamaIndex
# packages: llama-index-llms-openai-like==0.8.1, llama-index-embeddings-openai-like==0.4.0
# aliases: llamaindex, llama-index-llms-openai-like

import base64

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, MessageRole, TextBlock
from llama_index.core.memory import Memory
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

PROMISED = 12
"""`max_retries` is 3 unless it is set: three attempts of its own, and in each three more of the client under it."""


def _model(ask, **more):
    return OpenAILike(
        model=ask.model, api_base=ask.base_url, api_key=ask.key, default_headers=ask.headers or None,
        is_chat_model=True, is_function_calling_model=True, **more,
    )  # fmt: skip


def _usage(answer):
    used = getattr(answer.raw, "usage", None)
    return used and {"input": used.prompt_tokens, "output": used.completion_tokens, "total": used.total_tokens}


def _said(answer):
    return {"text": answer.message.content, "usage": _usage(answer)}


def _user(text):
    return ChatMessage(role=MessageRole.USER, content=text)


def plain(ask):
    return _said(_model(ask).chat([_user(ask.prompt)]))


unknown_model = wrong_key = rate_limit = unavailable = plain


def stream(ask):
    pieces = [*_model(ask).stream_chat([_user(ask.prompt)])]
    return {"text": "".join(piece.delta or "" for piece in pieces), "pieces": len(pieces)}


cut_stream = stream


def usage(ask):
    model = _model(ask, additional_kwargs={"stream_options": {"include_usage": True}})
    pieces = [*model.stream_chat([_user(ask.prompt)])]
    return {"text": pieces[-1].message.content, "usage": _usage(pieces[-1])}


def _agent(ask, *functions, streaming=False):
    tools = [FunctionTool.from_defaults(function) for function in functions]
    return FunctionAgent(tools=tools, llm=_model(ask), streaming=streaming)


async def tool(ask):
    return {"text": str(await _agent(ask, ask.get_weather).run(ask.prompt))}


async def tool_stream(ask):
    handler = _agent(ask, ask.get_weather, streaming=True).run(ask.prompt)
    async for _ in handler.stream_events():
        pass
    return {"text": str(await handler)}


two_calls = tool


async def no_arguments(ask):
    return {"text": str(await _agent(ask, ask.current_time).run(ask.prompt))}


async def agent(ask):
    able, memory, said = _agent(ask, ask.get_weather, ask.current_time), Memory.from_defaults(), None
    for prompt in ask.say["prompts"]:
        said = await able.run(prompt, memory=memory)
    return {"text": str(said)}


def structured(ask):
    answer = _model(ask).as_structured_llm(ask.Capital).chat([_user(ask.prompt)])
    return {"value": answer.raw.model_dump()}


def image(ask):
    kind, _, data = ask.say["image"].removeprefix("data:").partition(";base64,")
    blocks = [TextBlock(text=ask.prompt), ImageBlock(image=base64.b64decode(data), image_mimetype=kind)]
    return _said(_model(ask).chat([ChatMessage(role=MessageRole.USER, blocks=blocks)]))


def system(ask):
    return _said(_model(ask).chat([ChatMessage(role=MessageRole.SYSTEM, content=ask.say["system"]), _user(ask.prompt)]))


def developer(ask):
    first = ChatMessage(role=MessageRole.DEVELOPER, content=ask.say["system"])
    return _said(_model(ask).chat([first, _user(ask.prompt)]))


def embeddings(ask):
    model = OpenAILikeEmbedding(
        model_name=ask.model, api_base=ask.base_url, api_key=ask.key, default_headers=ask.headers or None
    )
    vectors = model.get_text_embedding_batch(ask.say["texts"])
    return {"value": {"count": len(vectors), "dimensions": len(vectors[0]), "first": list(vectors[0][:3])}}
