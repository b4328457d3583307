"""Measures what both official SDKs do with every lie of the reference, and writes it to conformance/clients/sdks.toml.

`python -m benchmarks.sdks.measure FOLDER`: the folder holds openai-node, as `npm install openai` leaves it. With --check nothing is
written, and it fails where the file says something else; with --new the rows stay that the file has of the same versions. What was
measured is kept below the cache until all is, so that it goes on where it was interrupted. It must not judge: the checks that name a
lie choose the answers.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.sdks.node import Node
from conformance.areas.catalogue import catalogue, judge, lies
from conformance.cli.explain import TABLE
from conformance.clients import losses, outcomes
from conformance.clients.replay import Client
from conformance.exchange import Exchange
from conformance.reference.lies import Lie
from conformance.watch.trials.environments import cache
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
    named = [catalogue()[id] for id in catalogue() if id in proving.named(lie.name)]
    if any(check.area == "sdk" for check in named):
        proving.replayed([*lying.values()])
    alone, together = ([check for check in named if bool(check.together) is both] for both in (False, True))
    found = [*judge(lying.values(), alone), *judge(proving.lying(lie), together)]
    ids = dict.fromkeys(id for v in found for group, _ in v.problems for joined in group for id in joined.split(" + "))
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


def measured(folder: Path, known: dict[str, Any]) -> str:
    """The content of the file; `known` is what it says now, of which the rows of the same versions are not measured."""
    node = Node(folder)
    try:
        versions = {"python": outcomes.client(), "node": f"openai-node {node.version}"}
        rows = known if known.get("versions") == versions else {}
        kept = cache() / f"sdks-{'-'.join(versions.values()).replace(' ', '-')}.jsonl"
        rows |= {line["lie"]: line["says"] for line in read(kept)}
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("a", encoding="utf-8") as out:
            for name, lie in lies().items():
                if name not in rows:
                    rows[name] = _row(node, failing(lie))
                    print(json.dumps({"lie": name, "says": rows[name]}), file=out, flush=True)
                    print(f"{name}: {rows[name]}", file=sys.stderr)
    finally:
        node.close()
    kept.unlink()
    return written(versions, {name: rows[name] for name in lies()})


def _row(node: Node, answers: Sequence[Exchange]) -> dict[str, list[str]]:
    """What both make of these answers; one Client for each lie, for it gives up after a few hangs."""
    with Client() as client:
        return {"python": python_says(client, answers), "node": node_says(node, answers)}


def read(kept: Path) -> list[dict[str, Any]]:
    """The lines of what was measured, without a half one at the end."""
    lines = kept.read_text("utf-8").splitlines(keepends=True) if kept.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def written(versions: dict[str, str], rows: dict[str, dict[str, list[str]]]) -> str:
    """The table as TOML."""
    tables = {"versions": versions} | rows
    words = [
        "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in row.items())])
        for name, row in tables.items()
    ]
    return HEAD + "\n\n".join(words) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--new", action="store_true")
    options = parser.parse_args()
    before = TABLE.read_text("utf-8")
    now = measured(options.folder, tomllib.loads(before) if options.new else {})
    if options.check:
        return int(now != before)
    TABLE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
