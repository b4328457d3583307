"""The pytest face: one item a check, named by its id, with its level and area as markers.

All requests of a session are sent once, before the first item runs, and only those that the items at hand need. Nothing
here judges; pytest shows and counts what run/conductor.py found.
"""

from __future__ import annotations

from argparse import ArgumentError
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.areas.catalogue import catalogue
from conformance.cli import github
from conformance.judge.verdicts import Check
from conformance.report.causes.cause import by_check, causes
from conformance.report.details import failure_text
from conformance.report.files import write_reports, write_unjudged
from conformance.report.rows import LEVELS, Row, feature_rows, remarks, rows
from conformance.report.verdict import verdict
from conformance.run import conductor, gate, known
from conformance.run.configuration import configured
from conformance.run.last_run import placed, wanted
from conformance.run.options import Options, declared
from conformance.run.run_file import Run, read
from conformance.run.selection import required
from conformance.run.user_error import UserError
from conformance.run.words import several, target
from conformance.send.cannot_judge import CannotJudge

SUITE = Path(__file__).parent / "cli" / "suite" / "test_conformance.py"
SHARED = ("strict", "quiet", "verbose")
"""Options whose words pytest has, too: it reads them, and so do we."""
COMMAND_ALONE = ("dry_run", "watch", "watch_file", "format")
"""Options that pytest has its own for (--collect-only), or that outlive a session."""


class Session:
    """What one pytest session found: the run as read back, its rows by check, its files."""

    def __init__(self, run: Run, files: list[Path]) -> None:
        self.run, self.files = run, files
        self.rows = {row.id: row for row in rows(run)}
        self.causes = by_check(causes(run))


OPTIONS = pytest.StashKey[Options]()
WANTED = pytest.StashKey[list[Check]]()
SESSION = pytest.StashKey[Session]()
GUARD = pytest.StashKey[ExitStack]()
ALONE = pytest.StashKey[bool]()
"""Set where pytest-xdist was told to start workers, and will not."""


class NotConforming(UserWarning):
    """A requirement is not met that is no MUST."""


class Failed(Exception):
    """An item's verdict is red; the message is all that pytest shows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "judging an OpenAI-compatible endpoint")
    for name, flag, about, _ in declared():
        if name in SHARED + COMMAND_ALONE:
            continue
        kind = {"metavar": about["metavar"], "action": "append" if about["many"] else "store"}
        try:
            group.addoption(flag, dest=f"conformance_{name}", help=about["help"], default=None, **kind)
        except (ValueError, ArgumentError):
            message = f"{flag} is an option of another pytest plugin already: leave that one out with -p no:ITS-NAME"
            raise pytest.UsageError(message) from None


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist starts its workers
def pytest_configure(config: pytest.Config) -> None:
    given = {
        name: config.getoption(f"conformance_{name}") for name, *_ in declared() if name not in SHARED + COMMAND_ALONE
    }
    given["strict"] = "--strict" in config.invocation_params.args
    if (given["base_url"] or given["replay"]) and config.args_source != config.ArgsSource.ARGS:
        config.args = [str(SUITE)]
    for level in LEVELS:
        config.addinivalue_line("markers", f"{level}: checks of level {level.upper()}")
    if not any(_holds_suite(config, argument) for argument in config.args):
        return
    try:
        config.stash[OPTIONS] = options = Options.make(configured(given, but=COMMAND_ALONE))
        config.stash[WANTED] = wanted(options)
        required(options.require, options.profile)
        if options.known:
            known.load(options.known)
    except UserError as mistake:
        raise pytest.UsageError(str(mistake)) from None
    for area in dict.fromkeys(check.area for check in catalogue().values()):
        config.addinivalue_line("markers", f"{area}: checks of the area {area.upper()}")
    if getattr(config.option, "tx", None) or getattr(config.option, "numprocesses", None):
        # Each worker would send all requests again, and judging takes a second.
        config.option.tx, config.option.dist, config.option.numprocesses = [], "no", None
        config.stash[ALONE] = True


def pytest_sessionstart(session: pytest.Session) -> None:
    """From here on the output may hold what an endpoint said, until pytest is done with it."""
    config = session.config
    if OPTIONS in config.stash and config.pluginmanager.has_plugin("terminalreporter"):
        config.stash[GUARD] = ExitStack()
        config.stash[GUARD].enter_context(github.guarded(config.get_terminal_writer().line))


def pytest_unconfigure(config: pytest.Config) -> None:
    if GUARD in config.stash:
        config.stash[GUARD].close()
        if (session := config.stash.get(SESSION, None)) is not None:
            github.tell(session.run, config.stash[OPTIONS].report, config.get_terminal_writer().line)


def pytest_report_header(config: pytest.Config) -> str | None:
    if config.stash.get(ALONE, False):
        return "conformance: -n is left out, all requests are sent concurrently by one process"
    return None


def _holds_suite(config: pytest.Config, argument: str) -> bool:
    return SUITE.is_relative_to((config.invocation_params.dir / argument.partition("::")[0]).resolve())


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return Checks.from_parent(parent, path=module_path, nodeid="conformance") if module_path == SUITE else None


class Checks(pytest.File):
    """The items of the catalogue, or of the part that --only names."""

    def collect(self) -> Iterator[pytest.Item]:
        for check in self.config.stash[WANTED]:
            item = Item.from_parent(self, name=check.id, check=check)
            item.add_marker(check.level)
            item.add_marker(check.area)
            # Whatever a project makes of warnings, one of ours is no failure without --strict.
            item.add_marker(pytest.mark.filterwarnings("always::conformance.plugin.NotConforming"))
            yield item
        options = self.config.stash[OPTIONS]
        for name in required(options.require, options.profile):
            yield RequiredFeature.from_parent(self, name=f"feature.{name}")


class Item(pytest.Item):
    """One check and, once the session's run is done, its verdict."""

    def __init__(self, *, check: Check, **more: object) -> None:
        super().__init__(**more)
        self.check = check

    def runtest(self) -> None:
        session = _judged(self)
        row = session.rows[self.check.id]
        if row.red:
            raise Failed(row.complaint or failure_text(row, session.run, session.causes.get(row.id)))
        if row.state == "known":
            pytest.xfail(row.known)
        if row.state != "pass" and not row.warns:
            pytest.skip(row.reason)
        if row.warns:
            self.warn(NotConforming(_warning(row)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> object:
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, "short")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


class RequiredFeature(pytest.Item):
    """A feature that --require or --profile names: it must be supported."""

    def runtest(self) -> None:
        name = self.name.removeprefix("feature.")
        row = next(row for row in feature_rows(_judged(self).run) if row.name == name)
        if row.unmet:
            raise Failed(f"{row.name} is {row.decision}: {row.why}  [{several(row.exchanges)}]\n{row.what}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> object:
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, "short")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


def _judged(item: pytest.Item) -> Session:
    """What the one run of this session found; the first item that asks starts it."""
    if SESSION not in item.config.stash:
        item.config.stash[SESSION] = _conduct(item.session)
    return item.config.stash[SESSION]


def _warning(row: Row) -> str:
    return f"{row.id} ({row.level.upper()}): {row.requirement} {row.problems[0][1]}"


def _conduct(session: pytest.Session) -> Session:
    """The one run of this session, for the checks whose items are left after -k, -m and --only."""
    checks = [item.check for item in session.items if isinstance(item, Item)]
    session.config.stash[OPTIONS] = options = placed(session.config.stash[OPTIONS], checks)
    try:
        outcome = conductor.conduct(options, checks, reports=write_reports)
    except CannotJudge as error:
        write_unjudged(Path(options.report), str(error))
        pytest.exit(str(error), returncode=gate.NOT_JUDGED)
    except UserError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    found = Session(read(outcome.files[0]), outcome.files)
    if found.run.footer["unusable"] and outcome.exit_code == gate.NOT_JUDGED:
        session.config.stash[SESSION] = found
        pytest.exit(found.run.footer["unusable"], returncode=gate.NOT_JUDGED)
    return found


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Skips alone are green to pytest; where the gate says that not all was judged, they are not."""
    found = session.config.stash.get(SESSION, None)
    if found and found.run.footer["exit_code"] == gate.NOT_JUDGED and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = gate.NOT_JUDGED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    session = config.stash.get(SESSION, None)
    if session is not None:
        word, why = verdict(session.run)
        terminalreporter.section("conformance")
        terminalreporter.line(f"{word}  {target(session.run)}: {why}")
        for remark in remarks(session.run):
            terminalreporter.line(remark)
        terminalreporter.line(f"Report: {session.files[-1]}, with run.jsonl and junit.xml beside it")
