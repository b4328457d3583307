"""What must hold for the answer to a golden prompt whatever the model, and what of it does not hold. Sends nothing.

It compares no two answers, and it asks for nothing that a prompt does not say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from conformance.exchange import Exchange, Unreadable
from conformance.exchange.assembly import Choice, ToolCall
from conformance.judge.given import Useless, problems
from conformance.parity.prompt import Must
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show

if TYPE_CHECKING:
    from conformance.parity.prompt import Prompt


def violations(prompt: Prompt, answer: Exchange) -> list[str]:
    """What of `must` does not hold, as `<what> is <seen>, expected <wanted>`; one alone where there is no usable answer."""
    if not answer.ok or answer.ended != "complete":
        seen = f"HTTP {answer.status}" if answer.answered and answer.ended == "complete" else answer.ended
        return [f"the answer is {seen}, expected a completion"]
    try:
        return list(_violations(prompt, answer.choices))
    except Unreadable as reason:
        return [str(reason)]


def _violations(prompt: Prompt, choices: tuple[Choice, ...]) -> Iterator[str]:
    must = prompt.must
    if must.choices is not None and len(choices) != must.choices:
        yield f"the number of choices is {len(choices)}, expected {must.choices}"
    for choice in choices:
        if must.finish_reason and choice.finish_reason not in must.finish_reason:
            yield f"finish_reason is {show(choice.finish_reason)}, expected {' or '.join(must.finish_reason)}"
        yield from _content(must, choice.content or "")
        if must.calls is not None:
            yield from _calls(prompt, choice.tool_calls)


def _content(must: Must, content: str) -> Iterator[str]:
    said = content.casefold()
    for text in must.contains:
        if text.casefold() not in said:
            yield f"content is {show(content)}, expected {show(text)} in it"
    for text in must.excludes:
        if text.casefold() in said:
            yield f"content is {show(content)}, expected no {show(text)} in it"
    if must.json or must.schema is not None:
        try:
            value = jsontext.parse_text(content)
        except NotJSON as reason:
            yield f"content is {show(content)}, expected JSON ({reason})"
            return
        if must.json and not isinstance(value, dict):
            yield f"content is {show(content)}, expected a JSON object"
        if must.schema is not None:
            yield from _misfits("content", must.schema, value)


def _calls(prompt: Prompt, calls: tuple[ToolCall, ...]) -> Iterator[str]:
    wanted = prompt.must.calls or ()
    names = [call.name or "" for call in calls]
    if Counter(names) != Counter(wanted):
        yield f"tool_calls is {show(names)}, expected {'calls of ' + ', '.join(wanted) if wanted else 'no call'}"
    for call in calls if wanted else ():
        yield from _arguments(prompt, call)


def _arguments(prompt: Prompt, call: ToolCall) -> Iterator[str]:
    where = f"the arguments of {call.name}"
    try:
        given = jsontext.parse_text(call.arguments or "")
    except NotJSON as reason:
        yield f"{where} are {show(call.arguments)}, expected JSON ({reason})"
        return
    functions = [tool.get("function", {}) for tool in prompt.request.get("tools", ())]
    schema = next((each.get("parameters") for each in functions if each.get("name") == call.name), None)
    yield from _misfits(where, schema or {"type": "object"}, given)
    wanted = (prompt.must.arguments or {}).get(call.name or "", {})
    for name, value in wanted.items() if isinstance(given, dict) else ():
        if name not in given or not same(given[name], value):
            seen = show(given[name]) if name in given else "absent"
            yield f"{where}: {name} is {seen}, expected {show(value)}"


def _misfits(where: str, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    try:
        for path, seen, wanted in problems(schema, value):
            yield f"{where}{': ' + path if path else ''} is {show(seen)}, expected {wanted}"
    except Useless as reason:
        yield f"{where} is {show(value)}, expected a schema that can be used: {reason}"


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON: 1 is 1.0, but not true."""
    return canonical(one) == canonical(other)


def canonical(value: Any) -> str:
    """One text for values that are the same in JSON, where 1 is 1.0."""
    return json.dumps(_whole(value), sort_keys=True, ensure_ascii=False)


def _whole(value: Any) -> Any:
    """The value with integers for numbers that are whole."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value
