"""A real Chromium, and the pages that the tests look at."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.report.comparison import write_comparison
from conformance.report.html import write_html
from conformance.run.run_file import read

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("AXE_CORE")
"""The folder of axe-core's package, which the nox session installs."""


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: nox -s browser")
    if not CHROMIUM:
        pytest.skip("there is no Chromium: nox -s browser installs it where it may")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """An open page, and what went on in it: requests, messages of the console, errors, calls of `hit()`."""

    def __init__(self, browser, path: Path, *, fragment: str = "", width: int = 1440, **context) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **context)
        self.page = self.context.new_page()
        self.requests, self.said, self.hits = [], [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.hits.append(dialog.message), dialog.dismiss()))
        if context.get("java_script_enabled", True):
            self.page.expose_function("hit", lambda *_: self.hits.append("hit"))
        self.address = path.as_uri()
        self.page.goto(self.address + fragment)

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def until(self, true: str) -> None:
        """Wait for a condition in the page; its policy forbids Playwright's own way, which evaluates text there."""
        for _ in range(100):
            if self.page.evaluate(true):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came true: {true}")

    def elsewhere(self) -> list[str]:
        """Requests but for the page itself and what it has inside it."""
        return [url for url in self.requests if not url.startswith((self.address, "data:image/"))]


@pytest.fixture
def visit(chromium):
    """A function that opens a page."""
    opened = []

    def open_page(path: Path, **how) -> Visit:
        opened.append(Visit(chromium, path, **how))
        return opened[-1]

    yield open_page
    for each in opened:
        each.context.close()


@pytest.fixture(scope="session")
def runs(chromium, tmp_path_factory):
    """The run files of a lying target, its honest baseline and their golden prompts."""
    from tests.browser import material

    folder = tmp_path_factory.mktemp("runs")
    with ThreadPoolExecutor(1) as pool:  # Playwright keeps an event loop in this thread
        return (
            pool.submit(material.checks, folder / "lying").result(),
            pool.submit(material.checks, folder / "honest", ()).result(),
            pool.submit(material.parity, folder / "parity").result(),
        )


@pytest.fixture(scope="session")
def page(runs, tmp_path_factory) -> Path:
    """The full report of a run: target, baseline, golden prompts."""
    target, baseline, parity = map(read, runs)
    path = tmp_path_factory.mktemp("page") / "index.html"
    write_html(target, path, baseline=baseline, parity=[parity])
    return path


@pytest.fixture(scope="session")
def comparison(runs, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    write_comparison(runs[:2], path)
    return path
