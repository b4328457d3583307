"""What checks ask of the answer to a mistake: that it is a refusal, and which parameter and code it names.

Each function yields problems, as checks do; which mistake it was is for mistakes.py to say.
"""

from __future__ import annotations

import re
from typing import Any

from conformance.catalogue import Problems, differs
from conformance.exchange import Exchange, Unreadable, need
from conformance.wire.jsontext import show


def said(x: Exchange, name: str) -> Any:
    """A member of the `error` object of an error answer; None where there is none, or no such object."""
    try:
        return x.error.get(name) if x.status >= 400 else None
    except Unreadable:
        return None


def accepted(x: Exchange) -> Problems:
    """The status, where the mistake was not refused. Whether the refusal was a right one is said elsewhere."""
    if x.status < 400:
        yield differs("status", x.status, "a refusal (400)")


def code_is_not(x: Exchange, *wanted: str) -> Problems:
    """The code of the error, where it is none of those wanted. Raises Unreadable."""
    code = need(x.error, "code", str, None)
    if code not in wanted:
        yield differs("error.code", code, " or ".join(map(show, wanted)))


def param_names_none(x: Exchange, *wanted: str) -> Problems:
    """The param of the error, where it does not begin with one of the names wanted. Raises Unreadable."""
    param = need(x.error, "param", str, None)
    if first_name(param) not in wanted:
        yield differs("error.param", param, " or ".join(map(show, wanted)))


def first_name(param: str | None) -> str | None:
    """The parameter in which a path begins: "messages" of "messages.[0].role"; None where there is none."""
    found = re.match(r"\w+", param or "")
    return found[0] if found else None
