"""Searches in users' own words: the right check comes first."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from conformance.areas.catalogue import catalogue
from conformance.cli.main import cli
from conformance.cli.search import search

SEARCHES = {
    "tool call index missing": "tool.delta-index",
    "no DONE at the end of the stream": "stream.done",
    "wrong api key 401": "auth.wrong-key",
    "finish reason missing in stream": "stream.finish",
    "json schema ignored": "structured.schema",
    "error is a string": "error.object",
    "content type of stream": "stream.content-type",
    "tool arguments are an object": "tool.arguments",
    "role repeated in every chunk": "stream.role-once",
    "total tokens wrong sum": "usage.total",
    "created is in milliseconds": "chat.created-seconds",
    "stop sequence in the text": "chat.stop-text",
    "unknown model 404": "model.unknown",
    "n ignored, only one choice": "chat.n",
    "<think> in content": "content.no-thoughts",
    "request id header missing": "http.request-id",
    "markdown fence around json": "structured.bare",
    "answers swapped between requests": "connection.own-answer",
    "content is null in tool call message": "chat.content-null",
    "parallel_tool_calls false ignored": "tool.single",
}
ENOUGH = 18


def test_the_right_check_comes_first_for_words_of_users():
    checks = list(catalogue().values())
    first = {words: search(words, checks)[0].id for words in SEARCHES}
    others = {words: id for words, id in first.items() if id != SEARCHES[words]}
    assert len(SEARCHES) - len(others) >= ENOUGH, others
    lost = {words for words in others if SEARCHES[words] not in [check.id for check in search(words, checks)[:5]]}
    assert lost == set()


def test_explain_takes_words_and_lists_what_they_are_about():
    shown = CliRunner().invoke(cli, ["explain", "tool", "call", "index", "missing"])
    assert shown.exit_code == 0
    assert shown.output.split()[0] == "tool.delta-index"
    assert "openai-conformance explain tool.delta-index" in shown.output


def test_what_is_found_as_json():
    shown = CliRunner().invoke(cli, ["explain", "--json", "markdown fence"])
    assert json.loads(shown.output)[0]["id"] == "structured.bare"


@pytest.mark.parametrize("words", ["xyzzy", "", "???", '"', "a the of"])
def test_words_that_nothing_is_about_are_said_to_be_no_check(words):
    with pytest.raises(Exception, match="there is no check"):
        CliRunner().invoke(cli, ["explain", words], standalone_mode=False, catch_exceptions=False)
