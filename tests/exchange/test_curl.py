"""A curl line sends the request in the manner in which it was sent, and says what no line can do."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import probes
from conformance.exchange.curl import curl
from conformance.send.inprocess import exchanges

NAMES = {
    "sending.h2c": (" --http2 ", ("Upgrade", "HTTP2-Settings")),
    "sending.chunked": ("-H 'Transfer-Encoding: chunked'", ("Content-Length",)),
    "sending.bare": ("-H 'Accept:'", ("--compressed",)),
    "sending.no-agent": ("-H 'User-Agent:'", ()),
    "sending.coding-none": ("-H 'Accept-Encoding: identity, gzip;q=0, deflate;q=0'", ("--compressed",)),
    "sending.coding-empty": ("-H 'Accept-Encoding;'", ("--compressed",)),
    "sending.query": ("/v1/chat/completions?api-version=1", ()),
    "connection.left": ("# left before the answer was whole", ()),
    "connection.three-amber": ("# sent at the same moment as others", ()),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_line_sends_it_in_its_manner(name):
    line = curl(exchanges(only=[probe for probe in probes() if probe.name == name])[0])
    held, lacked = NAMES[name]
    assert held in line
    assert [word for word in lacked if word in line] == []
