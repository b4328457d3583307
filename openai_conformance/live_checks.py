"""The checks as items beside one's own tests: one run for a session, whatever process comes to it first, and a verdict an item."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.run.run_file import Run, read
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge

if TYPE_CHECKING:
    from conformance.judge.verdicts import Check

WAIT = 24 * 3600.0
"""Seconds that a process waits for another that sends: longer than any run, whose own limits end it."""
FOUND = "checks.jsonl"
MARK = "always::openai_conformance.live_checks.NotConforming"
"""Whatever a project makes of warnings, one of ours is no failure."""


class NotConforming(UserWarning):
    """A requirement is not met that is no MUST."""


def checks_of(only: Sequence[str]) -> list[Check]:
    """The checks of these areas and ids. Raises UserError."""
    from conformance.run.selection import chosen

    return chosen(only)


def parametrized(metafunc: pytest.Metafunc, only: Sequence[str]) -> None:
    """Let a test be run once a check, named by its id."""
    marks = pytest.mark.filterwarnings(MARK)
    each = [pytest.param(check.id, id=check.id, marks=marks) for check in checks_of(only)]
    metafunc.parametrize("openai_check", each, indirect=True)


class LiveRun:
    """What the run found, or why there is none. `told`: this process has failed one item for it already."""

    def __init__(self, run: Run | None, why: str = "") -> None:
        from conformance.report.causes.cause import by_check, causes
        from conformance.report.rows import rows

        self.why, self.told = why, False
        self.run = run
        self.rows = {row.id: row for row in rows(run)} if run else {}
        self.causes = by_check(causes(run)) if run else {}
        code = (run.footer or {}).get("exit_code") if run else None
        if run is not None and code == 3:
            self.why = (run.footer or {}).get("unusable") or "not all that was asked for could be judged"

    @classmethod
    def of(cls, session: pytest.Session, given: Mapping[str, Any], folder: Path) -> LiveRun:
        """The run of this session, for the checks whose items are left; done once for all processes that share the folder."""
        found, failed = folder / FOUND, folder / "checks.failed"
        with _one_at_a_time(folder / "checks.lock"):
            if not found.exists() and not failed.exists():
                try:
                    # In a thread of its own, so that the event loops of this one stay as they are.
                    with ThreadPoolExecutor(1) as apart:
                        file = apart.submit(_conducted, given, _wanted(session), folder).result()
                    found.write_bytes(file.read_bytes())
                except (CannotJudge, UserError) as error:
                    failed.write_text(str(error), "utf-8")
        return cls(None, failed.read_text("utf-8")) if failed.exists() else cls(read(found))


def unjudged(folder: Path) -> list[str]:
    """Why the run of the checks, whichever process did it, is not green though no item may have failed."""
    why = LiveRun(read(folder / FOUND)).why if (folder / FOUND).exists() else ""
    return [f"the checks: {why}"] if why else []


def _wanted(session: pytest.Session) -> list[Check]:
    specs = [getattr(item, "callspec", None) for item in session.items]
    ids = {spec.params["openai_check"] for spec in specs if spec is not None and "openai_check" in spec.params}
    return [check for check in checks_of(()) if check.id in ids]


def _conducted(given: Mapping[str, Any], checks: list[Check], folder: Path) -> Path:
    from conformance.report.files import write_reports
    from conformance.run import conductor
    from conformance.run.options import Options
    from openai_conformance.judging import quiet

    options = Options.make({"report": str(folder / "checks"), **given})
    reports: conductor.Reports = write_reports if "report" in given else lambda folder, baseline: []
    with quiet():
        return conductor.conduct(options, checks, reports=reports).files[0]


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold back all other processes that come here. A lock of the operating system, as sqlite3 takes them on every one: it ends with
    the process that holds it."""
    with closing(sqlite3.connect(lock, timeout=WAIT, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        yield


class Checked:
    """One check and what the run found."""

    def __init__(self, id: str, live: LiveRun) -> None:
        self.id, self._live = id, live

    def verify(self) -> None:
        """Pass, fail, skip, warn, or fail as expected where the deviation is known."""
        live = self._live
        if live.run is None or self.id not in live.rows:
            live.told, told = True, live.told
            if told:
                pytest.skip(f"not judged: {live.why}")
            pytest.fail(f"not judged: {live.why}", pytrace=False)
        row = live.rows[self.id]
        if row.red:
            from conformance.report.details import failure_text

            pytest.fail(row.complaint or failure_text(row, live.run, live.causes.get(row.id)), pytrace=False)
        if row.state == "known":
            pytest.xfail(row.known)
        if row.warns:
            import warnings

            warnings.warn(NotConforming(f"{row.id}: {row.requirement} {row.problems[0].message}"), stacklevel=2)
        elif row.state != "pass":
            pytest.skip(row.reason)
