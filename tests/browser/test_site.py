"""The site of the documents in Chromium: what its search finds, the filters of the catalogue, and nothing that axe-core knows.

The site is built anew, unless SITE says where one is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conformance.areas.catalogue import area_of, catalogue
from tests.browser.conftest import AXE, Visit
from tests.browser.test_report import violations
from tests.cli.test_search import ENOUGH, SEARCHES

ROOT = Path(__file__).parents[2]
KINDS = (
    "index.html",
    "catalogue.html",
    "checks/tool.delta-index.html",
    "checks/stream.done.html",
    "checks/embedding.base64.html",
    "checks/rate.retry-after.html",
    "areas/tools.html",
    "endpoints/chat.html",
    "endpoints/embeddings.html",
    "features.html",
    "requirements.html",
    "parity.html",
)
"""A page of each kind."""
ASK = """(words) => new Promise((found) => {
  const hear = ({ data: { type, data } }) => {
    if (type !== 3) return;
    search.removeEventListener("message", hear);
    found(data.items.map(([page]) => page.location));
  };
  search.addEventListener("message", hear);
  search.postMessage({ type: 2, data: words });
})"""
BEGIN = """async () => {
  const index = await (await fetch("search/search_index.json")).json();
  window.search = new Worker(JSON.parse(document.querySelector("#__config").textContent).search);
  const ready = new Promise((heard) => search.addEventListener("message", ({ data }) => data.type === 1 && heard()));
  search.postMessage({ type: 0, data: { config: index.config, docs: index.docs, options: { suggest: true } } });
  await ready;
}"""
"""What the theme's own script does when somebody begins to type."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site."""
    folder = os.environ.get("SITE")
    if not folder:
        pytest.importorskip("material", reason="mkdocs-material is not installed: nox -s browser")
        folder = str(tmp_path_factory.mktemp("site"))
        build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
        subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Address(str):
    """An address where a test opens files."""

    def as_uri(self) -> str:
        return str(self)


@pytest.fixture
def opened(chromium, site):
    """A function that opens a page of the site."""
    visits = []

    def open_page(name: str, **how) -> Visit:
        visits.append(Visit(chromium, Address(site + name), **how))
        return visits[-1]

    yield open_page
    for each in visits:
        each.context.close()


def test_search_finds_the_right_page_first_for_words_of_users_and_for_every_id(opened):
    seen = opened("index.html")
    seen.page.evaluate(BEGIN)
    first = {words: seen.page.evaluate(ASK, words)[0] for words in SEARCHES}
    others = {words: page for words, page in first.items() if page != f"checks/{SEARCHES[words]}.html"}
    assert len(SEARCHES) - len(others) >= ENOUGH, others
    ids = [*catalogue()][::9]
    assert [id for id in ids if seen.page.evaluate(ASK, id)[0] != f"checks/{id}.html"] == []


def test_search_finds_pages_that_are_about_no_check(opened):
    seen = opened("index.html")
    seen.page.evaluate(BEGIN)
    assert seen.page.evaluate(ASK, "golden prompts")[0].startswith("golden.html")
    assert seen.page.evaluate(ASK, "xyzzy") == []


def test_who_types_a_check_finds_its_page(opened):
    seen = opened("index.html")
    seen.page.locator(".md-search__input").click()
    seen.page.keyboard.type("tool.delta-index")
    link = seen.page.locator(".md-search-result__link").first
    link.wait_for()
    assert link.get_attribute("href").partition("?")[0].endswith("checks/tool.delta-index.html")
    assert seen.said == []


@pytest.mark.parametrize(
    ("field", "value"), [("area", "tools"), ("level", "may"), ("endpoint", "embeddings"), ("feature", "json_schema")]
)
def test_the_catalogue_filters(opened, field, value):
    seen = opened("catalogue.html")
    seen.page.select_option(f"#filters [name={field}]", value)
    rows = seen.page.locator("table.checks tbody tr:visible")
    assert 0 < rows.count() < len(catalogue())
    assert seen.page.inner_text("#filters output") == f"{rows.count()} of {len(catalogue())} checks"
    said = rows.evaluate_all("(rows, field) => rows.map((row) => row.dataset[field])", field)
    assert all(value in each.split() for each in said)
    again = opened(f"catalogue.html?{field}={value}")
    assert again.page.locator("table.checks tbody tr:visible").count() == rows.count()
    if field == "area":
        assert rows.count() == sum(area_of(check) == value for check in catalogue().values())


def test_the_catalogue_is_searched_by_words(opened):
    seen = opened("catalogue.html")
    seen.page.fill("#filters [name=words]", "DONE last event")
    assert seen.page.locator("[id='stream.done-is-last']").is_visible()
    assert not seen.page.locator("[id='chat.id']").is_visible()
    seen.page.click("#filters button")
    seen.until("!document.querySelector(\"[id='chat.id']\").hidden")


def test_the_page_of_a_check_says_all_of_it(opened):
    seen = opened("checks/tool.delta-index.html")
    text = seen.page.inner_text("article")
    for words in ("MUST", "Every element of", "openai-python", "openai-node", "TypeError in the stream helper", "A good answer",
                  "A bad answer", "curl -sS -N", "FastAPI", "Express", "How to decline it", '"param": "tools"',
                  "openai/openai-python#2806", "ChatCompletionMessageToolCallChunk", "TOOL-022"):  # fmt: skip
        assert words in text, words
    assert seen.page.locator(".answer.good mark").count() >= 1
    assert seen.page.locator(".answer.bad mark").count() >= 1


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", KINDS)
def test_no_page_scrolls_sideways_complains_or_asks_elsewhere(opened, site, name, width):
    seen = opened(name, width=width)
    seen.page.wait_for_timeout(200)
    assert seen.said == []
    assert [url for url in seen.requests if not url.startswith((site, "data:image/"))] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_core_finds_no_violation(opened, name, scheme):
    if not AXE:
        pytest.skip("axe-core is not installed: nox -s browser")
    seen = opened(name, color_scheme=scheme)
    seen.page.add_script_tag(path=str(Path(AXE) / "axe.min.js"))
    assert violations(seen.page) == []
