"""The nodes of a YAML text as plain values, one after the other, in bounded memory.

libyaml tells the events; what is made of them is text where nothing else is sure: no tag makes an object of anything, a date stays as it
was written, and a number is what JSON has for one. A node that is too much or makes no sense is passed over to its end, so
that those after it are read. It must not know what the nodes mean.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from conformance.record.jsonarray import DEPTH, DIGITS, VALUES, Broken

if yaml.__with_libyaml__:
    from yaml.cyaml import CParser

    class Events(CParser):
        """The events of a YAML text, read as they are asked for."""
else:
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class Events(Reader, Scanner, Parser):
        """The events of a YAML text, read as they are asked for."""

        def __init__(self, stream: Any) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)


_INTEGER = re.compile(rf"[-+]?(0|[1-9][0-9]{{0,{DIGITS - 1}}})")
_FLOAT = re.compile(r"[-+]?[0-9]{1,40}\.[0-9]{0,40}([eE][-+]?[0-9]{1,3})?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""What these are without quotes; "yes" and "off" stay texts, as they are in JSON and in headers."""
_OWN = "tag:yaml.org,2002:"
_BINARY = (f"{_OWN}binary", "!binary")
_KNOWN = {
    None,
    "!",
    *(
        _OWN + name
        for name in ["str", "int", "float", "bool", "null", "timestamp", "seq", "map", "set", "omap", "pairs"]
    ),
}
_TEXT = re.compile(rf"{_OWN}python/object/(apply|new):[\w.]*str")
"""A text of a class of its own, as multidict's names of headers are (aiohttp)."""
_EACH = 64
"""Bytes that a value costs beside its characters."""
_OPEN = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSE = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


class Unfit(ValueError):
    """A node of which no value is made; `str()` says why."""


@dataclass
class _Made:
    """A value, how many it holds with all that its aliases stand for, and how many characters they have."""

    value: Any
    count: int = 1
    length: int = 0


class Nodes:
    """Reads node after node. Raises Broken where the text is no YAML. `most` are the characters of one node and of all anchors."""

    def __init__(self, stream: Any, most: int) -> None:
        self._events, self._most = Events(stream), most
        self._anchors: dict[str, _Made] = {}
        self._kept = 0

    def at(self, kind: type) -> bool:
        """Whether the next event is of this kind; if so, it is taken."""
        return self._of_yaml(self._events.check_event, kind) and self._next() is not None

    def value(self) -> Any:
        """The value of the next node. Raises Unfit, with the node passed over, and Broken."""
        waiting: list[tuple[yaml.Event, list[_Made]]] = []
        depth, count, length = 0, 0, 0
        made, left = None, None
        while made is None or depth:
            event = self._next(left)
            depth += isinstance(event, _OPEN) - isinstance(event, _CLOSE)
            if left is not None:
                if depth:
                    continue
                raise left
            try:
                made = self._step(event, waiting)
                if made is not None and not isinstance(event, _CLOSE):
                    count, length = count + made.count, length + made.length
                if count > VALUES or length > self._most or depth > DEPTH:
                    raise Unfit(
                        f"more than {VALUES:,} values or {self._most:,} characters, or nested deeper than {DEPTH} levels"
                    )
            except Unfit as reason:
                if not depth:
                    raise
                left = reason
                waiting.clear()
        return made.value

    def _step(self, event: yaml.Event, waiting: list[tuple[yaml.Event, list[_Made]]]) -> _Made | None:
        """The value that an event completes, also put where it belongs; None where it begins one."""
        if isinstance(event, _OPEN):
            waiting.append((event, []))
            return None
        if isinstance(event, _CLOSE):
            event, parts = waiting.pop()
            made = _joined(event, parts)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise Unfit(f"not YAML (found undefined alias {event.anchor!r:.40}, or one of what holds it)")
            made = self._anchors[event.anchor]
        else:
            is_name = waiting and isinstance(waiting[-1][0], yaml.MappingStartEvent) and len(waiting[-1][1]) % 2 == 0
            made = _Made(event.value if is_name else _scalar(event), 1, len(event.value))
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._keep(event.anchor, made)
        if waiting:
            waiting[-1][1].append(made)
        return made

    def _keep(self, name: str, made: _Made) -> None:
        for old in (self._anchors.pop(name, None), made):
            self._kept += (old.length + old.count * _EACH) * (1 if old is made else -1) if old else 0
        self._anchors[name] = made
        while self._kept > self._most:
            first = self._anchors.pop(next(iter(self._anchors)))
            self._kept -= first.length + first.count * _EACH

    def _next(self, left: Unfit | None = None) -> yaml.Event:
        try:
            return self._of_yaml(self._events.get_event)
        except Broken as reason:
            raise Broken(str(left or reason)) from None

    def _of_yaml(self, call: Callable[..., Any], *given: Any) -> Any:
        try:
            return call(*given)
        except yaml.YAMLError as error:
            raise Broken(f"not YAML ({_said(error)})") from None
        except RecursionError:
            raise Broken("nested too deep") from None


def _joined(event: yaml.Event, parts: list[_Made]) -> _Made:
    count, length = 1 + sum(part.count for part in parts), sum(part.length for part in parts)
    if count > VALUES:
        raise Unfit(f"more than {VALUES:,} values")
    values = [part.value for part in parts]
    if len(values) == 1 and isinstance(values[0], str) and _TEXT.fullmatch(event.tag or ""):
        return _Made(values[0], count, length)
    if event.tag not in _KNOWN:
        return _Made(None, count, length)  # an object of some language: what it was is not known
    if isinstance(event, yaml.SequenceStartEvent):
        return _Made(values, count, length)
    names = values[::2]
    if any(isinstance(name, list | dict) for name in names):
        raise Unfit("a name in it is a list or a mapping")
    return _Made(dict(zip(names, values[1::2], strict=True)), count, length)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.tag in _BINARY:
        try:
            return base64.b64decode(text.encode("ascii"))
        except (binascii.Error, ValueError):
            raise Unfit("binary that is not the base64 that it says it is") from None
    if event.tag not in _KNOWN:
        return None
    if event.style or event.tag is not None or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else float(text) if _FLOAT.fullmatch(text) else text


def _said(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    return f"{problem or str(error).partition(chr(10))[0]}{f', line {mark.line + 1}' if mark else ''}"
