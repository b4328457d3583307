"""Optional features: how each is declared.

A feature says which exchanges ask for it, and how an answer that honours it differs from one that ignores it. It must not
send; decider.py turns what it finds into one word for the endpoint, whether the exchanges are live or recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from conformance.judge.condition import Condition
from conformance.judge.verdicts import Relation

Decision = Literal["supported", "refused", "ignored", "broken", "absent", "undecided"]
DECISIONS: tuple[Decision, ...] = ("supported", "refused", "ignored", "broken", "absent", "undecided")
"""Refused: a clear 4xx that names it. Ignored: accepted, no effect seen. Broken: accepted and wrong, or 5xx. Absent: no such
route or header. Undecided: nothing here tells."""


class Finding(NamedTuple):
    """What one answer shows of a feature: how it was treated, and why that is so in a few words."""

    state: str
    why: str


HONOURED = Finding("supported", "")


def ignored(why: str) -> Finding:
    """The answer is what only a server gives that did not heed the request."""
    return Finding("ignored", why)


def unseen(why: str) -> Finding:
    """There is no effect, but a server that heeds the request may answer so once, too: another answer can outweigh it."""
    return Finding("unseen", why)


def wrong(why: str) -> Finding:
    """The request was accepted and answered with something else."""
    return Finding("wrong", why)


def absent(why: str) -> Finding:
    return Finding("absent", why)


def unclear(why: str) -> Finding:
    """Nothing follows from this answer, and this is why."""
    return Finding("unclear", why)


Law = Callable[..., Finding | None]
"""What an answer of 2xx (or several that belong together) shows; None: nothing at all."""


@dataclass(frozen=True)
class Feature:
    """One optional feature. `when` says from the request which exchanges ask for it; `names` are words of which a refusal
    must say one; `probes` bring it about; `profile` is the smallest that holds it. `together` finds those that the law
    compares, of which `beside` do not ask for it themselves. `needs` is another feature without which this one shows no
    difference, `part_of` one with which this one is refused; `route` says that it is a route of its own; `words` are what people
    call it."""

    name: str
    law: Law
    when: Condition
    names: tuple[str, ...]
    probes: tuple[str, ...]
    profile: str | None
    together: Relation | None
    beside: Condition | None
    needs: str | None
    part_of: str | None
    route: bool
    words: str = ""

    @property
    def what(self) -> str:
        """How honoured and ignored answers differ: the docstring."""
        return " ".join((self.law.__doc__ or "").split())


_FEATURES: dict[str, Feature] = {}


def feature(
    name: str,
    *,
    when: Condition,
    probes: str | Sequence[str],
    names: str | Sequence[str] = (),
    profile: str | None = None,
    together: Relation | None = None,
    beside: Condition | None = None,
    needs: str | None = None,
    part_of: str | None = None,
    route: bool = False,
    words: str | None = None,
) -> Callable[[Law], Law]:
    """Declare a feature; the docstring says how honoured and ignored answers differ. `words` are its name without the underscores,
    unless given."""

    def declare(law: Law) -> Law:
        named = (names,) if isinstance(names, str) else tuple(names)
        sent = (probes,) if isinstance(probes, str) else tuple(probes)
        if name in _FEATURES or not (law.__doc__ or "").strip():
            raise ValueError(f"feature {name!r} is declared twice, or without a docstring")
        _FEATURES[name] = Feature(
            name,
            law,
            when,
            named or (name,),
            sent,
            profile,
            together,
            beside,
            needs,
            part_of,
            route,
            words or name.replace("_", " "),
        )
        return law

    return declare


def declared() -> dict[str, Feature]:
    """Every feature declared so far, by name."""
    return dict(_FEATURES)
