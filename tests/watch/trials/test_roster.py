"""The files of the clients: each says what it is and needs, offers scenarios that there are, and imports nothing of ours."""

from __future__ import annotations

import ast
import re

import pytest

from conformance.run.user_error import UserError
from conformance.watch.trials.roster import chosen, client, clients
from conformance.watch.trials.scenarios import SCENARIOS, texts

PYTHON = [each for each in clients().values() if each.file.suffix == ".py"]
NODE = [each for each in clients().values() if each.runtime == "node"]


@pytest.mark.parametrize("each", clients().values(), ids=clients())
def test_a_client_says_what_it_needs_at_a_pinned_version(each):
    assert each.words
    assert all(re.fullmatch(r"(@?[\w./-]+(\[[\w,]+\])?)(==|@)\d[\w.+-]*", package) for package in each.packages)
    assert len(each.offers) > 2


@pytest.mark.parametrize("each", PYTHON, ids=[each.name for each in PYTHON])
def test_a_client_has_no_function_that_is_called_like_no_scenario(each):
    """A scenario spelled otherwise would be not offered, in silence."""
    tree = ast.parse(each.file.read_text("utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert {name.replace("_", "-") for name in functions if not name.startswith("_")} <= SCENARIOS.keys()
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name and name.startswith("conformance")]


@pytest.mark.parametrize("each", NODE, ids=[each.name for each in NODE])
def test_a_client_for_node_exports_nothing_that_is_called_like_no_scenario(each):
    text = each.file.read_text("utf-8")
    exported = re.findall(r"^export (?:async )?(?:function|const) (\w+)", text, re.MULTILINE)
    exported += [
        name for names in re.findall(r"^export \{(.+)\}", text, re.MULTILINE) for name in re.findall(r"as (\w+)", names)
    ]
    assert {name.replace("_", "-") for name in exported if name != "PROMISED"} == {*each.offers}


def test_the_issue_s_clients_are_there():
    assert {
        "openai-sync", "openai-async", "langchain", "llama-index", "pydantic-ai", "openai-agents", "instructor", "haystack",
        "smolagents", "litellm", "openai-node", "ai-sdk-compatible", "ai-sdk-openai", "langchain-js", "openai-agents-js",
        "codex", "opencode", "pi",
    } <= clients().keys()  # fmt: skip


def test_a_program_makes_a_file():
    assert all("file" in each.offers for each in clients().values() if each.runtime == "programs")


def test_clients_are_named_by_any_of_their_names():
    assert [each.name for each in chosen(["langchain-openai,litellm", "openai"])] == [
        "langchain",
        "litellm",
        "openai-sync",
    ]
    assert {each.runtime for each in chosen([])} == {"python", "node"}, "programs do what a model says"
    assert [each.name for each in chosen(["programs"])] == ["codex", "opencode", "pi"]
    assert {each.runtime for each in chosen(["python"])} == {"python"}
    with pytest.raises(UserError, match="no client is called langchian: there are "):
        chosen(["langchian"])


def test_a_second_name_for_a_function_is_an_offer_in_either_language(tmp_path):
    python, node = tmp_path / "one.py", tmp_path / "two.mjs"
    python.write_text("# client: a\n# packages: b==1\nasync def plain(ask): pass\ncut_stream = usage = plain\n")
    node.write_text(
        "// client: a\n// packages: b@1\nexport const plain = async ask => {};\nexport { plain as wrong_key };\n"
    )
    assert client(python, "python").offers == ("plain", "usage", "cut-stream")
    assert client(node, "node").offers == ("plain", "wrong-key")


def test_a_file_that_does_not_say_what_it_is_is_refused(tmp_path):
    (tmp_path / "one.py").write_text("# client: a\n")
    with pytest.raises(ValueError, match=r"one\.py says no"):
        client(tmp_path / "one.py", "python")


def test_scenarios_bring_their_files():
    assert texts("image")["image"].startswith("data:image/png;base64,iVBOR")
    assert texts("transcription")["audio"].startswith("UklGR")
    assert texts("plain") == {"prompt": "Say hello."}
