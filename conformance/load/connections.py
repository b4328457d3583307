"""What an endpoint makes of connections, asked when a load is over: by the requests of a run that go over kept ones, leave, come in
chunks or wait for 100 (Continue), by HTTP/2 where it is offered, and after a longer silence. It must not judge.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.catalogue import probes
from conformance.areas.questions import GREETING
from conformance.exchange.probe import Probe
from conformance.send.plan import with_those_before

SILENCE = 7.3
"""Seconds of silence over a connection: it outlasts the 5 of Node's servers and of uvicorn, which a run does not wait for."""


def asked() -> list[Probe]:
    """The requests, and those that they are compared with or go over."""
    return [_longer(probe) for probe in with_those_before({GREETING.name, *filter(None, map(_about, probes()))})]


def _about(probe: Probe) -> str | None:
    manner = probe.manner
    over = (
        manner.over or manner.leaves or manner.chunked or manner.expects or manner.http2 or "after-left" in probe.intent
    )
    return probe.name if over and not probe.socket else None


def _longer(probe: Probe) -> Probe:
    return replace(probe, manner=replace(probe.manner, idle=SILENCE)) if probe.manner.idle else probe
