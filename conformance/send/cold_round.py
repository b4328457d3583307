"""One round of asking an endpoint that is cold, over the network, and the words for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange
from conformance.send.answer import Room
from conformance.send.cannot_judge import CannotJudge
from conformance.send.cold_asking import LONGEST, QUESTION, Cold, Round
from conformance.send.limits import Limits
from conformance.send.requests import requests
from conformance.send.sender import Unsendable, client, send
from conformance.send.target import Target

CONNECT, SILENCE = 5.0, 600.0
"""Seconds for a connection, and between two bytes: what openai-python waits."""


async def round_of(target: Target, name: str, longest: float = LONGEST) -> Round:
    """One round over connections of its own, as those of before have long been closed: no request is begun after `longest` seconds, and
    none takes longer. Raises CannotJudge."""
    limits = Limits(connect=CONNECT, whole=longest, first_byte=SILENCE, silence=SILENCE)
    question, room = requests(QUESTION, target.model)[0], Room(limits.run_bytes)
    try:
        sending = client(target.base_url)
    except Unsendable as why:
        raise CannotJudge(str(why)) from None
    async with sending as http:

        async def ask(id: str) -> Exchange:
            return await send(replace(question, id=id), target, limits, http, room)

        return await Cold(ask, longest).round(name)


def told(found: Round) -> str:
    """A round in a line: the first token, what was said until then, and the time when it was warm."""
    first = "no token came" if found.first is None else f"the first token came after {found.first:.2f} s"
    warm = found.record["warm"]
    meanwhile = ", ".join(said(each.record) for each in found.tries if each.record["first_token"] is None)
    comments = sum(each.record["comments"] for each in found.tries)
    meanwhile = ", ".join(filter(None, (meanwhile, f"{comments} comments" if comments else ""))) or "nothing"
    return f"{first}, said meanwhile: {meanwhile}" + (f"; warm: {warm:.2f} s" if warm is not None else "")


def said(record: dict[str, Any]) -> str:
    """One answer without a token, in words."""
    what = record["status"] if record["status"] is not None else record["ended"]
    wait = f", Retry-After {record['retry_after']:g} s" if record["retry_after"] is not None else ""
    return f"{what} after {record['at'] + record['seconds']:.1f} s{wait}"
