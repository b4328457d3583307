"""--format json: one document on standard output whatever comes of a run, with what the other views say, and its shape as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from conformance.reference.lies import Lie
from conformance.report import document
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.run.user_error import UserError
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT
from tests.support.lying import WITHOUT_BOTH

pytestmark = pytest.mark.usefixtures("elsewhere")

PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")


def schema(name: str) -> dict:
    """The schema under a heading of the page."""
    text = PAGE.partition(f"## {name}\n")[2].partition("```json\n")[2].partition("```")[0]
    found = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def valid(out: str, name: str) -> dict:
    found = json.loads(out)
    jsonschema.validate(found, schema(name))
    return found


@pytest.fixture(scope="module")
def liar():
    with Reference(lie=WITHOUT_BOTH) as server:
        yield server


def test_a_run_is_one_document_with_what_was_found(call, liar):
    only = ("--only", "stream.done", "--only", "http.request-id", "--sdk", "off")
    code, out, err = call(*only, "--require", "tools", "--format", "json", server=liar)
    found = valid(out, "A run")
    assert (code, err, found["exit_code"], found["kind"], found["verdict"]) == (1, "", 1, "run", "DOES NOT CONFORM")
    checks = {each["id"]: each for each in found["checks"]}
    assert (checks["stream.done"]["outcome"], checks["stream.done"]["red"]) == ("fail", True)
    assert (checks["http.request-id"]["outcome"], checks["http.request-id"]["red"]) == ("fail", False)
    assert [each["unlocks"] for each in found["causes"] if each["red"]] == [["stream.done"]]
    assert found["counts"]["must"]["fail"] == 1
    assert found["files"][0] == "reports/latest/run.jsonl"
    assert all(Path(file).exists() for file in found["files"])
    code, again, _ = call("judge", "reports/latest/run.jsonl", *only, "--format", "json", "--report", "judged")
    judged = valid(again, "A run")
    assert (code, judged["kind"]) == (1, "judge")
    assert {each["id"] for each in judged["checks"] if each["red"]} == {"stream.done"}


def test_what_cannot_be_judged_is_a_document_too(call):
    code, out, err = call("--base-url", "http://127.0.0.1:1/v1", "--wait", "0", "--format", "json")
    found = valid(out, "A run")
    assert (code, found["verdict"], found["exit_code"], found["conforms"]) == (3, "NOT JUDGED", 3, False)
    assert err == f"openai-conformance: {found['why']}\n"


def test_a_mistake_in_the_call_is_none(call):
    code, out, err = call("--only", "nothing.such", "--format", "json")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_on_github_nothing_but_the_document_is_on_standard_output(call, monkeypatch):
    def says(call, reply):
        return reply.with_headers(x_request_id=None) if reply.status != 404 else reply

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", "output")
    with Reference(lie=Lie("test", "A lie.", reply=says)) as server:
        code, out, err = call("--only", "http.request-id", "--strict", "--format", "json", server=server)
    assert (code, valid(out, "A run")["exit_code"]) == (1, 1)
    assert err.startswith("::error title=http.request-id (SHOULD)")
    assert "conforms=true" in Path("output").read_text()


def test_nothing_that_an_endpoint_said_is_a_command():
    said = document.text({"why": "a\n::error::x ##[add-mask]y \u202e\x1b \ud800"})
    assert said.isascii()
    assert "##[" not in said
    assert not re.search(r"^\s*::", said, re.M)
    assert json.loads(said)["why"] == "a\n::error::x ##[add-mask]y \u202e\x1b \ud800"


@pytest.mark.parametrize("more", [{"watch": True, "base_url": "http://a/v1"}, {"dry_run": True}])
def test_it_is_of_one_verdict(more):
    with pytest.raises(UserError, match="--format json is one verdict"):
        Options.make({"format": "json", **more})


def test_a_matrix_is_one_document(call, monkeypatch, liar):
    monkeypatch.setenv("KEY", liar.key)
    text = '[[target]]\nbase_url = "{}"\nname = "{}"\napi_key_env = "KEY"\n'
    Path("targets.toml").write_text(text.format(liar.base_url, "a") + text.format("http://127.0.0.1:1/v1", "b"))
    words = ("matrix", "targets.toml", "--only", "stream.done", "--wait", "0", "--sdk", "off", "--format", "json")
    code, out, err = call(*words)
    found = valid(out, "A matrix")
    assert (code, found["exit_code"]) == (1, 1)
    assert [(each["name"], each["verdict"], each["exit_code"]) for each in found["targets"]] == [
        ("a", "DOES NOT CONFORM", 1),
        ("b", "NOT JUDGED", 3),
    ]
    assert len(err.splitlines()) == 2


def test_a_parity_run_is_one_document(call, monkeypatch):
    code, out, err = call("parity", "--base-url", "http://127.0.0.1:1/v1", "--wait", "0", "--format", "json")
    assert (code, json.loads(out)["verdict"], err.count("\n")) == (3, "NOT JUDGED", 1)
    with Reference() as server:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        words = ("parity", "--base-url", server.base_url, "--samples", "1", "--format", "json")
        Path("prices.toml").write_text("[target]\ninput = 1\noutput = 2\n[baseline]\ninput = 2\noutput = 4\n")
        code, out, err = call(
            *words, "--baseline", server.base_url, "--baseline-key-env", "OPENAI_API_KEY", "--prices", "prices.toml"
        )
    found = valid(out, "A parity run")
    run = read("reports/latest-parity/run.jsonl")
    assert (code, err, found["exit_code"], len(found["prompts"])) == (
        run.footer["exit_code"],
        "",
        code,
        len(run.golden),
    )
    assert found["times"] == run.footer["times"]
    assert 0 < found["bill"]["baseline"] == pytest.approx(2 * found["bill"]["target"], rel=1e-3)
