"""What a conversation may hold: text of every script, images, sound, long and odd histories; and what browsers ask before.

Sent plain only where streaming adds nothing.
"""

from __future__ import annotations

from conformance.areas.questions import HELLO, LIMIT, ORIGIN, TIME, WEATHER, WITH_USAGE
from conformance.exchange.probe import Body, Probe, chat_probe, user
from conformance.exchange.shipped import encoded

REPEAT = "Repeat exactly this line and nothing else: "
SCRIPTS = "Zoe\u0301, नमस्ते, שלום, مرحبا, 한국어, 漢字, 👩\u200d👩\u200d👧\u200d👦, 🇺🇳"
"""A combining accent, Indic, right-to-left, Hangul, Han, an emoji joined of four, a flag of two."""
STOP = "🛑"
HIEROGLYPHS = "𓀀𓂀𓆣𓁹𓃠𓅓𓇳𓈖𓉐𓊪"
"""Characters that take several tokens each in the usual tokenizers."""
ASKED = ",".join(("authorization", "content-type", *(f"x-stainless-{name}" for name in (
    "arch", "helper-method", "lang", "os", "package-version", "retry-count", "runtime", "runtime-version", "timeout"))))  # fmt: skip
"""The headers for which a browser asks leave on behalf of openai-node."""
TURNS = 200
WORD = "silver"
"""A word of the result about Tokyo alone."""


def _with(kind: str, value: Body) -> list[Body]:
    """A greeting with something else beside its text."""
    return user([{"type": "text", "text": HELLO}, {"type": kind, kind: value}])


def _call(id: str, name: str, city: str) -> Body:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": f'{{"city": "{city}"}}'}}


def _result(id: str, content: object) -> Body:
    return {"role": "tool", "tool_call_id": id, "content": content}


PARIS, TOKYO, CLOCK = "call_bQ7sKX2vLw9TzR4mNc8YpH3d", "call_Zr4nWd8KqM1xBv6TjC5LsG2f", "a1B2c3D4e"
"""Ids as OpenAI and Mistral make them: a conversation that began at another server."""
RESULTS = [
    *user("What is the sky like in Paris and in Tokyo?"),
    {"role": "assistant", "tool_calls": [_call(PARIS, "get_weather", "Paris"), _call(TOKYO, "get_weather", "Tokyo")]},
    _result(TOKYO, [{"type": "text", "text": f"{WORD} snow"}]),
    _result(PARIS, "violet fog"),
    {"role": "assistant", "content": "", "tool_calls": [_call(CLOCK, "get_local_time", "Paris")]},
    _result(CLOCK, "09:30"),
    *user("In two words: what is the sky like in Tokyo?"),
]
"""Results out of order; an assistant's content absent, and empty; a result in parts."""
LONG = [
    {"role": "system", "content": [{"type": "text", "text": "Answer in one word."}]},
    *(
        {"role": "assistant", "content": "ok"} if n % 2 else {"role": "user", "content": str(n)}
        for n in range(TURNS - 3)
    ),
    {"role": "assistant", "content": [{"type": "text", "text": "ok"}]},
    {"role": "user", "content": HELLO, "name": "Ada"},
]
"""Two hundred messages; the system's and the last of the assistant in parts, the last of the user with a name."""
ODD: Body = {
    "messages": [
        *user(""),
        {"role": "assistant", "content": "Yes?"},
        *user("Say hello.\x00\x01\x1b\x7f\ufeff\u2028\u202e"),
    ],
    "max_completion_tokens": LIMIT,
}
"""An empty message, and characters that nobody sees: controls, a byte order mark, a line separator, a change of direction."""


def _probe(name: str, messages: list[Body], *intent: str, **more: object) -> Probe:
    body = {"messages": messages, "temperature": 0, "max_completion_tokens": LIMIT, **more}
    return Probe(f"surface.{name}", body, intent=frozenset(intent))


PROBES = (
    chat_probe("surface.scripts",
         {"messages": user(f"{REPEAT}{SCRIPTS}{STOP} end."), "stop": STOP, "temperature": 0,
          "max_completion_tokens": 250},
         intent={"stop-inside", "repeat"}, streamed=WITH_USAGE),
    chat_probe("surface.cut",
         {"messages": user(REPEAT + HIEROGLYPHS), "stream": False, "temperature": 0, "max_tokens": 5},
         intent={"long-answer", "cut-character"}, streamed=WITH_USAGE),
    _probe("image", _with("image_url", {"url": f"data:image/png;base64,{encoded('yellow.png')}", "detail": "low"}), "optional"),
    _probe("image-url", _with("image_url", {"url": f"{ORIGIN}/picture.png"}), "mistake", "unreachable-image"),
    _probe("audio", _with("input_audio", {"data": encoded("tone.wav"), "format": "wav"}), "optional"),
    _probe("results", RESULTS, "foreign-history", tools=[WEATHER, TIME]),
    _probe("long", LONG, "long-history"),
    Probe("surface.bad-utf8",
          b'{"model": "{model}", "max_completion_tokens": 16, "messages": [{"role": "user", "content": "Say hello \xff\xc3."}]}',
          intent=frozenset({"bad-utf8"}), headers=(("Origin", ORIGIN),)),
    # Sent when the one before it is answered: bytes that are no text have kept a server from answering anything else.
    Probe("surface.odd", {}, intent=frozenset({"odd-text"}), after="surface.bad-utf8", build=lambda _: ODD),
    Probe("surface.preflight", method="OPTIONS", key="none", intent=frozenset({"preflight"}),
          headers=(("Origin", ORIGIN), ("Access-Control-Request-Method", "POST"),
                   ("Access-Control-Request-Headers", ASKED))),
)  # fmt: skip
