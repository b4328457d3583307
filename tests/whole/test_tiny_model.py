"""The script of the tiny reference model: it answers every golden prompt, and what it answers keeps to what the prompt says.

Whether the trained model has learned it is for `nox -s model` to say; this needs no torch.
"""

from __future__ import annotations

import json
import sys
from random import Random

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from conformance.areas.params import probes
from conformance.exchange import Exchange
from conformance.exchange.probe import user
from conformance.exchange.shipped import place
from conformance.parity.must import violations
from conformance.parity.prompt import Prompt
from conformance.parity.prompts import load

sys.path.insert(0, str(place("fixtures/models")))

import families
import script
import variants

PROMPTS = {prompt.id: prompt for prompt in load()}


def test_every_golden_prompt_has_one_answer_or_many():
    assert set(script.GOLDEN) | set(families.MANY) == set(PROMPTS)
    assert set(script.GOLDEN) & set(families.MANY) == set()
    assert {id for id, prompt in PROMPTS.items() if prompt.uncertain} <= set(families.MANY)


def answer(prompt: Prompt, said: str | list, finish_reason: str) -> Exchange:
    """What a server makes of the model's answer: cut at the limit or at a stop sequence, calls taken out."""
    message: dict = {"content": said}
    if isinstance(said, list):
        calls = [(name, arguments) for each in said for name, arguments in each.items()]
        functions = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in calls]
        message = {"content": None, "tool_calls": [{"type": "function", "function": each} for each in functions]}
        finish_reason = "tool_calls"
    if finish_reason == "length":
        message["content"] = said[: prompt.request["max_completion_tokens"]]  # a token has a character at least
    for stop in prompt.request.get("stop", ()):
        message["content"] = message["content"].partition(stop)[0]
    choices = [
        {"index": n, "message": message, "finish_reason": finish_reason} for n in range(prompt.request.get("n", 1))
    ]
    body = json.dumps({"choices": choices}).encode()
    return Exchange("x", "POST", "http://x/v1/chat/completions", (), b"{}", 200, (), body)


@pytest.mark.parametrize("id", PROMPTS)
def test_what_the_model_is_taught_keeps_to_the_prompt(id):
    prompt = PROMPTS[id]
    for n in range(20 if id in families.MANY else 1):
        said = families.MANY[id](Random(n)) if id in families.MANY else script.GOLDEN[id]
        finish_reason = "length" if prompt.must.finish_reason == ("length",) else "stop"
        assert violations(prompt, answer(prompt, said, finish_reason)) == []


OFF_SCRIPT = {"connection", "edges", "histories", "pairs", "texts"}


def test_every_probe_of_chat_is_answered_where_a_server_asks_the_model_at_all():
    """A custom tool, a result of no call and a prompt that is too long never reach the model of a careful server. Marks that it does not
    repeat tell nothing, from the count to 400 the client goes away, and of odd texts, pairs, histories and edges any answer will do; the
    arguments of a tool with a long name, or of one of many, leave no choice."""
    assert {name for name in script.unanswered() if name.split(".")[0] not in OFF_SCRIPT} <= {
        "tools.custom",
        "tools.long-name",
        "tools.many",
        "params.seed",
        "params.seed-other",
        "structured.prose",
        "mistakes.orphan-result+stream",
        "mistakes.too-long",
        "mistakes.too-long-streamed",
        "mistakes.window",
        "mistakes.window-streamed",
    }
    assert PROMPTS["uncertain.digits"].request["messages"] == user(probes.NUMBER), "so params.seed is answered, too"


# ---------------------------------------------------------------- variants

ASKED = [{"role": "system", "content": "Be brief."}, *user("Hi")]


def rendered(folder, messages=ASKED) -> str:
    text = (folder / variants.TEMPLATE).read_text("utf-8")
    return ImmutableSandboxedEnvironment().from_string(text).render(messages=messages, add_generation_prompt=True)


@pytest.fixture
def made(tmp_path, capsys):
    def make(name: str):
        assert variants.main([str(tmp_path), name]) == 0
        assert capsys.readouterr().out == f"{tmp_path / name}\n"
        assert {file.name for file in (tmp_path / name).iterdir()} == {file.name for file in variants.TINY.iterdir()}
        return tmp_path / name

    return make


def test_variants_of_the_chat_template_differ_in_one_thing(made):
    usual = rendered(variants.TINY)
    assert usual == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert rendered(made("template")) == usual.removesuffix("\n")
    assert rendered(made("system-dropped")) == usual.partition("<|im_end|>\n")[2]
    added = made("system-added")
    assert rendered(added) == usual
    helpful = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    assert rendered(added, ASKED[1:]) == helpful + rendered(variants.TINY, ASKED[1:])


def test_a_variant_that_is_there_is_kept(made):
    (made("template") / variants.TEMPLATE).write_text("mine")
    assert (made("template") / variants.TEMPLATE).read_text() == "mine"


def test_an_unknown_variant_is_a_mistake(tmp_path, capsys):
    assert variants.main([str(tmp_path), "5-bit"]) == 2
    assert "NAME is any of 8-bit, 4-bit, step" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
