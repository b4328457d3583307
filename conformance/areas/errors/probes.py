"""One mistake a request: each must be refused clearly, plain and streamed alike."""

from __future__ import annotations

from typing import Any

from conformance.areas.questions import HELLO, WEATHER, WITH_USAGE, named, staged
from conformance.exchange import Exchange, Unreadable, need
from conformance.exchange.probe import UNKNOWN_MODEL, Body, Depth, Probe, chat_probe, user
from conformance.judge.mistakes import words

WORDS = (5_000, 40_000, 300_000)
"""Of the over-long prompt where no context window is told: the next is sent where the one before is served. Many windows end before
the second and most before the third; what is served is a known cost."""
LONGEST = 400_000
"""Words of a prompt of twice the window that is told; none is sent to a larger one."""
SLOW = 5.0
"""Seconds: who takes so long to read a prompt would read the next, eight times as long, beyond any patience."""
_WINDOW_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Where servers say the context window in their list of models: vLLM, OpenRouter, Groq, Mistral."""


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


def _too_long(models: Exchange | None) -> Body:
    """A prompt of twice the context window where the list of models says it, and of all the same, else the shortest of WORDS."""
    windows: list[Any] = []
    try:
        listed = models.answer.get("data") if models is not None else None
        windows = [m[key] for m in listed or [] for key in _WINDOW_KEYS if isinstance(m, dict) and m.get(key)]
    except (Unreadable, TypeError):
        pass
    told = {window for window in windows if type(window) is int and window > 0}
    if len(told) != 1:  # of several models it is not known here which is asked
        return _of_words(WORDS[0])
    [window] = told
    if 2 * window > LONGEST:
        raise Unreadable(f"a window of {window:,} tokens is told, and nothing longer is sent")
    return _of_words(2 * window)


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
    if refused is not None and refused.ok:
        raise Unreadable(f"a prompt of {words(refused):,} words was served, and nothing longer is sent")
    if refused is not None and not refused.failed:
        return None
    return {**(refused.asked if refused else _of_words(WORDS[0])), "stream": True, **WITH_USAGE}


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
    Probe("mistakes.too-long", {}, intent=frozenset({"too-long"}), after="models.list", build=_too_long, onward=_longer,
          last=True),
    Probe("mistakes.too-long-streamed", {}, intent=frozenset({"too-long"}), after="mistakes.too-long", build=_streamed,
          last=True),
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
    staged("internal-error"),
    staged("no-max-tokens", max_tokens=16),  # a model that takes only max_completion_tokens
)  # fmt: skip
