"""The check of the site finds what is wrong with one."""

from __future__ import annotations

from conformance.areas.catalogue import catalogue, features
from conformance.areas.requirements import requirements
from tests.whole.site_check import wrong


def written(folder, index: str):
    anchors = {"catalogue": catalogue(), "features": features(), "requirements": requirements()}
    for name, ids in anchors.items():
        (folder / f"{name}.html").write_text("".join(f'<a id="{id}"></a>' for id in ids), "utf-8")
    (folder / "checks").mkdir(exist_ok=True)
    for id in catalogue():
        (folder / "checks" / f"{id}.html").touch()
    (folder / "index.html").write_text(index, "utf-8")
    return wrong(folder)


def test_a_good_site(tmp_path):
    assert written(tmp_path, '<h1 id="a">A</h1><a href="#a"></a><a href="catalogue.html#stream.done"></a>') == []
    assert (
        written(tmp_path, '<a href="https://example.org/x"></a><link rel="canonical" href="https://example.org">') == []
    )


def test_what_leads_nowhere_and_what_is_fetched(tmp_path):
    assert written(tmp_path, '<a href="gone.html"></a>') == ["index.html: gone.html leads nowhere"]
    assert written(tmp_path, '<a href="#b"></a>') == ["index.html: #b has no such anchor"]
    assert written(tmp_path, '<img src="gone.png">') == ["index.html: gone.png leads nowhere"]
    assert written(tmp_path, '<script src="https://cdn.example/x.js"></script>') == [
        "index.html: fetches https://cdn.example/x.js"
    ]


def test_a_check_without_an_anchor(tmp_path):
    written(tmp_path, "")
    page = tmp_path / "catalogue.html"
    page.write_text(page.read_text("utf-8").replace('id="stream.done"', ""), "utf-8")
    assert wrong(tmp_path) == ["catalogue.html: no anchor stream.done"]


def test_a_check_without_a_page(tmp_path):
    written(tmp_path, "")
    (tmp_path / "checks" / "stream.done.html").unlink()
    assert wrong(tmp_path) == ["checks/stream.done.html is not there"]
