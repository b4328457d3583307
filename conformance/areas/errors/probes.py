"""One mistake a request: each must be refused clearly, plain and streamed alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from conformance.areas.errors.beside_chat import ELSEWHERE
from conformance.areas.questions import HELLO, WEATHER, WITH_USAGE, named, staged
from conformance.exchange import Exchange, Unreadable, need
from conformance.exchange.probe import EARLIER, UNKNOWN_MODEL, Body, Depth, Probe, chat_probe, user
from conformance.judge.mistakes import words

WORDS = (5_000, 40_000, 300_000)
"""Of the over-long prompt where no context window is known, at --depth deep: the next is sent where the one before is served. Many
windows end before the second and most before the third; what is served is a known cost."""
LONGEST = 400_000
"""Words of a prompt of twice the window that is told; none is sent to a larger one."""
SLOW = 5.0
"""Seconds: who takes so long to read a prompt would read the next, eight times as long, beyond any patience."""
_WINDOW_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Where servers say the context window in their list of models: vLLM, OpenRouter, Groq, Mistral."""
_NAMED = re.compile(
    r"(?:context[_ ](?:length|window|size)|max_model_len|max_seq_len)[^0-9.]{0,30}([0-9][0-9,]{2,8})\b", re.IGNORECASE
)
"""A context window in the words of a refusal, as OpenAI, vLLM and llama.cpp say it."""
READ = 4_000
"""Bytes of a refusal that are read for it."""


def _mistake(
    name: str, *intent: str, omit: tuple[str, ...] = (), twin: bool = True, depth: Depth = "quick", **body: Any
) -> Probe:
    body.setdefault("messages", user(HELLO))
    body.setdefault("max_completion_tokens", 16)
    return chat_probe(
        f"mistakes.{name}",
        {k: v for k, v in body.items() if k not in omit},
        omit=omit,
        intent={"mistake", *intent},
        streamed={} if twin else None,
        depth=depth,
    )


def _seldom(name: str, **body: Any) -> tuple[Probe, Probe]:
    """A mistake that is asked about streamed, too, at depth deep alone: what is told before anything is made is told alike."""
    more = {"twin": False, **body}
    return _mistake(name, **more), _mistake(f"{name}+stream", depth="deep", stream=True, **more)


def _beyond(answers: Sequence[Exchange] | None) -> Body:
    """A prompt of twice the context window. Where none is known nothing is sent: a large one would take it, and bill it."""
    if answers is None:
        return _of_words(WORDS[0])
    if (window := _window(answers)) is None:
        raise Unreadable("no context window is told; --depth deep looks for it with prompts of up to 300,000 words")
    if 2 * window > LONGEST:
        raise Unreadable(f"a window of {window:,} tokens is told, and nothing longer is sent")
    return _of_words(2 * window)


def _sought(answers: Sequence[Exchange] | None) -> Body:
    """The shortest of WORDS, where no context window is known."""
    if answers is not None and (window := _window(answers)) is not None:
        raise Unreadable(f"a window of {window:,} tokens is told, so none is looked for")
    return _of_words(WORDS[0])


def _window(answers: Sequence[Exchange]) -> int | None:
    """The context window in tokens: where the list of models says one, and of all the same, else where a refusal of a chat request
    names it."""
    listed = next((x for x in answers if x.id == "models.list"), None)
    return (_listed(listed) if listed is not None else None) or max(filter(None, map(_named, answers)), default=None)


def _listed(models: Exchange) -> int | None:
    windows: list[Any] = []
    try:
        listed = models.answer.get("data")
        windows = [m[key] for m in listed or [] for key in _WINDOW_KEYS if isinstance(m, dict) and m.get(key)]
    except (Unreadable, TypeError):
        pass
    told = {window for window in windows if type(window) is int and window > 0}
    return told.pop() if len(told) == 1 else None  # of several models it is not known here which is asked


def _named(x: Exchange) -> int | None:
    said = _NAMED.search(x.body[:READ].decode("utf-8", "replace")) if x.route == "chat" and x.failed else None
    return int(said[1].replace(",", "")) if said else None


def _of_words(words: int) -> Body:
    return {"messages": user("word " * words), "max_completion_tokens": 1}


def _longer(x: Exchange) -> Body | None:
    """The next of WORDS, where this prompt was read whole, and in no time."""
    sent = words(x)
    if not x.ok or sent not in WORDS[:-1] or (x.arrivals and x.arrivals[-1][0] > SLOW):
        return None
    try:
        if need(x.usage, "prompt_tokens", int) < sent // 2:
            return None
    except Unreadable:
        return None
    return _of_words(WORDS[WORDS.index(sent) + 1])


def _streamed(refused: Exchange | None) -> Body | None:
    """The same prompt as was refused, streamed."""
    if refused is None or not (refused.ok or refused.failed):
        return None
    if refused.ok:
        raise Unreadable(f"a prompt of {words(refused):,} words was served, and nothing longer is sent")
    return {**refused.asked, "stream": True, **WITH_USAGE}


_LONG = frozenset({"too-long"})
_CALL = {"id": "call_conformance0001", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
_LOOSE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

PROBES = (
    _mistake("unknown-model", "unknown-model", model=UNKNOWN_MODEL),
    _mistake("no-messages", omit=("messages",)),
    *_seldom("no-model", omit=("model",)),
    _mistake("wrong-type", temperature="hot"),
    _mistake("above-maximum", temperature=2.5),
    _mistake("below-minimum", max_completion_tokens=-1),
    *_seldom("bad-enum", response_format={"type": "object"}),
    *_seldom("unknown-parameter", conformance_unknown=1),
    Probe("mistakes.window", {}, intent=_LONG, after=EARLIER, build=_beyond, last=True),
    Probe("mistakes.window-streamed", {}, intent=_LONG, after="mistakes.window", build=_streamed, last=True),
    Probe("mistakes.too-long", {}, intent=_LONG, after=EARLIER, build=_sought, onward=_longer, last=True, depth="deep"),
    Probe("mistakes.too-long-streamed", {}, intent=_LONG, after="mistakes.too-long", build=_streamed, last=True, depth="deep"),
    *_seldom("messages-a-string", messages="abc"),
    *_seldom("messages-empty", messages=[]),
    *_seldom("five-stops", stop=["a1", "b2", "c3", "d4", "e5"]),
    *_seldom("bad-image", messages=user([
        {"type": "text", "text": HELLO},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}])),
    *_seldom("unanswered-call", messages=[
        *user("Weather?"), {"role": "assistant", "content": None, "tool_calls": [_CALL]}, *user(HELLO)], tools=[WEATHER]),
    *_seldom("orphan-result", messages=[{"role": "tool", "tool_call_id": "call_x", "content": "1"}]),
    *_seldom("loose-strict-schema", response_format={
        "type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": _LOOSE}}),
    *_seldom("json-unsaid", response_format={"type": "json_object"}),
    *_seldom("tool-unlisted", tools=[WEATHER], tool_choice=named("no_such_tool")),
    *_seldom("tool-choice-alone", tool_choice="auto"),
    *_seldom("tool-choice-any", tools=[WEATHER], tool_choice="any"),
    *_seldom("tool-name", tools=[{"type": "function", "function": {"name": "get weather!"}}]),
    chat_probe("mistakes.wrong-key", {"messages": user(HELLO), "max_completion_tokens": 16},
         intent={"mistake", "wrong-key"}, key="wrong"),
    chat_probe("mistakes.no-key", {"messages": user(HELLO), "max_completion_tokens": 16},
         intent={"mistake", "no-key"}, key="none"),
    *(Probe(f"mistakes.{name}", {"messages": user(HELLO), "max_completion_tokens": 16, **body}, intent=frozenset({"mistake"}))
      for name, body in {
          "role": {"messages": [{"role": "robot", "content": HELLO}]},
          "content": {"messages": user(123)},
          "flat-tool": {"tools": [{"type": "function", "name": "get_weather", "parameters": {}}]},
          "stream-text": {"stream": "false"},
      }.items()),
    Probe("mistakes.options-unstreamed",
          {"messages": user(HELLO), "stream_options": {"include_usage": True}, "max_completion_tokens": 16},
          intent=frozenset({"mistake"})),
    Probe("mistakes.wrong-key-half-json", b'{"model": "{model}", "messages": [', key="wrong", depth="deep",
          intent=frozenset({"mistake", "wrong-key", "bad-body"})),
    Probe("mistakes.half-json", b'{"model": "{model}", "messages": [', intent=frozenset({"mistake", "half-json"})),
    *ELSEWHERE,
    staged("internal-error"),
    staged("no-max-tokens", max_tokens=16),  # a model that takes only max_completion_tokens
)  # fmt: skip
