"""A migration over real sockets: between two honest references, and to one that lies on every line of the checklist."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest

from conformance.areas.catalogue import lies
from conformance.reference.lies import Lie, several
from conformance.send.embedded import Reference
from conformance.send.limits import Limits
from tests.report.test_document import valid
from tests.support.command import command, elsewhere

PROMPT = """
- id: many.n{n}
  about: A number.
  request:
    messages: [{{role: user, content: "What is {n}?"}}]
    max_completion_tokens: 20
  compare: [text, tokens]
  must: {{finish_reason: [stop]}}
"""
TOOL = """
- id: tool.paris
  about: A tool to call.
  request:
    messages: [{role: user, content: "What is the weather in Paris? Use the tool."}]
    max_completion_tokens: 60
    tools:
      - type: function
        function:
          name: get_weather
          parameters: {type: object, properties: {city: {type: string}}, required: [city], additionalProperties: false}
  compare: [tool_calls]
  must: {calls: [get_weather]}
"""
LINES = [
    "smoke test",
    "features in use",
    "parameters to pin",
    "token counts",
    "golden prompts",
    "times and tails",
    "rate limits",
]


@pytest.fixture(scope="module")
def old():
    with Reference() as server:
        yield server


@pytest.fixture
def migrate(monkeypatch, capsys, tmp_path, old):
    """A function that migrates to a server: exit code, output, the checklist."""
    elsewhere(monkeypatch, tmp_path)
    (tmp_path / "golden").mkdir()
    call = command(monkeypatch, capsys)

    def run(server, *arguments, prompts=24):
        text = "".join(PROMPT.format(n=n) for n in range(prompts)) + TOOL
        (tmp_path / "golden" / "mine.yaml").write_text(text, "utf-8")
        monkeypatch.setenv("FROM_API_KEY", old.key)
        monkeypatch.setenv("TO_API_KEY", server.key)
        sides = (
            "--from",
            old.base_url,
            "--to",
            server.base_url,
            "--golden",
            "golden",
            "--concurrency",
            "2",
            "--depth",
            "quick",
        )
        code, out, err = call("migrate", *sides, "--report", "out", *arguments)
        file = tmp_path / "out" / "migration.json"
        return code, " ".join((out + err).split()), json.loads(file.read_text("utf-8")) if file.exists() else None

    return run


def other_defaults(call, reply):
    """Another temperature where none is asked for, a lower limit, twice the tokens."""
    reply = reply.with_headers(x_ratelimit_limit_requests="10")
    if (
        call.path.endswith("/responses")
        and isinstance(reply.body, dict)
        and call.json
        and "temperature" not in call.json
    ):
        return replace(reply, body=reply.body | {"temperature": 0.7})
    if not (call.path.endswith("/chat/completions") and reply.chunks):
        return reply

    def doubled(chunk):
        usage = chunk.get("usage")
        return chunk | {"usage": usage | {"prompt_tokens": 2 * usage["prompt_tokens"]}} if usage else chunk

    return replace(reply, chunks=tuple(map(doubled, reply.chunks)))


def deaf(call):
    """Tools are not heard of."""
    return call.asking(tools=None, tool_choice=None) if call.json and call.json.get("tools") else call


def slowly(call, pieces):
    time.sleep(0.4 if call.streaming else 0)
    return pieces


def test_to_an_equal_server_every_line_holds_and_each_has_its_page(migrate, tmp_path):
    with Reference() as server:
        code, said, found = migrate(server, "--max-ttft-p95", "1000", "--cold", "0.01")
    assert code == 0, said
    assert [line["name"] for line in found["lines"]] == [*LINES, "cold path"]
    assert {line["verdict"] for line in found["lines"]} == {"yes"}
    assert "Yes, cut over: all 8 lines of the checklist hold." in said
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    for name in LINES:
        assert name in page
    for link in re.findall(r'href="([^"#:]+)[^":]*"', page):
        assert (tmp_path / "out" / link).exists(), link
    keys = [
        server.key,
        *(file.read_text("utf-8", "replace") for file in (tmp_path / "out").rglob("*") if file.is_file()),
    ]
    assert not any(keys[0] in text for text in keys[1:])


def test_to_a_server_that_lies_everywhere_every_line_says_so(migrate):
    odd = Lie(
        "odd", "No tools, other defaults, limits and tokens, slowly.", ask=deaf, reply=other_defaults, wire=slowly
    )
    with Reference(lie=several(odd, lies()["stream-usage-with-finish"])) as server:
        code, said, found = migrate(server)
    assert code == 1, said
    by_name = {line["name"]: line for line in found["lines"]}
    assert {name: line["verdict"] for name, line in by_name.items()} == dict.fromkeys(LINES, "no"), by_name
    assert said.startswith("No, do not cut over yet: smoke test, features in use, parameters to pin")
    assert "temperature: where you are 1.0; here 0.7" in by_name["parameters to pin"]["evidence"]
    assert any(text.startswith("tools: ignored") for text in by_name["features in use"]["evidence"])
    assert re.match(r"1\.[5-9]\d times as many in ", by_name["token counts"]["why"])
    assert by_name["golden prompts"]["why"].startswith("25 worse")
    assert by_name["rate limits"]["evidence"][0].startswith("here: 10 requests")


def test_what_recorded_traffic_asks_for_is_in_use(migrate, tmp_path):
    """Of the golden prompts none asks for a schema; a recording does."""
    from conformance.exchange import Exchange
    from conformance.run.run_file import RunWriter

    schema = {
        "type": "json_schema",
        "json_schema": {
            "name": "x",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
        },
    }
    body = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "response_format": schema}
    ).encode()
    with RunWriter(tmp_path / "recorded.jsonl") as writer:
        writer.header({"options": {}, "target": {}})
        writer.exchange(Exchange("x", "POST", "http://h/v1/chat/completions", (), body, 200,
                                 (("content-type", "application/json"),), b"{}", ((0.1, 2),)))  # fmt: skip
    with Reference(lie=lies()["structured-format-dropped"]) as server:
        code, said, found = migrate(server, "--traffic", "recorded.jsonl", prompts=3)
    line = found["lines"][1]
    assert (code, line["verdict"]) == (1, "no"), said
    assert "in use by the golden prompts, the recorded traffic" in line["why"]
    assert line["evidence"][0].startswith("json_schema: ")


def test_the_checklist_is_one_document(migrate, tmp_path):
    with Reference() as server:
        code, said, found = migrate(server, "--format", "json", prompts=3)
    told = valid(said, "A migration")
    assert (code, told["exit_code"], told["verdict"], told["why"]) == (3, 3, "NOT JUDGED", found["answer"])
    assert told["lines"] == found["lines"]
    assert all((tmp_path / file).exists() for file in told["files"])


def test_a_side_that_cannot_be_reached_is_a_document_too(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    nowhere = "http://127.0.0.1:1/v1"
    call = command(monkeypatch, capsys)
    code, out, err = call("migrate", "--from", nowhere, "--to", nowhere, "--wait", "0", "--format", "json")
    assert (code, json.loads(out)["verdict"], err) == (
        3,
        "NOT JUDGED",
        f"openai-conformance: {json.loads(out)['why']}\n",
    )


def test_of_three_prompts_no_tail_is_told_and_that_is_not_green(migrate):
    with Reference() as server:
        code, said, found = migrate(server, prompts=3)
    assert code == 3, said
    assert [line["name"] for line in found["lines"] if line["verdict"] != "yes"] == ["times and tails"]
    assert said.startswith("Not told: times and tails; all else holds.")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--to", "http://127.0.0.1:1/v1"), 2, "migrate needs both sides: --from URL is missing"),
        (("--from", "http://127.0.0.1:1/v1"), 2, "migrate needs both sides: --to URL is missing"),
        (("--from", "x", "--to", "http://h/v1"), 2, "--from is 'x', expected http:// or https://"),
        (("--from", "http://127.0.0.1:1/v1", "--to", "http://127.0.0.1:1/v1", "--golden", "nowhere"), 2, "nowhere is no folder"),
        (("--from", "http://127.0.0.1:1/v1", "--to", "http://127.0.0.1:1/v1", "--traffic", "none.har"), 2, "there is no file"),
        (("--from", "http://127.0.0.1:1/v1", "--to", "http://127.0.0.1:1/v1", "--prices", "no.toml"), 2, "--prices no.toml: No such"),
        (("--from", "http://127.0.0.1:1/v1", "--to", "http://127.0.0.1:1/v1"), 3, "--from: "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(monkeypatch, capsys, tmp_path, arguments, code, words):
    elsewhere(monkeypatch, tmp_path)
    ended, _, error = command(monkeypatch, capsys)("migrate", *arguments, "--wait", "0")
    assert ended == code
    assert words in error
    assert error.count("\n") == 1


def test_what_an_endpoint_may_cost_is_one_account_over_all_steps(migrate, old):
    sent = []

    def heavy(call, pieces):
        sent.extend([call.path] if call.json else [])
        return [b" " * Limits.body_bytes] if call.json else pieces

    with Reference(lie=Lie("odd", "Much of nothing.", wire=heavy)) as server:
        code, said, found = migrate(server, "--cold", "0.01", prompts=8)
    assert code == 1, said
    most = Limits.run_bytes // Limits.body_bytes
    assert most <= len(sent) <= most + 2, sent
    by_name = {line["name"]: line for line in found["lines"]}
    assert by_name.pop("smoke test")["verdict"] == "no"
    assert by_name["cold path"]["why"] == "it was not asked: the answers before it came to 16,777,216 bytes"
    assert by_name["golden prompts"]["why"].startswith("9 worse")
