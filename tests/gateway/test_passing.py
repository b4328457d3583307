"""Both ends of a gateway over sockets: a transparent proxy passes all, a gateway that lies is found, mistakes are one line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from functools import partial

import jsonschema
import pytest

from conformance.gateway import passing, upstream_end
from conformance.gateway.laws import laws, lies
from conformance.gateway.pair import UPSTREAM
from conformance.gateway.passing import Gateway, take_in
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge
from conformance.send.embedded import Reference
from conformance.send.limits import Limits
from tests.support.checkout import ROOT
from tests.support.hostile import FOREVER, serve, whole
from tests.support.lying_gateway_server import serving

COMMAND = [sys.executable, "-m", "conformance", "gateway"]
CLIENT, OWN = "sk-client-0123456789abcdef", "sk-upstream-0123456789abcdef"
PROXY = """
import sys
from conformance.watch.proxy import Proxy
from conformance.watch.upstream import Upstream
if __name__ == "__main__":
    with Proxy(Upstream.of(sys.argv[2]), "127.0.0.1", int(sys.argv[1])) as proxy:
        while True:
            proxy.next(1)
"""


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


LIES = "chat-body-half,stream-without-done,error-html"


def test_a_transparent_proxy_that_comes_up_later_passes_every_law_and_passes_every_lie_on(tmp_path):
    (tmp_path / "proxy.py").write_text(PROXY)
    port = free_port()
    done = subprocess.run(
        [*COMMAND, "--lies", LIES, "--none-worse", "--base-url", f"http://127.0.0.1:{port}/v1",
         "--", sys.executable, "proxy.py", str(port), "{upstream}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": CLIENT},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("CONFORMS AS A GATEWAY")
    run = read(tmp_path / "reports/gateway/run.jsonl")
    assert {v["check"]: v["problems"] for v in run.verdicts if v["outcome"] not in ("pass", "not-exercised")} == {}
    idle = {v["check"] for v in run.verdicts if v["outcome"] == "not-exercised"}
    of_other_keys = {"gateway.key-kept-back", "gateway.upstream-key-kept"}
    assert idle == {"gateway.no-fallback", "gateway.own-refusal", "gateway.retry-same", *of_other_keys}
    assert "3 lies of the upstream take 8 requests, each of 10 s at most" in done.stderr
    assert re.search(r"^all +0 +3 ", done.stdout, re.MULTILINE)
    assert [(line["lie"], line["state"]) for line in run.lies] == [(name, "passes on") for name in LIES.split(",")]
    schema = json.loads((ROOT / "conformance/record/run.json").read_text())
    for line in run.lies:
        jsonschema.validate(line | {"type": "lie"}, schema["$defs"]["lie"])
    assert {id for line in run.lies for id in (*line["exchanges"], *line["without"])} <= {x.id for x in run.exchanges}
    page = (tmp_path / "reports/gateway/index.html").read_text()
    assert "Lies of the upstream" in page
    assert "An error is a page of HTML." in page
    ids = {x.id for x in run.exchanges}
    assert all(id.partition(UPSTREAM)[0] in ids for id in ids)
    assert sum(UPSTREAM in id for id in ids) == sum(UPSTREAM not in id for id in ids)
    assert (tmp_path / "reports/gateway/index.html").exists()
    assert CLIENT not in (tmp_path / "reports/gateway/run.jsonl").read_text()


TOLD = ("parameter-dropped", "key-passed-on", "finish-stop", "retry-after-lost", "text-trimmed")


def test_a_gateway_that_lies_is_found_over_sockets_too(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CLIENT)
    monkeypatch.setenv("UPSTREAM_KEY", OWN)
    monkeypatch.setattr(upstream_end, "PATIENCE", 0.5)  # it reads every answer to its end before it passes it on
    with serving(OWN, [lies()[name] for name in TOLD]) as gateway:
        what = Gateway(
            upstream_key_env="UPSTREAM_KEY", announce=partial(setattr, gateway, "upstream"), levels=((2, 4),)
        )
        options = Options.make(
            {"base_url": gateway.base_url, "asked_by": "gateway", "sdk": "off", "report": str(tmp_path)}
        )
        checks = [law for law in laws().values() if "comments" not in law.id]
        outcome = conduct(options, checks, source=partial(take_in, options, what))
    failing = {v.check.id for v in outcome.verdicts if v.outcome == "fail"}
    named = {law.id for law in laws().values() if set(law.breaks) & set(TOLD)}
    assert failing == named | {"gateway.stream-at-once", "gateway.hangs-up"}
    assert outcome.exit_code == 1
    level = what.added[0]
    assert len(level.first) == len(level.own_first) == 4
    assert min(level.first) > 10 * upstream_end.PACE > max(map(abs, level.between))  # it holds back a dozen tokens
    assert {name: level.record[name] for name in ("at_once", "requests", "failed", "strangers", "first")} == {
        "at_once": 2, "requests": 4, "failed": 0, "strangers": 0, "first": None
    }  # fmt: skip
    assert read(tmp_path / "run.jsonl").footer["times_added"] == [level.record]
    held = (tmp_path / "run.jsonl").read_text()
    assert CLIENT not in held
    assert OWN not in held


def test_a_gateway_that_asks_elsewhere_is_not_judged(tmp_path, monkeypatch):
    with Reference(key=CLIENT) as gateway:
        monkeypatch.setenv("OPENAI_API_KEY", CLIENT)
        options = Options.make(
            {"base_url": gateway.base_url, "asked_by": "gateway", "sdk": "off", "report": str(tmp_path)}
        )
        with pytest.raises(CannotJudge, match=r"no request came through to the upstream at http"):
            conduct(options, list(laws().values()), source=partial(take_in, options, Gateway()))


def test_a_key_of_the_upstream_that_is_not_set_is_one_line(tmp_path):
    options = Options.make({"base_url": "http://127.0.0.1:9/v1", "asked_by": "gateway", "report": str(tmp_path)})
    with pytest.raises(UserError, match=r"names \$NOT_THERE, which is not set"):
        conduct(options, [*laws().values()], source=partial(take_in, options, Gateway(upstream_key_env="NOT_THERE")))


def test_a_command_that_ends_is_not_waited_for(tmp_path):
    options = Options.make({"base_url": "http://127.0.0.1:9/v1", "asked_by": "gateway", "report": str(tmp_path)})
    command = (sys.executable, "-c", "raise SystemExit(7)")
    with pytest.raises(CannotJudge, match="ended with code 7 before it answered"):
        conduct(options, [*laws().values()], source=partial(take_in, options, Gateway(command=command)))


def test_a_gateway_that_keeps_waiting_is_left_and_that_is_no_pass(tmp_path, monkeypatch):
    asked = []

    async def hangs(writer, request):
        asked.append(request)
        if request.startswith(b"GET /v1/models "):
            writer.write(whole(b'{"object": "list", "data": [{"id": "m"}]}', b"Content-Type: application/json"))
        else:
            await asyncio.sleep(FOREVER)

    async def judged():
        async with serve(hangs) as url:
            options = Options.make(
                {"base_url": url, "timeout": 0.1, "asked_by": "gateway", "sdk": "off", "report": str(tmp_path)}
            )
            source = partial(take_in, options, Gateway())
            with pytest.raises(CannotJudge, match="no request came through"):
                await asyncio.to_thread(conduct, options, [*laws().values()], source=source)

    monkeypatch.setattr(passing, "Limits", partial(Limits, vain=0.15))
    asyncio.run(judged())
    assert len(asked) == 3  # the list, and two that are waited for in vain
