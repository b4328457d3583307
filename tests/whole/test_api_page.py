"""The examples of the page on the public interface are true, and the page names all of it."""

from __future__ import annotations

import doctest
import json

import openai_conformance
from openai_conformance.pytest import OPTIONS
from tests.support.checkout import ROOT

PAGE = ROOT / "docs" / "api.md"


def test_the_examples_are_true(tmp_path, monkeypatch):
    """In an empty folder that holds the one recording that they speak of."""
    monkeypatch.chdir(tmp_path)
    content = {"text": '{"object": "models", "data": []}'}
    response = {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}], "content": content}
    request = {"method": "GET", "url": "https://api.example/v1/models", "headers": []}
    recording = {"log": {"entries": [{"request": request, "response": response}]}}
    (tmp_path / "models.har").write_text(json.dumps(recording))
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert (failed, tried > 10) == (0, True)


def test_the_page_names_all_that_is_public():
    page = PAGE.read_text("utf-8")
    typing_alone = {"RunOptions", "Feature", "Problem", "Result", "Verdict"}
    assert [name for name in openai_conformance.__all__ if name not in typing_alone and name not in page] == []
    assert [name for name in OPTIONS if f"--openai-conformance-{name.replace('_', '-')}" not in page] == []
