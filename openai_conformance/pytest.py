"""The pytest plugin for one's own suite: off unless asked for, by `-p openai_conformance.pytest` or `addopts` with that in it.

Tests take the fixture `openai_endpoint` and get clients whose exchanges are judged at the end of the session; a test that takes
`openai_check` is run once for each check, on one run against the same endpoint. With pytest-xdist the processes share a folder:
what they recorded is judged together, and one of them sends what the checks need.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.run.user_error import UserError
from openai_conformance.collected import Collected, judged
from openai_conformance.endpoint import Endpoint
from openai_conformance.live_checks import Checked, LiveRun, checks_of, parametrized, unjudged
from openai_conformance.recorder import Recorder
from openai_conformance.said import Ended, report

PREFIX = "openai_conformance"
OPTIONS = {
    "base_url": ("URL", "The endpoint of the fixtures, up to and with its /v1."),
    "api_key_env": ("NAME", "The environment variable that holds its key.  [OPENAI_API_KEY]"),
    "known": ("FILE", "Known deviations (TOML): listed and failing is expected, listed and passing is red."),
    "fail_on": ("must|should|none", "What fails the session at the end: a MUST that fails, a SHOULD too, or nothing.  [must]"),
    "only": ("AREA-or-ID,...", "Judge by these checks alone."),
    "depth": ("quick|normal|deep", "How much the fixture openai_check asks.  [normal]"),
    "wait": ("SECONDS", "How long openai_check waits for an endpoint that is loading, or not there yet.  [60]"),
    "report": ("DIR", "Write the reports there: recorded/ of the tests' own traffic, checks/ of the checks'."),
}  # fmt: skip
"""What may be given, each as --openai-conformance-NAME and as the ini line openai_conformance_NAME; the former wins."""
STATE = pytest.StashKey["State"]()


class State:
    """What this process knows of the session."""

    def __init__(self, config: pytest.Config) -> None:
        self.given = {name: _given(config, name) for name in OPTIONS}
        shared = getattr(config, "workerinput", {}).get(PREFIX)
        self.leads = shared is None
        self.folder = Path(shared or tempfile.mkdtemp(prefix="openai-conformance-"))
        self.collected = Collected(self.folder, os.environ.get("PYTEST_XDIST_WORKER", "main"))
        self.ended: list[Ended] = []
        self.live: LiveRun | None = None

    @property
    def key(self) -> str | None:
        return os.environ.get(self.given["api_key_env"] or "OPENAI_API_KEY", "").strip() or None

    def options(self, kind: str) -> dict[str, Any]:
        """The options of a run of a kind, recorded or checks, as `Options.make` takes them."""
        fail_on = self.given["fail_on"]
        said = {"known": self.given["known"], "fail_on": None if fail_on == "none" else fail_on, "only": self.only()}
        if self.given["report"]:
            said["report"] = str(Path(self.given["report"]) / kind)
        return {name: value for name, value in said.items() if value}

    def only(self) -> tuple[str, ...]:
        return tuple(filter(None, ((self.given["only"] or "").replace(",", " ")).split()))


def _given(config: pytest.Config, name: str) -> str | None:
    value = config.getoption(f"{PREFIX}_{name}") or config.getini(f"{PREFIX}_{name}")
    return str(value) if value else None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("openai-conformance", "judging what tests ask of an OpenAI-compatible endpoint")
    for name, (metavar, words) in OPTIONS.items():
        flag = f"--openai-conformance-{name.replace('_', '-')}"
        group.addoption(flag, dest=f"{PREFIX}_{name}", metavar=metavar, help=words, default=None)
        parser.addini(f"{PREFIX}_{name}", words, default="")


def pytest_configure(config: pytest.Config) -> None:
    try:
        state = State(config)
        config.stash[STATE] = state
        if state.given["fail_on"] not in (None, "must", "should", "none"):
            raise UserError("--openai-conformance-fail-on is must, should or none")
        if state.given["depth"] not in (None, "quick", "normal", "deep"):
            raise UserError("--openai-conformance-depth is quick, normal or deep")
        if state.only():
            checks_of(state.only())
        if state.given["known"]:
            from conformance.run import known

            known.load(state.given["known"])
    except UserError as mistake:
        raise pytest.UsageError(f"openai-conformance: {mistake}") from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: tell a worker where the others are."""
    node.workerinput[PREFIX] = str(node.config.stash[STATE].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    state = config.stash.get(STATE, None)
    if state is not None:
        state.collected.close()
        if state.leads:
            shutil.rmtree(state.folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    collected = item.config.stash[STATE].collected
    collected.test = item.nodeid
    try:
        return (yield)
    finally:
        collected.test = "session"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "openai_check" in metafunc.fixturenames:
        parametrized(metafunc, metafunc.config.stash[STATE].only())


# ---------------------------------------------------------------------- fixtures


@pytest.fixture(scope="session")
def openai_conformance_base_url(pytestconfig: pytest.Config) -> str:
    """The endpoint, up to and with its /v1. Define a fixture of this name where a fixture of yours starts it."""
    url = pytestconfig.stash[STATE].given["base_url"]
    if not url:
        pytest.fail(
            "no endpoint is named: give --openai-conformance-base-url, or define a session fixture openai_conformance_base_url",
            pytrace=False,
        )
    return str(url)


@pytest.fixture(scope="session")
def openai_endpoint(openai_conformance_base_url: str, pytestconfig: pytest.Config) -> Endpoint:
    """Clients of the endpoint, httpx and the official SDK: what they send and get is judged at the end of the session."""
    state = pytestconfig.stash[STATE]
    recorder = Recorder(name=state.collected.name, on_exchange=state.collected.take)
    return Endpoint(openai_conformance_base_url, state.key, recorder)


@pytest.fixture
def openai_check(request: pytest.FixtureRequest, openai_conformance_base_url: str) -> Checked:
    """One check: `openai_check.verify()` passes, fails, skips or warns as it found. A test that takes it is run for each of them."""
    state = request.config.stash[STATE]
    if state.live is None:
        given = state.options("checks") | {"base_url": openai_conformance_base_url}
        given |= {name: state.given[name] for name in ("api_key_env", "depth", "wait") if state.given[name]}
        state.live = LiveRun.of(request.session, given, state.folder)
    return Checked(str(request.param), state.live)


# ---------------------------------------------------------------------- the end


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    state = session.config.stash.get(STATE, None)
    if state is None or session.config.option.collectonly:
        return
    state.collected.close()
    if state.leads:
        state.ended = [*_of_recorded(state), *(Ended(None, why, True) for why in unjudged(state.folder))]
        if any(each.red for each in state.ended) and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _of_recorded(state: State) -> Iterator[Ended]:
    """What the traffic of the tests came to, where there was any."""
    if (recording := state.collected.put_together()) is not None:
        try:
            yield Ended.of(judged(recording, state.options("recorded")), state.given["fail_on"] or "must")
        except UserError as mistake:
            yield Ended(None, str(mistake), True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (state := config.stash.get(STATE, None)) is not None:
        for ended in state.ended:
            report(ended, terminalreporter, state.given["report"])
