"""The questions that laws of several areas ask, by name: what kind of request it was, and what kind of answer came."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from conformance.exchange import Exchange, Unreadable, is_a
from conformance.exchange.documented import ROUTES
from conformance.judge.condition import Condition, by_head, request, response, whole
from conformance.wire.coding import KNOWN


@cache
def asked(parameter: str) -> Condition:
    """The request set this parameter to something other than null."""
    return Condition(
        f"that sets {parameter}", lambda x: x.asked.get(parameter) is not None, facts=(("asked", parameter),)
    )


@cache
def intent(name: str) -> Condition:
    """The probe meant this by its request; a recording does not say."""
    return Condition(f"meant as {name}", lambda x: name in x.intent, special=True, facts=(("intent", name),))


@cache
def route(*names: str) -> Condition:
    facts = tuple(("route", name) for name in dict.fromkeys(names))
    return Condition(f"to {' or '.join(names)}", lambda x: x.route in names, facts=facts)


@cache
def path(end: str) -> Condition:
    """The path of the request ends so: for what is no documented route (exchange/documented.py)."""
    return Condition(f"to {end}", lambda x: urlsplit(x.url).path.endswith(end))


@cache
def status(*codes: int) -> Condition:
    asked_first = by_head(f"answered {' or '.join(map(str, sorted(codes)))}")(lambda x: x.status in codes)
    facts = tuple(("status", code) for code in sorted({*codes}))
    return Condition(asked_first.name, asked_first.test, facts=facts, by_head=True)


@request("with any answer")
def answered(x: Exchange) -> bool:
    return x.answered


@request("of any kind")
def anything(x: Exchange) -> bool:
    """For laws over whole runs, whose members need not be answered."""
    return True


@request("whose answer was waited for, over a connection of its own")
def awaited(x: Exchange) -> bool:
    """What a client went away from has no end, and a connection that was kept may be closed at any time."""
    return x.ended != "left" and not x.intent & {"leaves", "over-kept"}


@response("that the server was not too busy to look at")
def looked_at(x: Exchange) -> bool:
    """Any whole answer but 429 and 503, which say nothing about the request itself."""
    return x.status not in (429, 503)


@response("that an application gave, not a gateway before it")
def by_application(x: Exchange) -> bool:
    """Of 502, 503 and 504 only what is JSON: OpenAI's own gateway answers in plain text (3 of 3 recorded: "upstream connect error ...").

    So does what stands before it where nothing is: 404 in HTML, or empty. What the suite means by an unknown route is asked of the
    application all the same.
    """
    if x.not_json is None:
        return True
    return x.status not in (502, 503, 504) and not (x.status == 404 and x.route is None and not x.intent)


@request("whose headers were kept")
def headers_known(x: Exchange) -> bool:
    return x.headers_known


@request("whose arrival was timed")
def timed(x: Exchange) -> bool:
    """It came over the wire to this suite; recorders keep no times of portions."""
    return bool(x.arrivals)


def miscoded(x: Exchange) -> bool:
    """The body is not in the coding that its Content-Encoding names, a coding that the request offered to take."""
    return x.ended == "undecodable" and (x.header("content-encoding") or "").strip().lower() in KNOWN


@request("that asks for JSON")
def asks_json(x: Exchange) -> bool:
    """Neither for sound or the bytes of a file, nor for a transcript as plain text or subtitles."""
    known = ROUTES.get(x.route or "")
    spoken = x.route in ("transcriptions", "translations")
    return not (known and known.binary) and not (spoken and x.asked.get("response_format") in ("text", "srt", "vtt"))


@request("that asks for audio")
def asks_audio(x: Exchange) -> bool:
    """Streams of it begin twice, with words and then with sound, and the last chunk has no finish_reason (12 of 12 recorded)."""
    return x.asks_audio


@request("that asks for a stream")
def streaming(x: Exchange) -> bool:
    return x.streaming


@request("sent with POST")
def post(x: Exchange) -> bool:
    return x.method == "POST"


@by_head("answered 2xx")
def ok(x: Exchange) -> bool:
    return x.ok


@by_head("answered 4xx or 5xx")
def failed(x: Exchange) -> bool:
    """What OPTIONS is answered is for browsers, which do not look at more than its headers."""
    return x.failed and x.method != "OPTIONS"


MISTAKES = frozenset({"mistake", "too-long"})
"""Intents of requests that should be refused."""


@request("that breaks on a mistake of the client")
def broken_on_mistake(x: Exchange) -> bool:
    """No usable answer to what the suite got wrong on purpose: neither a completion that was served in spite of it nor an error. It
    says nothing of what was not asked for."""
    if not x.intent & MISTAKES or (x.failed and whole(x)):
        return False
    try:
        values = [value for _, value in x.messages] if x.streaming else [x.answer]
    except Unreadable:
        return True
    usable = any(isinstance(value, dict) and (value.get("choices") or value.get("error")) for value in values)
    return not (usable and whole(x))


chat_request = Condition("to chat completions", (route("chat") & post).test)
completion = Condition("of a chat completion", (chat_request & ~broken_on_mistake & ok).test)
chat = Condition("of a plain chat completion", (completion & ~streaming).test)
chat_stream = Condition("of a streamed chat completion", (completion & streaming).test)


@response("whose stream reports an error")
def reports_error(x: Exchange) -> bool:
    return any(isinstance(value, dict) and bool(value.get("error")) for _, value in x.messages)


full_stream = Condition("of a streamed chat completion without an error in it", (chat_stream & ~reports_error).test)


@request("that offers tools")
def offers_tools(x: Exchange) -> bool:
    return bool(x.asked.get("tools"))


@request("that may call a tool")
def may_call(x: Exchange) -> bool:
    """It offers tools, or was not kept by the recorder: so that an unreadable answer in words leaves no check undecided."""
    return "request" in x.missing or bool(x.asked.get("tools")) or not x.asked


@response("that calls a tool")
def calls_tool(x: Exchange) -> bool:
    return any(choice.tool_calls for choice in x.choices)


@response("with a finish_reason of length")
def cut_by_limit(x: Exchange) -> bool:
    return any(choice.finish_reason == "length" for choice in x.choices)


@request("that asks for the usage of a stream")
def asked_usage(x: Exchange) -> bool:
    options = x.asked.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


tool_calls = Condition("of a chat completion that calls a tool", (completion & may_call & calls_tool).test)
tool_stream = Condition("of a streamed chat completion that calls a tool", (chat_stream & may_call & calls_tool).test)


@response("that reports its usage")
def counted(x: Exchange) -> bool:
    """A plain answer with a usage object, or a stream that sent one."""
    try:
        return bool(x.usage)
    except Unreadable:
        return False


def choices_asked(x: Exchange) -> int:
    """How many choices the request asks for; 1 where it does not say."""
    n = x.asked.get("n")
    return n if is_a(n, int) and n > 0 else 1


def token_limit(x: Exchange) -> int | None:
    """The most tokens that the request allows one choice, None where it sets no limit."""
    limit = x.asked.get("max_completion_tokens") or x.asked.get("max_tokens")
    return limit if is_a(limit, int) and limit > 0 else None


def at_limit(x: Exchange) -> bool | None:
    """Whether the answer used the tokens that the request allows: True for all of them, False for clearly fewer, else None.

    None is for no limit, two of them, no count, more than allowed, and nearly all: gateways that count by another tokenizer
    reported 1984 tokens of an answer cut at 2000, so 95 % is near. Tokens left out of completion_tokens but counted in
    total_tokens, as some count reasoning, were used too.
    """
    limit = token_limit(x)
    two = x.asked.get("max_tokens") and x.asked.get("max_completion_tokens")
    if limit is None or two or not counted(x):
        return None
    prompt, completion, total = (x.usage.get(f"{kind}_tokens") for kind in ("prompt", "completion", "total"))
    if not all(is_a(count, int) for count in (prompt, completion, total)):
        return None
    used, allowed = max(completion, total - prompt), limit * choices_asked(x)
    return True if used == allowed else False if allowed - used > max(1, allowed // 20) else None


@cache
def tool_choice(way: str) -> Condition:
    """The request offers tools and chooses this way: none, auto, required, function, custom or allowed_tools."""

    def chosen(x: Exchange) -> bool:
        choice = x.asked.get("tool_choice")
        return offers_tools(x) is True and (choice.get("type") if isinstance(choice, dict) else choice) == way

    return Condition(f"with tool_choice {way}", chosen)


greedy = request("at temperature 0")(lambda x: x.asked.get("temperature") == 0)


@cache
def sent_as(id: str) -> Condition:
    """The exchange of this request of the suite."""
    return request(f"of {id}", special=True)(lambda x: x.name == id)
