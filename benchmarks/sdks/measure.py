"""Measures what both official SDKs do with every lie of the reference, and writes it to conformance/clients/sdks.toml.

`python -m benchmarks.sdks.measure FOLDER`: the folder holds openai-node, as `npm install openai` leaves it. With --check nothing is
written, and it fails where the file says something else. It must not judge: the checks that name a lie choose the answers.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sdks.node import Node
from conformance.areas.catalogue import lies
from conformance.cli.explain import TABLE
from conformance.clients import losses, outcomes
from conformance.clients.replay import Client
from conformance.exchange import Exchange
from conformance.reference.lies import Lie
from tests.support import proving

HEAD = """\
# What both official SDKs make of each lie of the reference, on answers that fail the checks which name it. An empty list: they
# notice nothing and lose nothing, so whatever comes of it comes up in the application. Measured: `nox -s sdks` writes this file.

"""
ANSWERS = 4
"""Answers of one lie that are replayed."""
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def failing(lie: Lie) -> list[Exchange]:
    """The first answers of a lying reference in which a check that names the lie sees it."""
    lying = {x.id: x for x in proving.lying(lie) if x is not proving.honest().get(x.id)}
    named = [verdict for verdict in proving.verdicts(lie) if verdict.check.id in proving.named(lie.name)]
    ids = dict.fromkeys(id for v in named for group, _ in v.problems for joined in group for id in joined.split(" + "))
    return [lying[id] for id in ids if id in lying][:ANSWERS]


def python_says(client: Client, answers: Sequence[Exchange]) -> list[str]:
    """What goes amiss in openai-python with these answers."""
    return _said([line for x in answers for line in _breaks(x, client.outcomes(x))])


def node_says(node: Node, answers: Sequence[Exchange]) -> list[str]:
    """What goes amiss in openai-node. JavaScript joins the halves of a pair, which our reading of the wire shows as U+FFFD."""
    lines = [(x, line) for x in answers for line in _breaks(x, node.outcomes(x))]
    kept = [line for x, line in lines if not (line.startswith("changed content") and _HALF_PAIR.search(x.body))]
    return [line.replace(outcomes.LOOP, "create({stream: true})") for line in _said(kept)]


def _breaks(x: Exchange, found: tuple[outcomes.Outcome, ...]) -> list[str]:
    outcomes.remember(x, found)
    lines = losses.breaks(x)
    outcomes.remember(x, ())
    return lines


def _said(lines: Sequence[str]) -> list[str]:
    """Each once, without what differs from answer to answer or between the synchronous client and the other."""
    plain = [re.sub(r"^\d+ of \d+ chunks", "chunks", line.replace("async ", "")) for line in lines]
    return list(dict.fromkeys(plain))


def measured(folder: Path) -> str:
    """The content of the file."""
    node, rows = Node(folder), []
    with Client() as client:
        for name, lie in lies().items():
            answers = failing(lie)
            python, other = python_says(client, answers), node_says(node, answers)
            rows.append(f"[{name}]\npython = {json.dumps(python)}\nnode = {json.dumps(other)}\n")
            print(rows[-1], file=sys.stderr)
    node.close()
    return HEAD + "\n".join([f'[versions]\npython = "{client.name}"\nnode = "openai-node {node.version}"\n', *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    now = measured(options.folder)
    if options.check:
        return int(now != TABLE.read_text("utf-8"))
    TABLE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
