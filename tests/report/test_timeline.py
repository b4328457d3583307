"""Times in the unit that reads best."""

from __future__ import annotations

import pytest

from conformance.report.timeline import milliseconds


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 ms"), (0.0009994, "999 µs"), (0.001, "1.0 ms"), (0.0123, "12.3 ms"), (0.0994, "99.4 ms"), (0.1, "100 ms"), (0.9994, "999 ms"),
     (1, "1.00 s"), (9.994, "9.99 s"), (10, "10.0 s"), (123.44, "123.4 s")],
)  # fmt: skip
def test_a_time_is_said_in_the_unit_that_reads_best(seconds, said):
    assert milliseconds(seconds) == said
