"""Measures what each MUST and SHOULD lie of the reference breaks in which real client, for conformance/clients/breaks.json.

`python -m benchmarks.clients.measure [CLIENT...]`: a client does the scenarios whose answers the lie changes, and what its user sees is
held against what the honest reference gave. What is measured is kept below the cache as it comes, so that it goes on where it was
interrupted; `--write` only writes the file of what is there, `--new` measures but the lies that the file does not have and adds them. It
must not judge.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.clients.telling import differences, joined
from conformance.areas.catalogue import catalogue, lies, routes
from conformance.clients import breaks
from conformance.judge.verdicts import MUST, SHOULD
from conformance.reference.kept_responses import KeptResponses
from conformance.reference.lies import Lie
from conformance.reference.replies import Call
from conformance.reference.respond import Server
from conformance.reference.server import Served
from conformance.reference.staging import STAGE_HEADER
from conformance.watch.trials.environments import CannotPrepare, command, folder, prepare, variables
from conformance.watch.trials.filling import KEY, WRONG
from conformance.watch.trials.roster import LIBRARIES, Client, chosen
from conformance.watch.trials.scenarios import SCENARIOS, WRONG_KEY, Scenario, texts
from conformance.watch.trials.workers import CannotStart, Worker

OWN_KEY = "sk-reference-measured"
ENOUGH = 3
"""Scenarios that break at a lie, after which no more are tried."""
ASKING = ("openai-sync", "pydantic-ai")
"""Clients that ask for all that any of them asks for."""
PATIENCE, LONG = 8.0, 60.0
"""Seconds for a scenario, and for one in which the client comes again."""
SIDE_BY_SIDE = 3
LIKE = {
    "system": "plain", "developer": "plain", "image": "plain", "agent": "tool", "two-calls": "tool", "usage": "stream",
    "responses-tool": "responses",
}  # fmt: skip
"""Scenarios that are not tried where the lie changes the answers of another like them."""


class Reference(Server):
    """A reference that notes what it is asked, and forgets all between two scenarios."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls: list[Call] = []

    def respond(self, call: Call) -> Any:
        self.calls.append(call)
        return super().respond(call)

    def forget(self) -> None:
        self.calls, self.served, self.left = [], 0, False
        self.stored.clear()
        self.shelves.clear()
        self.responses = KeptResponses()


def reference(lie: Lie | None = None) -> Reference:
    return Reference(routes(), key=OWN_KEY, lie=lie, now=lambda: 1_800_000_000.0)


def wanted() -> list[Lie]:
    """The lies that prove a MUST or a SHOULD, over HTTP; those of a MUST first."""
    levels = {name: check.level for check in reversed([*catalogue().values()]) for name in check.breaks}
    named = [lie for level in (MUST, SHOULD) for name, lie in lies().items() if levels.get(name) == level]
    return [lie for lie in named if not lie.socket]


def answers(calls: list[Call], lie: Lie | None) -> Iterator[Any]:
    """What a fresh reference answers to these calls, one after the other, as it goes over the wire."""
    server = reference(lie)
    for call in calls:
        reply, pieces = server.wire(call, server.respond(call))
        yield reply.status, reply.headers, pieces, reply.ending


class Measuring:
    """One client, its reference, and what it gave where the reference was honest."""

    def __init__(self, client: Client, lines: Path) -> None:
        self._client, self._path = client, lines
        self._scenarios = [SCENARIOS[name] for name in client.offers]
        self._known: dict[str, tuple[dict[str, Any], list[Call], list[Any]]] = {}

    def newest(self, names: Collection[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The versions of the client, and what these lies break, of those that break anything."""
        with self._honest() as versions:
            found = {lie.name: joined(self._breaks(lie)) for lie in wanted() if lie.name in names}
        return versions, {name: lines for name, lines in found.items() if lines}

    def measure(self) -> None:
        done = {line["lie"] for line in kept(self._path)}
        left = [lie for lie in wanted() if lie.name not in done]
        if not left:
            return
        with self._honest() as versions, self._path.open("a", encoding="utf-8") as out:
            if not done:
                out.write(json.dumps({"lie": "", "versions": versions}) + "\n")
            for number, lie in enumerate(left):
                out.write(json.dumps({"lie": lie.name, "breaks": self._breaks(lie)}) + "\n")
                out.flush()
                if number % 100 == 99:
                    print(f"{self._client.name}: {number + 1} of {len(left)}", file=sys.stderr, flush=True)

    def reached(self) -> set[str]:
        """The lies that change any answer that the client asks for."""
        with self._honest():
            return {lie.name for lie in wanted() if self._changed(lie)}

    @contextmanager
    def _honest(self) -> Iterator[dict[str, str]]:
        """The client and its reference, after it did all scenarios with the honest one; gives its versions."""
        prepare(self._client)
        own = variables({KEY: OWN_KEY, WRONG: WRONG_KEY})
        with Served(reference()) as served, Worker(command(self._client), own) as worker:
            self._server, self._base_url, self._worker = served.server, served.base_url, worker
            for scenario in self._scenarios:
                said = self._done(scenario, LONG)
                calls = self._server.calls
                self._known[scenario.name] = said, calls, [*answers(calls, None)]
            yield worker.ready

    def _changed(self, lie: Lie) -> set[str]:
        """The scenarios whose answers a lie changes."""
        return {
            name for name, (_, calls, honest) in self._known.items()
            if any(one != other for one, other in zip(answers(calls, lie), honest, strict=True))
        }  # fmt: skip

    def _breaks(self, lie: Lie) -> list[dict[str, str]]:
        """What breaks with a lie, at most ENOUGH scenarios."""
        changed = self._changed(lie)
        lasting = {name for name in changed if not SCENARIOS[name].retried}
        found: list[dict[str, str]] = []
        self._server.lie = lie
        for scenario in self._scenarios:
            name = scenario.name
            if name not in (lasting or changed) or LIKE.get(name) in changed:
                continue
            said = self._done(scenario, LONG if scenario.retried else PATIENCE)
            honest, calls, _ = self._known[name]
            odd = differences(scenario, said, honest, len(self._server.calls), len(calls))
            if odd:
                found.append({"at": name, "state": odd[0], "why": odd[1]})
            if len(found) == ENOUGH or (said.get("error") or {}).get("class") == "no answer":
                break
        self._server.lie = None
        return found

    def _done(self, scenario: Scenario, seconds: float) -> dict[str, Any]:
        self._server.forget()
        return self._worker.ask(
            {
                "scenario": scenario.name, "base_url": self._base_url, "say": dict(texts(scenario.name)),
                "headers": {STAGE_HEADER: scenario.stage} if scenario.stage else {},
                "model": scenario.model or self._server.models.get(scenario.task, self._server.model),
                "key_env": WRONG if scenario.wrong_key else KEY,
            },
            seconds,
        )  # fmt: skip


def kept(path: Path) -> list[dict[str, Any]]:
    """The lines of what was measured, without a half one at the end."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def write(clients: list[Client], lines: dict[str, Path], reached: Collection[str]) -> list[str]:
    """Write what there is of the clients that were measured on all lies; gives the names of the others. `reached` are the lies that
    change an answer that clients ask for."""
    named, left = [lie.name for lie in wanted()], []
    table: dict[str, Any] = {"versions": {}, "lies": {}, "measured": len(named), "reached": sorted(reached)}
    for client in clients:
        found = {line["lie"]: line for line in kept(lines[client.name])}
        if not found.keys() >= {"", *named}:
            left.append(client.name)
            continue
        table["versions"][client.name] = found[""]["versions"]
        for name in named:
            if broken := found[name]["breaks"]:
                table["lies"].setdefault(name, {})[client.name] = joined(broken)
    save(table)
    return left


def save(table: dict[str, Any]) -> None:
    breaks.TABLE.write_text(json.dumps(table, indent=1, sort_keys=True, ensure_ascii=True) + "\n", "utf-8")


def add_new(clients: list[Client], reached: Collection[str]) -> list[str]:
    """Measure the lies that change an answer and that the file does not have yet, and add what they break; gives the names of clients
    of another version than the file's, which want a measure of all lies."""
    table, names = json.loads(breaks.TABLE.read_text("utf-8")), [lie.name for lie in wanted()]
    left = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        unknown = set(reached) - set(table["reached"])
        for client, (versions, found) in zip(
            clients, pool.map(lambda each: Measuring(each, Path()).newest(unknown), clients), strict=True
        ):
            left += [client.name] if table["versions"].get(client.name) != versions else []
            for name, lines in found.items():
                table["lies"].setdefault(name, {})[client.name] = lines
    table["lies"] = {name: broken for name, broken in table["lies"].items() if name in names}
    if not left:
        save(table | {"measured": len(names), "reached": sorted(reached)})
    return left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--new", action="store_true")
    options = parser.parse_args()
    clients = [each for each in chosen(()) if each.runtime in LIBRARIES]
    lines = {each.name: folder(each).parent / f"measured-{each.name}-{folder(each).name}.jsonl" for each in clients}
    measured = [each for each in chosen(options.client) if each in clients and not (options.write or options.new)]
    failed = threading.Event()

    def measure(each: Client) -> None:
        try:
            Measuring(each, lines[each.name]).measure()
        except (CannotPrepare, CannotStart) as why:
            print(f"{each.name}: {why}", file=sys.stderr)
            failed.set()

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(measure, measured))
    try:
        reached = {name for each in clients if each.name in ASKING for name in Measuring(each, Path()).reached()}
    except (CannotPrepare, CannotStart) as why:
        print(why, file=sys.stderr)
        return 1
    if options.new:
        if left := add_new(clients, reached):
            print(f"another version was measured of {', '.join(left)}: measure all lies", file=sys.stderr)
        return bool(left)
    if left := write(clients, lines, reached):
        print(f"not measured on all lies, and left out: {', '.join(left)}", file=sys.stderr)
    return int(failed.is_set())


if __name__ == "__main__":
    raise SystemExit(main())
