"""The table while it is filled: a worker a client, each by a door of the proxy, and a cell of what passed by it meanwhile.

It must not send anything itself, nor judge the endpoint: what passed goes into the book, as what a watched program asks does.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.areas.catalogue import catalogue
from conformance.exchange import Exchange
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.verdicts import MAY, MUST, SHOULD
from conformance.reference.staging import STAGE_HEADER
from conformance.run.book import Book
from conformance.run.gate import DIFFERS, NOT_JUDGED
from conformance.run.witness import AREA
from conformance.send.target import Target
from conformance.watch.observed import Seen
from conformance.watch.program import exchange
from conformance.watch.proxy import Proxy
from conformance.watch.trials import sandbox
from conformance.watch.trials.cells import BAD, NOT_OFFERED, NOT_RUN, WORKS, Cell, ruled
from conformance.watch.trials.environments import CannotPrepare, command, folder, prepare, variables
from conformance.watch.trials.roster import LIBRARIES, Client
from conformance.watch.trials.scenarios import WRONG_KEY, Scenario, texts
from conformance.watch.trials.workers import CannotStart, Worker
from conformance.wire.redact import url_secrets

KEY, WRONG = "OPENAI_CONFORMANCE_CLIENT_KEY", "OPENAI_CONFORMANCE_WRONG_KEY"
"""The variables from which workers have the keys; none of a name that a client would read by itself."""
SIDE_BY_SIDE = 4
"""Clients at once."""
STEP = 0.05
LEVELS = (MUST, SHOULD, MAY)


@dataclass
class Trials:
    """What is to be tried, and what came of it. `told` hears of each client that is done, and how many scenarios it did."""

    clients: Sequence[Client]
    scenarios: Sequence[Scenario]
    seconds: float = 60.0
    required: Sequence[str] = ()
    told: Callable[[str], None] = lambda line: None
    start: Callable[[Client], Sequence[str]] = command
    prepare: Callable[[Client], None] = prepare
    cells: list[Cell] = field(default_factory=list)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    """Clients that could not be had, and why."""

    @property
    def lacking(self) -> list[str]:
        """The required clients some scenario of which does not work, or that worked in none."""
        return [name for name in self.required if self._bad(name)]

    @property
    def code(self) -> int:
        """The exit code that the required clients ask for: 0, or 3 where one could not be tried, or 1."""
        if any(self._bad(name) and name not in self.absent for name in self.required):
            return DIFFERS
        return NOT_JUDGED if self.lacking else 0

    def _bad(self, name: str) -> bool:
        states = [cell.state for cell in self.cells if cell.client == name]
        return WORKS not in states or any(state in BAD for state in states)


@dataclass
class _Trial:
    """One client at one scenario: when it began, and what the client gave."""

    scenario: Scenario
    began: float
    said: dict[str, Any]
    seen: list[Exchange] = field(default_factory=list)


class Table:
    """The trials of one run while they are under way."""

    def __init__(self, trials: Trials, target: Target, proxy: Proxy, book: Book) -> None:
        self._trials, self._target, self._proxy, self._book = trials, target, proxy, book
        parts = urlsplit(target.base_url)
        self._path = parts.path
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._secrets = tuple(url_secrets(target.base_url))
        self._done: list[list[_Trial]] = [[] for _ in trials.clients]
        self._seen: list[Seen] = []
        self._workers: set[Worker] = set()
        self._stopped = threading.Event()

    def fill(self) -> tuple[int, int]:
        """Try all; how many exchanges were lost, and how many there were."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            longest_first = sorted(enumerate(self._trials.clients), key=lambda each: -each[1].promises)
            under_way: list[Future[None]] = [pool.submit(self._try, *each) for each in longest_first]
            try:
                while not all(each.done() for each in under_way):
                    self._keep(self._proxy.next(STEP))
            except BaseException:  # Ctrl-C: nobody waits for what a client is about, and what passed is kept
                self._stop()
                self._place()
                for x in self._passed():
                    self._book.keep(x)
                raise
            for each in under_way:
                each.result()
        self._proxy.stop()
        while self._proxy.over is None:
            self._keep(self._proxy.next(STEP))
        self._judge()
        return self._proxy.over.lost, len(self._seen)

    def _stop(self) -> None:
        self._stopped.set()
        for worker in [*self._workers]:
            worker.kill()

    def _keep(self, seen: Seen | None) -> None:
        if seen is not None:
            self._seen.append(seen)

    # ------------------------------------------------------------------ a client, in a thread of its own

    def _try(self, door: int, client: Client) -> None:
        offered = [each for each in self._trials.scenarios if each.name in client.offers]
        address = self._proxy.addresses[door] + self._path
        try:
            if self._stopped.is_set():
                return
            self._trials.prepare(client)
            own = {WRONG: WRONG_KEY} | ({KEY: self._target.key} if self._target.key else {})
            with Worker(self._command(client, door), variables(own)) as worker:
                self._trials.versions[client.name] = worker.ready
                self._workers.add(worker)
                for scenario in offered:
                    if self._stopped.is_set():
                        return
                    if scenario.stage and not self._target.stages:
                        continue
                    began = time.time()
                    said = worker.ask(self._asked(scenario, address), self._trials.seconds)
                    self._done[door].append(_Trial(scenario, began, said))
            self._trials.told(f"{client.name}: {len(self._done[door])} scenarios")
        except (CannotPrepare, CannotStart) as why:
            self._trials.absent[client.name] = str(why)
            self._trials.told(f"{client.name} is left out: {why}")

    def _command(self, client: Client, door: int) -> Sequence[str]:
        """What starts the client's worker; that of a program in a sandbox, where there is one."""
        started, ways = self._trials.start(client), self._proxy.ways
        if client.runtime in LIBRARIES:
            return started
        if ways is None:
            self._trials.told(f"{client.name} runs without a sandbox: {sandbox.why_not()}")
            return started
        port = urlsplit(self._proxy.addresses[door]).port
        assert port is not None
        return sandbox.within(started, folder(client), port, str(Path(ways, str(door))))

    def _asked(self, scenario: Scenario, address: str) -> dict[str, Any]:
        headers = dict(self._target.headers) | ({STAGE_HEADER: scenario.stage} if scenario.stage else {})
        return {
            "scenario": scenario.name, "base_url": address, "headers": headers, "say": dict(texts(scenario.name)),
            "model": scenario.model or self._target.models.get(scenario.task, self._target.model),
            "key_env": WRONG if scenario.wrong_key else KEY,
        }  # fmt: skip

    # ------------------------------------------------------------------ what came of it

    def _place(self) -> None:
        """Make exchanges of what passed, each of the trial in which it began."""
        for seen in sorted(self._seen, key=lambda each: (each.door, each.started)):
            trials = self._done[seen.door]
            place = bisect_right([trial.began for trial in trials], seen.started) - 1
            if place >= 0:
                trial = trials[place]
                name = self._trials.clients[seen.door].name
                id = f"{name}/{trial.scenario.name}#{len(trial.seen) + 1}"
                trial.seen.append(exchange(seen, id, self._origin, self._secrets))

    def _passed(self) -> list[Exchange]:
        """All exchanges, in the order of the table."""
        return [x for trials in self._done for trial in trials for x in trial.seen]

    def _judge(self) -> None:
        """Take what passed into the book, and make the cells."""
        self._place()
        broken = {id(x) for trials in self._done for trial in trials if trial.scenario.broken for x in trial.seen}
        for x in self._passed():
            if id(x) not in broken:
                self._book.take_recorded(x)
            self._book.keep(x)
        for door, client in enumerate(self._trials.clients):
            self._trials.cells += [self._cell(client, door, scenario) for scenario in self._trials.scenarios]

    def _cell(self, client: Client, door: int, scenario: Scenario) -> Cell:
        trial = next((each for each in self._done[door] if each.scenario is scenario), None)
        if scenario.name not in client.offers:
            return Cell(client.name, scenario.name, NOT_OFFERED)
        if trial is None:
            why = self._trials.absent.get(client.name) or "only the reference brings it about"
            return Cell(client.name, scenario.name, NOT_RUN, why)
        state, words = ruled(scenario, trial.said, trial.seen)
        ids = tuple(x.id for x in trial.seen)
        checks = failing(trial.seen) if state in BAD and not scenario.broken else ()
        return Cell(client.name, scenario.name, state, self._target.redactor.text(words), ids, checks)


def failing(exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """The ids of the checks that fail on these exchanges, the strictest first, but for those of what the official client makes of them."""
    court = Judge((check for check in catalogue().values() if check.area != AREA), RECORDED)
    for x in exchanges:
        court.add(x)
    red = [verdict.check for verdict in court.finish() if verdict.outcome == "fail"]
    return tuple(check.id for check in sorted(red, key=lambda check: LEVELS.index(check.level)))
