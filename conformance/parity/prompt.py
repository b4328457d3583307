"""A golden prompt: what is asked, what of the answers is compared, and what must hold whatever the model. Nothing but data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Must:
    """What must hold of every choice. None or () requires nothing.

    `finish_reason` is one of these. The content is valid by `schema`; it is an object of JSON (`json`); it holds every text of
    `contains` and none of `excludes`, in any case of letters. `calls` are the names of the tools that are called, in any order,
    and no others - () for no call - and their arguments are valid by the tool's own schema and hold at least `arguments`, by the
    name of the tool. `choices` is how many there are.
    """

    finish_reason: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    json: bool = False
    calls: tuple[str, ...] | None = None
    arguments: Mapping[str, Mapping[str, Any]] | None = None
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    choices: int | None = None


@dataclass(frozen=True)
class Prompt:
    """A request worth comparing the answers of.

    `request` is the body of a chat completion without the model. `compare` says what of two answers may be compared: text, json,
    tool_calls, tokens, logprobs; the finish reason always is. `must` has to hold whatever the model. `uncertain`: a good model has
    many answers to this, so that it shows changes of sampling. `where` is FILE:LINE, the file as named in its folder.
    """

    id: str
    category: str
    about: str
    request: Mapping[str, Any]
    compare: tuple[str, ...]
    must: Must
    uncertain: bool
    where: str
