"""The reports of a run, written into its folder: for CI systems, for the README, for people."""

from __future__ import annotations

import contextlib
from pathlib import Path

from conformance.run.report_names import BADGE, HTML, JUNIT, OPERATORS, QUALITY, RUN, SARIF, VIEWS
from conformance.run.run_file import Run, read


def write_reports(folder: Path, baseline: Run | None) -> list[Path]:
    """Write them from the run file in the folder, beside a baseline, the shipped one by default. Gives the files. Raises OSError."""
    # Imported once there is something to report: templates take longer to load than a dead endpoint to be found out.
    from conformance.report.badge import write_badge
    from conformance.report.bodies import write_bodies
    from conformance.report.html import shipped_baseline, write_html
    from conformance.report.junit import write_junit
    from conformance.report.operators import write_operators
    from conformance.report.production import Production
    from conformance.report.quality import write_quality
    from conformance.report.sarif import write_sarif

    run = read(folder / RUN)
    write_bodies(run, folder)
    write_junit(run, folder / JUNIT)
    write_sarif(run, folder / SARIF)
    write_quality(run, folder / QUALITY)
    write_badge(run, folder / BADGE)
    without = () if write_operators(Production(run), folder / OPERATORS) else (OPERATORS,)
    write_html(run, folder / HTML, baseline=baseline or shipped_baseline())
    return [folder / name for name in VIEWS if name not in without]


def write_unjudged(folder: Path, why: str) -> None:
    """Write what CI systems read of a run that could not be judged; nothing where the folder cannot be written, which is not the
    worse news."""
    from conformance.report import junit

    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        junit.write_unjudged(why, folder / JUNIT)
