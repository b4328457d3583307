"""Sessions that measure: each is a module of benchmarks/ (or one that writes again what the tests hold), and arguments go to it."""

from __future__ import annotations

import nox
from sessions.installing import for_browser, for_node, install

MEASURES = {
    "bench": "Measure the project's figures and print them; fails where one is missed.",
    "watch-bench": "Measure what the proxy of `watch` costs beside a direct connection, and whether it changes a byte.",
    "load-bench": "Measure whether `load` finds answers swapped now and then, and blames nobody else (`-- N`: N runs, not 20).",
    "load-overhead": "Measure what `load` adds to the time to the first token at 64 in flight, beside a bare client (`-- ROUNDS`).",
    "damage": "Take N damaged answers (50,000), drawn by SEED, of all ROUTEs or some, through judge, features, budget and client.",
    "hostile": "Run against every hostile behaviour (half an hour), or those with a WORD in their name; prints the worst CPU and memory.",
    "kills": "Kill N commands (200) at moments drawn by SEED, in three ways; fails where an exchange is lost, or anything is left behind.",
    "soundness": "Judge a FOLDER of recordings; fails where a MUST check calls genuine OpenAI traffic wrong, or a verdict is broken.",
    "recall": "Say which of the public bugs in FILE (one JSON object a line) the suite catches; fails below 95 %.",
    "explore-power": "Measure what `explore` finds: nothing on the honest reference, and lies drawn at random; fails where one is missed.",
    "diagnosis": "Measure how often lies of the reference are diagnosed as themselves; of FILEs, how many causes their red checks have.",
}
SNAPSHOTS = {
    "snapshots": "Write again what tests/ holds of the judge: words about new lies and those with WORD in their name, what a check judges.",
    "rendered": "Write again what tests/ holds of the reports' texts, of the same recorded runs; `-- --runs` records these anew.",
}


def module_of(name: str) -> str:
    return f"{'tests.support' if name in SNAPSHOTS else 'benchmarks'}.{name.replace('-', '_')}"


def measure(name: str, says: str) -> None:
    """Make a session that hands its arguments to the module of its name."""

    def session_of_it(session: nox.Session) -> None:
        install(session, "test")
        session.run("python", "-m", module_of(name), *session.posargs)

    session_of_it.__doc__ = says
    nox.session(session_of_it, name=name)


for each, what in (MEASURES | SNAPSHOTS).items():
    measure(each, what)


@nox.session
def mutants(session: nox.Session) -> None:
    """Draw N random mutations (200) of the package by SEED, run the tests that reach each, print what no test notices (an hour).

    It goes on where it was interrupted; `--show` prints what is known so far, `--again` tries on new tests what survived."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.mutants.measure", session.create_tmp(), *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Let every real library client do every scenario at the reference, and print the time; fails where one does not work. With `measure`,
    what each lie of the reference breaks in which of them (goes on where it was interrupted)."""
    install(session, "test", "nox")
    what, words = ("measure", session.posargs[1:]) if session.posargs[:1] == ["measure"] else ("table", session.posargs)
    session.run("python", "-m", f"benchmarks.clients.{what}", *words)


@nox.session
def drift(session: nox.Session) -> None:
    """Say what a newer openapi.yaml adds, removes and retypes since the one that the suite was made by: `nox -s drift -- FILE`."""
    install(session)
    session.run("python", "-m", "conformance.specification.drift", *session.posargs, success_codes=[0, 1])


@nox.session
def sdks(session: nox.Session) -> None:
    """Measure what both official SDKs make of every lie of the reference (minutes; needs Node). `-- --check` writes nothing."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.sdks.measure", for_node(session), *session.posargs)


@nox.session(name="report-bench")
def report_bench(session: nox.Session) -> None:
    """Measure the figures of the reports and print them; fails where one is missed."""
    session.run("python", "-m", "benchmarks.report_bench", env=for_browser(session))


@nox.session
def example(session: nox.Session) -> None:
    """Build reports/example and the pictures of it: a lying reference beside recorded runs of vLLM (arguments: other runs)."""
    environment = for_browser(session)
    session.run("python", "-m", "benchmarks.example", *session.posargs, env=environment)
