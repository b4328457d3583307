"""The bounds on what an endpoint may do to us: each a named number with its unit and the observation that set it.

Reaching one is a finding with a clear sentence, never a hang, a crash or a full memory. How deep JSON may nest is
`wire.jsontext.MAX_DEPTH`. This file must not enforce anything; sources do.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Times are seconds, sizes are bytes. `first_byte`, `silence` and `vain` left None follow from `whole` (--timeout)."""

    connect: float = 10.0
    """Name lookup, TCP and TLS: twice what the official Python client waits (httpx.Timeout(600, connect=5.0))."""

    whole: float = 60.0
    """One request from connecting to the last byte: the longest answer asked for is 400 tokens, 40 s at 10 tokens/s."""

    first_byte: float | None = None
    """From connecting to the first byte of the body; as long as `whole`, for a plain answer comes all at once at its end."""

    silence: float | None = None
    """Between two portions of the body; half of `whole`: servers that think long send keep-alive comments far more often."""

    after_done: float = 2.0
    """From `data: [DONE]` to the end of the body. Genuine streams end in the same packet or the next; openai-python
    drains for 0.1 s and goes on, openai-node waits for ever."""

    body_bytes: int = 4 * MIB
    """One body, content coding undone: the longest genuine answer here (400 tokens with 20 logprobs each) is about 1 MiB."""

    run_bytes: int = 16 * MIB
    """All bodies of one run, which are kept until it is judged: a genuine run holds about 3 MiB."""

    header_bytes: int = 64 * KIB
    """Names and values of all response headers: Node.js gives up at 16 KiB, genuine answers have about 1.5 KiB."""

    headers: int = 500
    """Response headers: each is looked at by every check of headers; genuine answers have about 30."""

    lines: int = 40_000
    """Line ends in one body, and so at most 20,000 events: 400 tokens, each its own event, make about 1,600 lines."""

    values: int = 300_000
    """Values of JSON in one body (wire/weight.py), which cost some 80 bytes each: 400 tokens with 20 logprobs each make about
    100,000, and the longest public list of models 30,000."""

    portions: int = 40_000
    """Chunks, or else pieces as they came, of one body, each of which costs some 20 us: 400 tokens, each its own, make some 400."""

    run_portions: int = 300_000
    """Portions of all bodies of one run: a genuine one has about 5,000."""

    run_lines: int = 300_000
    """Line ends in all bodies of one run: a genuine one has about 10,000, and one of 100 streams of 400 tokens 160,000."""

    run_values: int = 1_500_000
    """Values in all bodies of one run, which are judged together at its end: a genuine one has about 80,000."""

    unanswered: int = 16
    """So many requests in a row without any answer, and the rest are given up: a dead endpoint must not cost
    `whole` times all requests. Two rounds at the default concurrency of 8."""

    vain: float | None = None
    """All waiting for answers that did not become whole in time: unless given 100 seconds, or twice `whole` where that is longer. Honest
    endpoints keep nobody waiting."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "vain", max(100.0, 2 * self.whole) if self.vain is None else self.vain)
        object.__setattr__(self, "first_byte", self.whole if self.first_byte is None else self.first_byte)
        object.__setattr__(self, "silence", self.whole / 2 if self.silence is None else self.silence)
