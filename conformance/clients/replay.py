"""Replays exchanges through openai-python, byte for byte, synchronously and asynchronously: nothing is sent, nothing retried.

It must not judge. It is imported only where somebody wants a replay, for importing the client takes half a second.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import warnings
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Any

import httpx2
import openai

from conformance.clients import endpoints, parsed
from conformance.clients.outcomes import CREATE, HELPER, LIST, LOOP, PARSE, REQUEST, RETRIEVE, Outcome, Refused
from conformance.clients.transport import GaveUp, Recorded
from conformance.exchange import Exchange
from conformance.judge.condition import whole
from conformance.wire import weight

MAX_BODY = 4 * 1024 * 1024
"""Bytes of the largest answer replayed; no chat completion comes near."""
MAX_VALUES, RUN_VALUES = 100_000, 400_000
"""Values (wire/weight.py) of the largest answer replayed, and of all of one run together: the client takes ten times as long as our
own reading. A genuine run has some 80,000."""
SMALL = 5000
"""Values of an answer that is always replayed: recordings hold any number of those."""
GIVE_UPS = 3
"""Answers over which the client took too long; after that many nothing more is replayed."""

_CHAT = {"model": "model", "messages": [{"role": "user", "content": "Hello"}]}
_TRUTHFUL = {openai.LengthFinishReasonError: "length", openai.ContentFilterFinishReasonError: "content_filter"}
"""Exceptions that report how an answer ended, and are right to."""

Way = tuple[str, bool, Callable[[], Any]]
"""The name of the way, whether it is asynchronous, and the call: it gives fields of an Outcome, or an awaitable of them."""

logging.getLogger("openai").addHandler(logging.NullHandler())  # it warns of custom tools on standard error


class Client:
    """`with Client() as client: client.outcomes(x)`. One is enough for a run."""

    def __init__(self) -> None:
        self._transport = Recorded()
        same = {"api_key": "sk-replayed", "base_url": "http://replay.invalid/v1", "max_retries": 0}
        plain = httpx2.Client(transport=self._transport, trust_env=False)
        waiting = httpx2.AsyncClient(transport=self._transport, trust_env=False)
        self._sync = openai.OpenAI(**same, http_client=plain)
        self._async = openai.AsyncOpenAI(**same, http_client=waiting)
        self._loop = asyncio.Runner()
        self._given_up = self._values = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._sync.close()
        self._loop.run(self._async.close())
        self._loop.close()

    def outcomes(self, x: Exchange) -> tuple[Outcome, ...]:
        """What each way to call the client makes of the answer; none where no caller of this client could get it."""
        size = weight.values(x.body) + 2 * weight.lines(x.body)
        too_much = size > MAX_VALUES or self._values + size > RUN_VALUES
        if not replayable(x) or self._given_up >= GIVE_UPS or (too_much and size > SMALL):
            return ()
        self._values += size
        self._transport.playing = x
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydantic's, about values of other types than declared
            for name, asynchronous, call in self._ways(x):
                try:
                    found.append(self._outcome(name, asynchronous, call))
                except GaveUp:
                    self._given_up += 1
        return tuple(found)

    def _outcome(self, name: str, asynchronous: bool, call: Callable[[], Any]) -> Outcome:
        try:
            return Outcome(name, asynchronous, **(self._loop.run(call()) if asynchronous else call()))
        except Exception as error:
            return _failed(name, asynchronous, error)

    # ------------------------------------------------------------------ the ways

    def _ways(self, x: Exchange) -> Iterator[Way]:
        chat, chat_async = self._sync.chat.completions, self._async.chat.completions
        if x.route == "chat" and x.streaming:
            yield LOOP, False, lambda: _looped(chat.create(**_CHAT, stream=True))
            yield LOOP, True, lambda: _looped_async(chat_async.create(**_CHAT, stream=True))
            # An error never comes as far as the helper, and a call of a custom tool, also OpenAI's own, it fails on itself.
            if not x.failed and not custom_tools(x):
                yield HELPER, False, lambda: _helped(chat.stream(**_CHAT))
                yield HELPER, True, lambda: _helped_async(chat_async.stream(**_CHAT))
        elif x.route == "chat":
            yield CREATE, False, lambda: parsed.completion(chat.create(**_CHAT))
            yield CREATE, True, lambda: _awaited(chat_async.create(**_CHAT), parsed.completion)
            if tools := [{"type": "function", "function": {**function, "strict": True}} for function in functions(x)]:
                yield PARSE, False, lambda: parsed.completion(chat.parse(**_CHAT, tools=tools))
        elif x.route == "models":
            yield LIST, False, lambda: parsed.models(self._sync.models.list())
            yield LIST, True, lambda: _listed_async(self._async.models.list())
        elif x.route == "model":
            yield RETRIEVE, False, lambda: parsed.model(self._sync.models.retrieve("model"))
            yield RETRIEVE, True, lambda: _awaited(self._async.models.retrieve("model"), parsed.model)
        elif x.ok:
            for call in endpoints.ways(x):
                yield call.way, False, partial(_taken, call, self._sync, x)
                yield call.way, True, partial(_taken_async, call, self._async, x)
        elif x.failed:
            yield REQUEST, False, lambda: {"ids": (self._sync.post("/route", cast_to=object),)}
            yield (
                REQUEST,
                True,
                lambda: _awaited(self._async.post("/route", cast_to=object), lambda value: {"ids": (value,)}),
            )


def _failed(name: str, asynchronous: bool, error: Exception) -> Outcome:
    """The outcome of a call that raised."""
    if (ended := _TRUTHFUL.get(type(error))) is not None:
        try:
            return Outcome(name, asynchronous, ended=ended, said=str(error), **parsed.completion(error.completion))
        except Exception as unreadable:
            error = unreadable
    own = "openai." if isinstance(error, openai.OpenAIError) else ""
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    refused = None
    if isinstance(error, openai.APIError):
        refused = Refused(getattr(error, "status_code", None), error.code, error.type, error.param)
    raised = f"{own}{type(error).__name__}"
    return Outcome(
        name, asynchronous, raised, str(error), last in (parsed.__file__, endpoints.__file__), refused=refused
    )


def replayable(x: Exchange) -> bool:
    """The client asks by POST for chats and by GET for models, and elsewhere by what there is; it follows redirects, for which there
    is nothing to replay."""
    if x.missing or x.status is None or len(x.body) > MAX_BODY or x.ended in ("undecodable", "left"):
        return False
    if x.ended in ("timeout", "limit") and not whole(x):  # where this suite stopped reading, no client would have
        return False
    if x.streaming and x.asks_audio:  # the client raises on OpenAI's own heartbeats
        return False
    asked = {"chat": "POST", "models": "GET", "model": "GET"}.get(x.route or "")
    if x.method == "OPTIONS":  # which browsers send, before the client does
        return False
    return (x.ok or 400 <= x.status < 600) and (asked is None or x.method == asked)


def _tools(x: Exchange) -> list[dict[str, Any]]:
    tools = x.asked.get("tools")
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def functions(x: Exchange) -> list[dict[str, Any]]:
    """The functions that the answer may call."""
    named = [tool.get("function") for tool in _tools(x)]
    return [function for function in named if isinstance(function, dict) and isinstance(function.get("name"), str)]


def custom_tools(x: Exchange) -> bool:
    """Whether the answer may call a custom tool."""
    return any(tool.get("type") == "custom" for tool in _tools(x))


def _looped(stream: Any) -> parsed.Seen:
    loop = parsed.Loop()
    for chunk in stream:
        loop.take(chunk)
    return loop.seen()


async def _looped_async(stream: Awaitable[Any]) -> parsed.Seen:
    loop = parsed.Loop()
    async for chunk in await stream:
        loop.take(chunk)
    return loop.seen()


def _helped(manager: Any) -> parsed.Seen:
    with manager as stream:
        return parsed.completion(stream.get_final_completion())


async def _helped_async(manager: Any) -> parsed.Seen:
    async with manager as stream:
        return parsed.completion(await stream.get_final_completion())


def _taken(call: endpoints.Call, client: Any, x: Exchange) -> parsed.Seen:
    endpoints.taken(call, client, x)
    return {}


async def _taken_async(call: endpoints.Call, client: Any, x: Exchange) -> parsed.Seen:
    await endpoints.taken_async(call, client, x)
    return {}


async def _listed_async(pages: Any) -> parsed.Seen:
    return parsed.models([model async for model in pages])


async def _awaited(call: Awaitable[Any], read: Callable[[Any], parsed.Seen]) -> parsed.Seen:
    return read(await call)
