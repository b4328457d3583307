"""The figures of the reports, measured: `nox -s report-bench`. Prints a table and fails where one is missed."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.report.comparison import write_comparison
from conformance.report.html import write_html
from conformance.run.run_file import read
from tests.browser import hostile, material
from tests.browser.conftest import AXE, CHROMIUM
from tests.browser.test_report import violations

ROUNDS = 5
USABLE = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
"""Milliseconds from the start of the page's loading until it has been drawn with its script run."""
Row = tuple[str, str, str, bool]


def timed(what) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        what()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def opened(browser, path: Path, *, axe: bool = False) -> tuple[float, int, list[str]]:
    """Seconds until usable (median), messages and requests, violations."""
    took, events = [], 0
    for _ in range(ROUNDS):
        page = browser.new_context(bypass_csp=axe).new_page()
        seen = []
        page.on("console", lambda message, seen=seen: seen.append(message.text))
        page.on("pageerror", lambda error, seen=seen: seen.append(str(error)))
        page.on("request", lambda request, seen=seen: seen.append(request.url))
        page.goto(path.as_uri())
        took.append(page.evaluate(USABLE) / 1000)
        events += sum(not each.startswith(("data:image/svg+xml,", path.as_uri())) for each in seen)
        found = []
        if axe:
            page.add_script_tag(path=str(Path(AXE) / "axe.min.js"))
            found = violations(page)
            page.context.close()
            return 0.0, events, found
        page.context.close()
    return statistics.median(took), events, []


def rows(folder: Path) -> list[Row]:
    from playwright.sync_api import sync_playwright

    lying, honest = material.checks(folder / "lying"), material.checks(folder / "honest", ())
    prompts = material.parity(folder / "parity")
    page, comparison, bad = (folder / name for name in ("index.html", "comparison.html", "hostile.html"))
    built = timed(lambda: write_html(read(lying), page, baseline=read(honest), parity=[read(prompts)]))
    compared = timed(lambda: write_comparison([lying, honest] * 20, comparison))
    strings = hostile.strings()
    checks, golden = material.hostile(folder, strings)
    write_html(read(checks), bad, parity=[read(golden)])
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        usable, noise, _ = opened(browser, page)
        usable_40, noise_40, _ = opened(browser, comparison)
        hits = []
        context = browser.new_context()
        seen = context.new_page()
        seen.expose_function("hit", lambda *_: hits.append(1))
        seen.goto(bad.as_uri())
        seen.wait_for_timeout(500)
        _, _, found = opened(browser, page, axe=True)
        browser.close()
    size, size_40 = page.stat().st_size / 1e6, comparison.stat().st_size / 1e6
    return [
        ("full report (target, baseline, golden set), size", f"{size:.2f} MB", "<= 3 MB", size <= 3),
        ("the same, until usable in Chromium", f"{usable:.2f} s", "<= 1 s", usable <= 1),
        ("building it from the run files", f"{built:.2f} s", "<= 1.5 s", built <= 1.5),
        ("violations that axe-core finds", str(len(found)), "0", not found),
        ("console errors and network requests", str(noise + noise_40), "0", not noise + noise_40),
        (
            "hostile strings tried, executed",
            f"{len(set(strings))}, {len(hits)}",
            ">= 200, 0",
            len(set(strings)) >= 200 and not hits,
        ),
        ("a comparison of 40 runs, size", f"{size_40:.2f} MB", "<= 6 MB", size_40 <= 6),
        ("building it", f"{compared:.2f} s", "<= 2 s", compared <= 2),
        ("the same, until usable in Chromium", f"{usable_40:.2f} s", "<= 2 s", usable_40 <= 2),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(1) as pool:
        table = pool.submit(rows, Path(name)).result()
    for what, seen, wanted, good in table:
        print(f"{'ok    ' if good else 'MISSED'} {what}: {seen} (to reach: {wanted})", flush=True)
    return 0 if all(good for *_, good in table) else 1


if __name__ == "__main__":
    sys.exit(main())
