"""What a run would send and about what it would cost, area by area. Sends nothing and asks nobody.

What hangs on an earlier answer is counted as it would be if that answer said nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.table import Table

from conformance.exchange import Exchange
from conformance.run import selection
from conformance.run.last_run import wanted
from conformance.run.live import asked
from conformance.run.options import DEPTHS, Options
from conformance.send import apart, plan
from conformance.send.budget import Budget, Estimate, estimate
from conformance.send.burst import FEWEST
from conformance.send.cheapest import cheap
from conformance.send.plan import planned_requests, unanswered
from conformance.send.requests import Request, built, onward
from conformance.send.target import Target

LARGE = 10_000
"""Tokens of a request that is named by itself."""


@dataclass(frozen=True)
class Planned:
    """One request as it would be sent, and about what it costs."""

    request: Request
    cost: Estimate
    left_out: str | None

    @property
    def area(self) -> str:
        return self.request.id.partition(".")[0]


def planned(options: Options) -> list[Planned]:
    """All requests of a run in their order. Raises UserError."""
    target = Target(options.base_url or "", options.model or plan.MODEL, stages=options.base_url is None)
    requests = [_made(request) for request in planned_requests(asked(options, wanted(options)), target)]
    for kind, many in (("burst", options.burst or 0), ("limited-key", FEWEST if options.limited_key_env else 0)):
        requests += [cheap(f"{kind}.{n}", target.model, stream=n % 2 == 0) for n in range(1, many + 1)]
    budget = Budget(options.budget_requests, options.budget_tokens)
    return [Planned(request, estimate(request), budget.admit(request)) for request in requests]


def _made(request: Request) -> Request:
    made = built(request, plan.MODEL, None) if request.probe.build else request
    return made or replace(request, body=None)


def show(options: Options, console: Console) -> None:
    """Print the plan: a line for each area, the sum, and what the budget leaves out. Raises UserError."""
    plan = planned(options)
    sent = [each for each in plan if each.left_out is None]
    if not options.quiet:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("area")
        for name in ("requests", "streamed", "tokens sent", "and back, at most"):
            table.add_column(name, justify="right")
        for area in dict.fromkeys(each.area for each in sent):
            table.add_row(area, *_sums([each for each in sent if each.area == area]))
        table.add_row("all", *_sums(sent), style="bold")
        console.print(table)
    url = options.base_url
    where = Target(url, "").redactor.url(url) if url else "the embedded reference"
    _say(
        console, f"{len(sent):,} requests, about {_tokens(sent):,} tokens, would be sent to {where}. Nothing was sent."
    )
    if dear := _dear(sent):
        _say(console, f"Of these, {dear}, which cost more than a chat request: --cheap leaves them out.")
    for each in sent:
        if more := _grown(each.request):
            _say(console, f"{each.request.id}: up to {more:,} tokens more, as long as what it asks is served")
        if each.cost.total >= LARGE:
            _say(console, f"{each.request.id}: about {each.cost.total:,} of them, unless it is refused as too long")
    longest = f"{options.max_seconds:,.0f} s" if options.max_seconds else "six times what the first answers promise"
    _say(console, f"Nothing more is sent after {longest} (--max-seconds), or 16 answers later than --timeout.")
    for depth in DEPTHS[DEPTHS.index(options.depth) + 1 :]:
        _say(console, f"--depth {depth}: {len(planned(replace(options, depth=depth))):,} requests")
    _say(console, f"What is refused though it is valid is asked again in parts, in up to {apart.MOST} requests more.")
    if left := [each for each in plan if each.left_out is not None]:
        _say(console, f"The budget leaves out {len(left):,} requests, about {_tokens(left):,} tokens.")


def _dear(sent: Sequence[Planned]) -> str:
    """How many requests are dear, by the endpoint that they are for; "" where none is."""
    counts = Counter(selection.endpoint(each.request.probe) for each in sent if each.request.probe.dear)
    return " and ".join(f"{many:,} {'is' if many == 1 else 'are'} for {name}" for name, many in counts.items())


def _grown(request: Request) -> int:
    """About how many tokens follow a request in its place where each is served at once and whole."""
    tokens, usage = 0, json.dumps({"usage": {"prompt_tokens": 10**9}}).encode()
    while request.body:
        url = unanswered(request).url
        served = Exchange(request.id, "POST", url, (), request.body, 200, (), usage, intent=request.probe.intent)
        if (following := onward(request, plan.MODEL, served)) is None:
            break
        request = following
        tokens += estimate(request).total
    return tokens


def _sums(some: Sequence[Planned]) -> list[str]:
    streamed = sum(each.request.id.endswith("+stream") for each in some)
    numbers = (len(some), streamed, sum(p.cost.prompt for p in some), sum(p.cost.answer for p in some))
    return [f"{number:,}" for number in numbers]


def _tokens(some: Sequence[Planned]) -> int:
    return sum(each.cost.total for each in some)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
