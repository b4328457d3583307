"""A view of an exchange: read once, whatever comes of it. What cannot be read is not tried again by each of the checks that want it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from conformance.exchange.reading import NotRecorded, Unreadable

T = TypeVar("T")


class view(Generic[T]):
    """`functools.cached_property` that keeps the exception, too, raised anew each time: beside the value, so that no copy has it."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read, self.__doc__ = read, read.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name, self._amiss = name, f"{name} cannot be read"

    @overload
    def __get__(self, x: None, owner: type) -> view[T]: ...
    @overload
    def __get__(self, x: object, owner: type) -> T: ...
    def __get__(self, x: Any, owner: type) -> Any:
        if x is None:
            return self
        if (raised := vars(x).get(self._amiss)) is not None:
            raise type(raised)(*raised.args)
        try:
            value = self._read(x)
        except (Unreadable, NotRecorded) as reason:
            vars(x)[self._amiss] = type(reason)(*reason.args)
            raise
        vars(x)[self._name] = value
        return value


class remembered(Generic[T]):
    """A pure function of one exchange, asked once of each: what it gave is kept in the exchange's memo."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read, self.__doc__ = read, read.__doc__

    def __call__(self, x: Any) -> T:
        if self not in x.memo:
            x.memo[self] = self._read(x)
        kept: T = x.memo[self]
        return kept
