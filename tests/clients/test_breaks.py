"""What was measured of real clients: it names lies and clients that there are, and is looked up by lies."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import lies
from conformance.clients import breaks as room
from conformance.clients.breaks import breaks, measured, versions
from conformance.watch.trials.roster import clients

TABLE = {
    "versions": {"one": {"one-package": "1.2"}, "two": {}},
    "lies": {"a": {"one": ["fails at plain: X"]}, "b": {"one": ["fails at plain: X", "wrong at tool: Y"], "two": ["fails at agent: Z"]}},
}  # fmt: skip


def test_the_table_names_what_there_is():
    table = measured()
    assert table["lies"].keys() <= lies().keys()
    assert table["versions"].keys() <= clients().keys()
    assert {name for broken in table["lies"].values() for name in broken} <= table["versions"].keys()
    assert all(
        line.split(" ")[0] in ("fails", "wrong")
        for broken in table["lies"].values()
        for lines in broken.values()
        for line in lines
    )


def test_the_versions_are_those_that_the_clients_name():
    for name, found in measured()["versions"].items():
        pinned = " ".join(clients()[name].packages)
        assert all(f"=={version}" in pinned or f"@{version}" in pinned for version in found.values()), name


def test_what_breaks_is_looked_up_by_lies_each_line_once(monkeypatch):
    monkeypatch.setattr(room, "measured", lambda: TABLE)
    assert breaks(["a", "b", "nobody"]) == {
        "one": ["fails at plain: X", "wrong at tool: Y"],
        "two": ["fails at agent: Z"],
    }
    assert (versions("one"), versions("two")) == ("1.2", "")


@pytest.mark.parametrize("lie", ["chat-without-choices", "chat-choices-empty"])
def test_what_breaks_whoever_asks_for_completions_breaks_them_in_the_table(lie):
    by_responses = {"ai-sdk-openai"}
    assert measured()["lies"][lie].keys() == measured()["versions"].keys() - by_responses
