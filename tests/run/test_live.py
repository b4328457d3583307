"""How much a run asks: each depth sends what those before it send, within its bound."""

from __future__ import annotations

from typing import get_args

import pytest

from conformance.areas.catalogue import catalogue, probes
from conformance.exchange.probe import Depth
from conformance.run.live import asked
from conformance.run.options import DEPTHS, Options
from conformance.send.plan import planned_requests
from conformance.send.target import Target

ENDPOINT = Target("http://endpoint.invalid/v1", "m")


def sent(depth):
    return {r.id for r in planned_requests(asked(Options(depth=depth), list(catalogue().values())), ENDPOINT)}


def test_options_and_probes_know_the_same_depths():
    assert get_args(Depth) == DEPTHS


@pytest.mark.parametrize(("depth", "most"), {"quick": 169, "normal": 220, "deep": 600}.items())
def test_a_depth_sends_no_more_than_it_may(depth, most):
    assert len(sent(depth)) <= most


def test_each_depth_sends_what_those_before_it_send():
    quick, normal, deep = map(sent, DEPTHS)
    assert quick <= normal <= deep


def test_no_probe_waits_for_one_that_is_asked_at_more_depth():
    depth = {probe.name: DEPTHS.index(probe.depth) for probe in probes()}
    assert [p.name for p in probes() if p.after in depth and depth[p.after] > depth[p.name]] == []
