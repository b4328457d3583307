"""An exchange with holes where its texts and numbers were: what a question answers of it without touching a hole, it answers of every
exchange that is the same but for what is in the holes, because it could not know anything of that.

A hole says of which type it is (`isinstance`), so that it is no value of another type; and that it is true, and an integer more than 0,
for what is empty, or an integer of 0 or less, is in no hole (`hides`). Texts put together are a text. Whoever asks anything else of it
gets `Touched`. That is no Exception, so that nothing that reads what strangers sent catches it. `type()` sees a hole for what it is, so
laws and conditions ask `isinstance` or `__class__` (tests/judge/test_hollow.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any, NoReturn

from conformance.exchange import ABSENT, Exchange, NotRecorded
from conformance.wire.sse import Event, Line, Reader

KINDS = (str, bytes, int, float, tuple)
"""The types of what is in holes."""
_ASKED = {
    name for kind in (*KINDS, dict, list) for name in dir(kind) if name[:2] == "__" and callable(getattr(kind, name))
}
_ASKED -= {"__class__", "__getattribute__", "__init__", "__init_subclass__", "__new__", "__subclasshook__"}
"""The special methods by which Python asks anything of a value: it looks them up on the type."""


class Touched(BaseException):
    """Somebody asked what is in a hole."""

    times = 0
    """How often, so that it is known even where it was swallowed."""


def _touch(*_: object, **__: object) -> NoReturn:
    Touched.times += 1
    raise Touched


def _holes(kind: type) -> type:
    """The type of the holes in which something of this type was."""
    others = (dict, list, type(None), *({str, bytes, tuple} - {kind}), *(() if kind in _NUMBERS else _NUMBERS))

    def ask(_: object, name: str) -> type:
        return kind if name == "__class__" else _touch()

    def differs(other: Any) -> bool:
        """Whether what is in such a hole surely is another value."""
        return isinstance(other, others) or other is ABSENT or (type(other) in KINDS and not hides(other, kind))

    def is_more(answer: bool) -> Callable[[object, Any], bool]:
        return lambda _, other: answer if kind is int and type(other) is int and other <= 0 else _touch()

    special: dict[str, Any] = dict.fromkeys(_ASKED, _touch)
    special["__bool__"] = lambda _: True
    if kind is str:
        special |= dict.fromkeys(
            ("__add__", "__radd__"), lambda _, other: HOLES[str]() if isinstance(other, str) else _touch()
        )
    special["__eq__"] = lambda _, other: False if differs(other) else _touch()
    special["__ne__"] = lambda _, other: True if differs(other) else _touch()
    special |= dict.fromkeys(("__gt__", "__ge__"), is_more(True)) | dict.fromkeys(("__lt__", "__le__"), is_more(False))
    return type(f"hole of {kind.__name__}", (), {"__slots__": (), "__getattribute__": ask, **special})


_NUMBERS = (int, float)
HOLES = {kind: _holes(kind) for kind in KINDS}
OWN = ("id", "request_body", "body", "arrivals", "started", "took", "session")
"""The fields that are each exchange's own."""

Own = Callable[[str, Any], bool]
"""Whether a string or number in a JSON text, of the member with this name, is a hole."""


def hides(value: Any, kind: type) -> bool:
    """Whether a hole of this type may hide a value: none that is empty or 0, and no integer below."""
    return bool(value) and (kind is not int or value > 0)


def hole(value: Any) -> Any:
    """A hole in which this value was; the value where none may hide it."""
    kind = type(value)
    return HOLES[kind]() if hides(value, kind) else value


def hollow(x: Exchange, own: Own, told: Collection[str]) -> Exchange:
    """The exchange with holes for what is its own, for the values of all headers but those told, and in the JSON of its request. Its body
    is a hole."""
    values = {each.name: vars(x)[each.name] for each in fields(x) if each.name != "memo"}
    values |= {name: hole(values[name]) for name in OWN}
    for name in ("request_headers", "headers"):
        values[name] = tuple((key, value if key.lower() in told else hole(value)) for key, value in values[name])
    made = type(x)(**values)
    for name in ("_sent", "_received"):
        with suppress(NotRecorded):
            named = getattr(x, name).items()
            vars(made)[name] = {key: value if key in told else hole(value) for key, value in named}
    with suppress(NotRecorded):
        vars(made)["form"] = x.form
        vars(made)["asked"] = _without(x.asked, own)
    return made


def answered(made: Exchange, x: Exchange, own: Own) -> Exchange:
    """The hollow exchange with the JSON of this answer, and holes in it. The text of it, what stands between events that are not all plain
    and how it came stay unknown."""
    if x.streaming:
        if (data := plain_stream(x)) is not None:
            reader = Reader(line_ends={b"\n"})
            vars(made)["sse"] = reader, tuple(_plain_event(n, each) for n, each in enumerate(data))
        vars(made)["messages"] = tuple((n, _without(value, own)) for n, value in x.messages)
    else:
        value, reason = x._parsed
        vars(made)["_parsed"] = _without(value, own), reason
    return made


def plain_stream(x: Exchange) -> tuple[str | None, ...] | None:
    """The data of each event of a stream as far as it is `[DONE]`; None where an event is not plain, or that was not kept."""
    try:
        _, events = x.sse
    except NotRecorded:
        return None
    if not all(event.plain for event in events):
        return None
    return tuple("[DONE]" if event.data == "[DONE]" else None for event in events)


def _plain_event(n: int, data: str | None) -> Event:
    return Event((Line(hole(b"data"), b"\n"),), hole(n), hole(1), True, data or hole("{"), True)


def _without(value: Any, own: Own, name: str = "") -> Any:
    """A JSON value, of the member with this name, with holes."""
    if isinstance(value, dict):
        return type(value)((key, _without(each, own, key)) for key, each in value.items())
    if isinstance(value, list):
        return [_without(each, own, name) for each in value]
    return hole(value) if value is not None and own(name, value) else value


_SAMPLES = {str: ("a", "minLength"), int: (1, "minimum"), float: (0.5, "")}
"""By type, what is put where a hole is, and how a schema asks that a text is not empty, and an integer not negative."""
_ASKS_TYPE = {"$comment", "$schema", "description", "type"}
_ASKS_MEMBERS = {*_ASKS_TYPE, "items", "minItems", "properties", "required"}


def filled(value: Any, schema: Mapping[str, Any]) -> Any:
    """A JSON value with a sample in each hole of which a JSON Schema asks nothing but what is true of all that the hole may hide: where
    it is as the schema wants it, they all are."""
    if isinstance(value, dict) and schema.keys() <= _ASKS_MEMBERS:
        members = schema.get("properties", {})
        return {name: filled(each, members.get(name, {})) for name, each in value.items()}
    if isinstance(value, list) and schema.keys() <= _ASKS_MEMBERS:
        return [filled(each, schema.get("items", {})) for each in value]
    kind = next((kind for kind, hole in HOLES.items() if type(value) is hole), None)
    if kind is None:
        return value
    sample, bound = _SAMPLES[kind]
    return sample if schema.keys() <= {*_ASKS_TYPE, bound} and schema.get(bound, 0) <= 1 else _touch()
