"""What the laws of gateways say of pairs of which one end is changed, and under each lie that proves them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from conformance.exchange import Exchange
from conformance.gateway.laws import laws, lies
from conformance.gateway.pair import Pair, pairs
from conformance.gateway.without_sockets import both_ends
from conformance.judge.judge import Judge
from conformance.judge.verdicts import Verdict
from tests.support.digests import Held, digest, outcomes, said
from tests.support.tables import altered, changed

ROUNDS = 12
"""Changes of each pair."""
Group = tuple[Exchange, ...]


def made() -> Held:
    """By law, what it says of each round."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    honest = both_ends()
    same = {id(x) for x in honest}
    for lie in lies().values():
        judged(found, (x for group in groups(both_ends(lie)) if not same.issuperset(map(id, group)) for x in group))
    for n in range(ROUNDS):
        judged(found, (x for group in groups(honest) for x in amiss(random.Random(f"{group[0].id} {n}"), *group)))
    return {id: f"{outcomes(told)} {digest(*map(said, told))}" for id, told in found.items()}


def judged(found: dict[str, list[Verdict]], exchanges: Iterable[Exchange]) -> None:
    court = Judge(laws().values())
    for x in exchanges:
        court.add(x)
    for verdict in court.finish():
        found[verdict.check.id].append(verdict)


def groups(exchanges: list[Exchange]) -> Iterator[Group]:
    return (_group(pair) for pair in pairs(exchanges))


def _group(pair: Pair) -> Group:
    return pair.outer, *pair.inners


def amiss(draw: random.Random, outer: Exchange, *inners: Exchange) -> Group:
    """The pair as a gateway could have made it: another answer, another request, or another number of them."""
    if not inners or draw.random() < 0.4:
        return altered(draw, outer), *inners
    n, kind = draw.randrange(len(inners)), draw.random()
    if kind < 0.05:
        return draw.choice([(outer,), (outer, *inners, *(replace(x, id=f"{x.id}.2", memo={}) for x in inners))])
    other = altered(draw, inners[n]) if kind < 0.5 else asked(draw, inners[n])
    return outer, *inners[:n], other, *inners[n + 1 :]


def asked(draw: random.Random, x: Exchange) -> Exchange:
    """The request with one thing of it changed: mostly a node of its JSON, or else a header, its method or its URL."""
    n = draw.randrange(len(x.request_headers))
    name, value = x.request_headers[n]
    others = [
        {"request_headers": (*x.request_headers[:n], *new, *x.request_headers[n + 1 :])}
        for new in ((), ((name, f"{value}x"),), ((name, value),) * 2)
    ]
    others += [{"method": "PUT"}, {"url": f"{x.url}/more"}, {"url": f"{x.url}?a=1"}]
    body = {"request_body": changed(draw, x.request_body)}
    return replace(x, memo={}, **(body if draw.random() < 0.6 else draw.choice(others)))
