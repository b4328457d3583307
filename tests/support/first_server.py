"""A chat server as somebody writes a first one with FastAPI: what is quick to write. `first_server.py PORT [FIX]...`.

Each fix is a few lines that a reader of a report adds; `tests/whole/test_first_hour.py` adds those that the first screen asks for.
"""

import json
import sys
import time
import uuid
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, create_model
from starlette.exceptions import HTTPException as NotServed

NAME = "tiny-chat"
DECLINED = ("tools", "functions", "response_format", "logprobs", "n", "store", "service_tier", "logit_bias", "prediction",
            "frequency_penalty", "presence_penalty", "reasoning_effort", "top_logprobs", "tool_choice", "parallel_tool_calls",
            "function_call")  # fmt: skip
"""What this server will not do."""


def question_of(fixes: frozenset[str]) -> type[BaseModel]:
    """What a request must look like."""

    def nullable(kind: Any) -> Any:
        return kind | None if "nulls" in fixes else kind

    text = Any if "content" in fixes else str
    turn = create_model(
        "Turn",
        __config__=ConfigDict(extra="allow"),
        role=(str, ...),
        content=(text, None if "content" in fixes else ...),
    )
    return create_model(
        "Question",
        __config__=ConfigDict(extra="allow"),
        model=(str, ...),
        messages=(list[turn], ...),
        stream=(nullable(bool), False),
        max_tokens=(nullable(int), 100),
        temperature=(nullable(float), 0.7),
        stop=(str | list[str] | None if "stop string" in fixes else list[str] | None, None),
    )


def text_of(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def make(fixes: frozenset[str]) -> FastAPI:
    """The server with these fixes."""
    app = FastAPI()
    asked_as = question_of(fixes)

    def now() -> float:
        return int(time.time()) if "created" in fixes else time.time()

    def answer(question: Any) -> tuple[list[str], str]:
        """The words, and why they end."""
        said = f"You said {text_of(question.messages[-1].content)!r} and I am a tiny model"
        stops = [question.stop] if isinstance(question.stop, str) else question.stop or []
        for stop in stops if "stops" in fixes else ():
            said = said.partition(stop)[0]
        limit = getattr(question, "max_completion_tokens", None) or question.max_tokens or 100
        words = [f"{word} " for word in said.split()]
        return words[:limit], "length" if len(words) > limit and "length" in fixes else "stop"

    def words(question: Any) -> list[str]:
        return answer(question)[0]

    def usage(question: Any) -> dict:
        sent = sum(len(text_of(turn.content).split()) + 1 for turn in question.messages)
        back = len(words(question))
        return {"prompt_tokens": sent, "completion_tokens": back, "total_tokens": sent + back}

    def wrong(status: int, message: str, param: str | None = None, code: str | None = None) -> JSONResponse:
        error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
        return JSONResponse({"error": error}, status)

    if "errors" in fixes:

        @app.exception_handler(NotServed)
        async def not_served(request: Request, error: NotServed) -> JSONResponse:
            code = "model_not_found" if "model" in str(error.detail) else None
            return wrong(error.status_code, str(error.detail), "model" if code else None, code)

        @app.exception_handler(RequestValidationError)
        async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"][1:]))
            return wrong(400, f"{place}: {first['msg']}", place or None)

    @app.get("/v1/models")
    def models() -> dict:
        one = {"id": NAME}
        if "models" in fixes:
            return {"object": "list", "data": [{**one, "object": "model", "created": 1_760_000_000, "owned_by": "me"}]}
        return {"data": [one]}

    if "lookup" in fixes:

        @app.get("/v1/models/{name:path}")
        def model(name: str) -> dict:
            found = next((each for each in models()["data"] if each["id"] == name), None)
            if found is None:
                raise HTTPException(404, f"The model {name!r} does not exist")
            return found

    def parts(question: Any, id: str):
        def chunk(delta: dict, **more: Any) -> str:
            end = {"finish_reason": more.pop("finish_reason", None)} if more or "deltas" in fixes else {}
            choices = [{"index": 0, "delta": delta, **end}]
            body = {"id": id, "object": "chat.completion.chunk", "created": began, "model": NAME, "choices": choices}
            return f"data: {json.dumps({**body, **more})}\n\n"

        began = now()
        if "deltas" in fixes:
            yield chunk({"role": "assistant", "content": ""})
        for word in words(question):
            yield chunk({"content": word})
        yield chunk({}, finish_reason=answer(question)[1])
        options = getattr(question, "stream_options", None) or {}
        if "usage" in fixes and isinstance(options, dict) and options.get("include_usage"):
            body = {"id": id, "object": "chat.completion.chunk", "created": began, "model": NAME, "choices": []}
            yield f"data: {json.dumps({**body, 'usage': usage(question)})}\n\n"
        yield "data: [DONE]\n\n"

    @app.post("/v1/chat/completions")
    async def chat(question: asked_as) -> Any:  # type: ignore[valid-type]
        if question.model != NAME:
            raise HTTPException(404, f"The model {question.model!r} does not exist")
        if "declines" in fixes and (found := [name for name in DECLINED if name in (question.model_extra or {})]):
            return wrong(400, f"{found[0]} is not supported here", found[0], "unsupported_parameter")
        if "empty" in fixes and not question.messages:
            return wrong(400, "messages is empty", "messages")
        id = f"chatcmpl-{uuid.uuid4().hex}"
        if question.stream:
            return StreamingResponse(parts(question, id), media_type="text/event-stream")
        said = {"role": "assistant", "content": "".join(words(question))}
        choices = [{"index": 0, "message": said, "finish_reason": answer(question)[1]}]
        body = {"id": id, "object": "chat.completion", "created": now(), "model": NAME, "choices": choices}
        return {**body, "usage": usage(question)} if "usage" in fixes else body

    return app


if __name__ == "__main__":
    uvicorn.run(make(frozenset(sys.argv[2:])), host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
