"""LangChain's chat model, embeddings and tools, by langchain-openai."""
# client: LangChain
# packages: langchain-openai==1.7.4
# aliases: langchain-openai

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool as as_tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

PROMISED = 3
"""`max_retries` is 2 unless it is set."""


def _model(ask, **more):
    return ChatOpenAI(
        base_url=ask.base_url, api_key=ask.key, model=ask.model, default_headers=ask.headers or None, **more
    )


def _usage(message):
    used = message.usage_metadata
    return used and {"input": used["input_tokens"], "output": used["output_tokens"], "total": used["total_tokens"]}


def _said(message):
    return {"text": message.text, "usage": _usage(message), "finish": message.response_metadata.get("finish_reason")}


def plain(ask):
    return _said(_model(ask).invoke(ask.prompt))


unknown_model = wrong_key = rate_limit = unavailable = plain


def _streamed(asking, messages):
    """The pieces of a stream, added up, as LangChain's users do it."""
    whole = None
    for piece in asking.stream(messages):
        whole = piece if whole is None else whole + piece
    return whole


def stream(ask):
    return {"text": _streamed(_model(ask), ask.prompt).text}


cut_stream = stream


def usage(ask):
    return _said(_streamed(_model(ask, stream_usage=True), ask.prompt))


def _once(asking, messages):
    return asking.invoke(messages)


def _with_tools(ask, messages, *functions, once=_once, **more):
    """Ask, run what is called, and ask on until there is a text."""
    tools = {function.__name__: as_tool(function) for function in functions}
    asking = _model(ask, **more).bind_tools([*tools.values()])
    for _ in range(5):
        message = once(asking, messages)
        messages.append(message)
        if not message.tool_calls:
            return {"text": message.text}
        for call in message.tool_calls:
            result = tools[call["name"]].invoke(call["args"])
            messages.append(ToolMessage(result, tool_call_id=call["id"]))
    raise RuntimeError("the model calls tools without end")


def tool(ask):
    return _with_tools(ask, [HumanMessage(ask.prompt)], ask.get_weather)


def tool_stream(ask):
    return _with_tools(ask, [HumanMessage(ask.prompt)], ask.get_weather, once=_streamed)


two_calls = tool


def no_arguments(ask):
    return _with_tools(ask, [HumanMessage(ask.prompt)], ask.current_time)


def agent(ask):
    messages, said = [], {}
    for prompt in ask.say["prompts"]:
        messages.append(HumanMessage(prompt))
        said = _with_tools(ask, messages, ask.get_weather, ask.current_time)
    return said


def structured(ask):
    given = _model(ask).with_structured_output(ask.Capital).invoke(ask.prompt)
    return {"value": given.model_dump()}


def image(ask):
    parts = [{"type": "text", "text": ask.prompt}, {"type": "image_url", "image_url": {"url": ask.say["image"]}}]
    return _said(_model(ask).invoke([HumanMessage(parts)]))


def system(ask):
    return _said(_model(ask).invoke([SystemMessage(ask.say["system"]), HumanMessage(ask.prompt)]))


def developer(ask):
    first = SystemMessage(ask.say["system"], additional_kwargs={"__openai_role__": "developer"})
    return _said(_model(ask).invoke([first, HumanMessage(ask.prompt)]))


def responses(ask):
    message = _model(ask, use_responses_api=True).invoke(ask.prompt)
    return {"text": message.text, "usage": _usage(message)}


def responses_stream(ask):
    whole = _streamed(_model(ask, use_responses_api=True), ask.prompt)
    return {"text": whole.text, "usage": _usage(whole)}


def responses_tool(ask):
    return _with_tools(ask, [HumanMessage(ask.prompt)], ask.get_weather, use_responses_api=True)


def embeddings(ask):
    asking = OpenAIEmbeddings(
        base_url=ask.base_url,
        api_key=ask.key,
        model=ask.model,
        default_headers=ask.headers or None,
        check_embedding_ctx_length=False,
    )
    vectors = asking.embed_documents(ask.say["texts"])
    return {"value": {"count": len(vectors), "dimensions": len(vectors[0]), "first": vectors[0][:3]}}
