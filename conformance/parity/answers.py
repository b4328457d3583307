"""One answer to a golden prompt, read once: how it ended, its words, calls, tokens and times. It must not compare two answers.

Answers are hostile: what cannot be read is None, and an answer that is no completion at all is not usable, with the reason.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from conformance.exchange import ABSENT, Exchange, Unreadable, find
from conformance.exchange.assembly import Choice
from conformance.exchange.spoken import speaks
from conformance.judge.given import Useless, problems
from conformance.parity.must import canonical, same, violations
from conformance.parity.prompt import Prompt
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show

Tool = dict[str, bool | None]


class Answer:
    """An exchange with a golden prompt, and what parity wants of it."""

    def __init__(self, prompt: Prompt, exchange: Exchange) -> None:
        self.prompt, self.exchange = prompt, exchange

    @property
    def id(self) -> str:
        return self.exchange.id

    @cached_property
    def failure(self) -> str | None:
        """Why it is not usable, None where it is."""
        x = self.exchange
        if x.ended != "complete":
            return x.failure or x.ended
        if not x.ok:
            said = find(_json(x), "error.message")
            return f"HTTP {x.status}" + (f": {show(said, 200)}" if isinstance(said, str) else "")
        try:
            ended = all(choice.finish_reason for choice in x.choices)
        except Unreadable as reason:
            return str(reason)
        return None if ended else "finish_reason is absent, expected one for each choice"

    @property
    def usable(self) -> bool:
        return self.failure is None

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self.exchange.choices if self.usable else ()

    @cached_property
    def violations(self) -> tuple[str, ...]:
        """What of the prompt's `must` does not hold; nothing of an answer that is not usable, whose failure says it."""
        return tuple(violations(self.prompt, self.exchange)) if self.usable else ()

    # ------------------------------------------------------------------ what was said

    @cached_property
    def finish_reason(self) -> str | None:
        """That of every choice."""
        return ", ".join(choice.finish_reason or "" for choice in self.choices) or None

    @cached_property
    def text(self) -> str | None:
        """The content of every choice, None where none has any."""
        texts = [choice.content for choice in self.choices if choice.content]
        return "\n".join(texts) or None

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """The content of every choice as JSON, ABSENT where it is none."""
        return tuple(_value(choice.content) for choice in self.choices)

    @cached_property
    def calls(self) -> str | None:
        """The tool calls of every choice, without their ids, in one form for equal calls; None without usable answer."""
        if not self.usable:
            return None
        made = [[(call.name, _form(call.arguments)) for call in choice.tool_calls] for choice in self.choices]
        return "; ".join(", ".join(f"{name}({arguments})" for name, arguments in calls) or "no call" for calls in made)

    @cached_property
    def json_form(self) -> str | None:
        """The JSON of every choice in one form for equal values, None where one is no JSON."""
        if not self.usable or any(value is ABSENT for value in self.values):
            return None
        return "; ".join(map(canonical, self.values))

    @cached_property
    def schema_valid(self) -> bool | None:
        """Whether every choice is the JSON that was asked for, None where none was."""
        wanted, schema = wanted_json(self.prompt)
        if not wanted or not self.usable:
            return None
        return all(value is not ABSENT and _fits(schema, value) for value in self.values)

    @cached_property
    def tool(self) -> Tool | None:
        """Called when it should, the right name, valid arguments, equal arguments; None where the prompt has no say."""
        wanted = self.prompt.must.calls
        if wanted is None or not self.usable:
            return None
        found: Tool = {"called": all(bool(choice.tool_calls) == bool(wanted) for choice in self.choices)}
        if not wanted or not found["called"]:
            return found | {"name": None, "valid": None, "equal": None}
        calls = [call for choice in self.choices for call in choice.tool_calls]
        named = all(Counter(call.name for call in c.tool_calls) == Counter(wanted) for c in self.choices)
        given = [(call.name, _value(call.arguments)) for call in calls]
        asked = self.prompt.must.arguments or {}
        equal = [_holds(asked[name], value) for name, value in given if name in asked]
        valid = all(_fits(parameters(self.prompt, name), value) for name, value in given)
        return found | {"name": named, "valid": valid, "equal": all(equal) if asked else None}

    # ------------------------------------------------------------------ tokens and times

    def counted(self, name: str) -> int | None:
        """A number of the usage."""
        try:
            number = self.exchange.usage.get(name) if self.usable else None
        except Unreadable:
            return None
        return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None

    @cached_property
    def tokens(self) -> tuple[tuple[str, float], ...]:
        """(text, logprob) of each token of the first choice, where they were asked for and told."""
        found = []
        for part in _first_choices(self.exchange) if self.usable else ():
            entries = find(part, "logprobs.content")
            for entry in entries if isinstance(entries, list) else ():
                text, logprob = find(entry, "token"), find(entry, "logprob")
                if isinstance(text, str) and isinstance(logprob, (int, float)):
                    found.append((text, float(logprob)))
        return tuple(found)

    @cached_property
    def times(self) -> tuple[float, ...]:
        """Seconds from sending to each portion of tokens of a stream, in order."""
        x = self.exchange
        if not self.usable or not x.streaming or not x.arrivals:
            return ()
        seconds, sizes = zip(*x.arrivals, strict=True)
        ends = [x.events[n].stop for n, value in x.messages if speaks(value)]
        return tuple(seconds[min(bisect_left(sizes, end), len(sizes) - 1)] for end in ends)

    @property
    def gaps(self) -> tuple[float, ...]:
        """Seconds between portions of tokens; those that came at once have none between them."""
        return tuple(later - earlier for earlier, later in pairwise(self.times) if later > earlier)

    @cached_property
    def latency(self) -> dict[str, float | None]:
        """Seconds to the first token, between tokens on average, in total; and tokens a second after the first."""
        whole = self.exchange.arrivals[-1][0] if self.usable and self.exchange.arrivals else None
        number = self.counted("completion_tokens") or len(self.times)
        took = self.times[-1] - self.times[0] if self.times else 0.0
        between = took / (number - 1) if number > 1 and took > 0 else None
        return {
            "first": self.times[0] if self.times else None,
            "between": between and round(between, 6),
            "total": whole,
            "tokens_per_second": between and round(1 / between, 1),
        }


def wanted_json(prompt: Prompt) -> tuple[bool, Mapping[str, Any] | None]:
    """Whether a prompt asks for JSON, and by which schema."""
    form = prompt.request.get("response_format") or {}
    asked = find(form, "json_schema.schema")
    schema = prompt.must.schema or (asked if isinstance(asked, dict) else None)
    return bool(schema or prompt.must.json or form.get("type") in ("json_schema", "json_object")), schema


def parameters(prompt: Prompt, name: str | None) -> Mapping[str, Any]:
    """The schema of a tool's arguments."""
    functions = [tool.get("function") or {} for tool in prompt.request.get("tools", ())]
    return next((each.get("parameters") for each in functions if each.get("name") == name), None) or {"type": "object"}


def _fits(schema: Mapping[str, Any] | None, value: Any) -> bool:
    try:
        return isinstance(value, dict) if schema is None else not any(problems(schema, value))
    except Useless:
        return False


def _holds(wanted: Mapping[str, Any], value: Any) -> bool:
    """Whether the arguments hold at least what is wanted."""
    return isinstance(value, dict) and all(name in value and same(value[name], each) for name, each in wanted.items())


def _value(text: str | None) -> Any:
    try:
        return jsontext.parse_text(text or "")
    except NotJSON:
        return ABSENT


def _form(text: str | None) -> str:
    value = _value(text)
    return text or "" if value is ABSENT else canonical(value)


def _json(x: Exchange) -> Any:
    try:
        return x.json
    except Unreadable:
        return None


def _first_choices(x: Exchange) -> Iterator[Any]:
    """The first choice, or each delta of it."""
    values = [value for _, value in x.messages] if x.streaming else [x.answer]
    for value in values:
        for part in find(value, "choices") or () if isinstance(find(value, "choices"), list) else ():
            if find(part, "index") == 0:
                yield part
