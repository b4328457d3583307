"""Run files for the browser: a target that tells several lies, its baseline, golden prompts of both, and a thoroughly hostile one."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from conformance.areas.catalogue import catalogue, lies
from conformance.exchange import Exchange
from conformance.judge.verdicts import Verdict
from conformance.load.ladder import Climb
from conformance.load.loading import Load, take_in
from conformance.parity.parity_options import ParityOptions
from conformance.parity.session import conduct as conduct_parity
from conformance.reference.lies import Lie, several
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import RunWriter
from conformance.send.embedded import Reference
from tests.support.swapping import swapping

LIES = (
    "tool-delta-without-index", "stream-usage-ignored", "finish-stop-for-calls", "structured-fence", "request-id-absent",
    "chat-created-milliseconds", "error-code-number",
)  # fmt: skip
KEY = "REPORT_TEST_KEY"


def _telling(names: tuple[str, ...]) -> Lie:
    return several(*(lies()[name] for name in names))


def checks(folder: Path, told: tuple[str, ...] = LIES) -> Path:
    """The run file of the checks against a reference that tells these lies."""
    with Reference(lie=_telling(told) if told else None) as server:
        os.environ[KEY] = server.key
        given = {"base_url": server.base_url, "api_key_env": KEY, "report": str(folder), "quiet": True}
        return conduct(Options.make(given)).files[0]


def load(folder: Path) -> Path:
    """The run file of a load, at a reference that swaps answers under it."""
    with Reference(lie=swapping(3, 2), delay=0.2) as server:
        os.environ[KEY] = server.key
        given = {
            "base_url": server.base_url,
            "api_key_env": KEY,
            "report": str(folder),
            "quiet": True,
            "asked_by": "load",
            "sdk": "off",
        }
        options = Options.make(given)
        what = Load(Climb((1, 4, 8), 20, requests=28, connections=False))
        return conduct(options, list(catalogue().values()), source=partial(take_in, options, what)).files[0]


def parity(folder: Path, baseline: str | None = None) -> Path:
    """The run file of the golden prompts against the lying reference, beside a recorded run, or an honest reference."""
    with Reference(lie=_telling(LIES)) as target, Reference() as honest:
        os.environ |= {KEY: target.key, f"{KEY}_2": honest.key}
        given = {"base_url": target.base_url, "api_key_env": KEY, "baseline": baseline or honest.base_url,
                 "baseline_key_env": f"{KEY}_2", "report": str(folder), "quiet": True}  # fmt: skip
        return conduct_parity(ParityOptions.make(given), given).files[0]


def hostile(folder: Path, strings: list[str]) -> tuple[Path, Path]:
    """The run files, of checks and of golden prompts, of an endpoint that sends these strings everywhere it can."""
    everything = list(catalogue().values())
    with RunWriter(folder / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": f"http://x/{strings[0]}", "model": strings[-6]}})
        for n, text in enumerate(strings):
            writer.exchange(_exchange(n, text))
            outcome = ("fail", "fail", "untestable")[n % 3]
            problems = (((f"x.{n}", f"{n}{text[:300]}"), text), ((f"x.{n}",), f"id is {text}, expected {text}"))
            writer.verdict(Verdict(everything[n], outcome, (f"x.{n}",), problems if outcome == "fail" else (),
                                   reason=text, known=text if n % 7 == 0 else None))  # fmt: skip
            writer.line({"type": "feature", "feature": text, "decision": "ignored", "why": text, "exchanges": [text],
                         "answers": {"ignored": 1}, "required": False, "what": text})  # fmt: skip
        red = [everything[n].id for n in range(0, len(strings), 3)]
        writer.footer({"counts": {}, "exit_code": 1, "red": red, "skipped": [[text[:99], text] for text in strings[:50]],
                       "remarks": strings[:50]})  # fmt: skip
    with RunWriter(folder / "parity.jsonl") as writer:
        header = {"options": {}, "kind": "parity", "target": {"base_url": "http://x/v1", "model": strings[1]}}
        prompts = [{"id": f"p.{n}", "category": text[:500], "about": text, "request": {"messages": [{"role": text, "content": text}]},
                    "compare": [], "must": {}, "uncertain": False, "where": "f:1"} for n, text in enumerate(strings)]  # fmt: skip
        writer.header(
            {**header, "baseline": {"kind": "url", "base_url": strings[2], "model": strings[3]}, "golden": prompts}
        )
        for n, text in enumerate(strings):
            writer.exchange(_exchange(n, text))
            aspect = {"aspect": "text", "outcome": "differs", "target": text, "baseline": [text]}
            side = {"exchanges": [f"x.{n}"], "usable": 1, "finish_reasons": [text], "violations": [[text]], "schema_valid": [None],
                    "tool": [None], "prompt_tokens": [1], "completion_tokens": [1], "failure": text,
                    "latency": [{"first": 0.1, "between": 0.1, "total": 0.1, "tokens_per_second": 10}]}  # fmt: skip
            writer.line({"type": "golden", "prompt": f"p.{n}", "outcome": "differs", "gap": "worse", "why": text,
                         "aspects": [aspect], "text": None, "target": side, "baseline": side})  # fmt: skip
        writer.footer({"counts": {}, "exit_code": 1, "skipped": [], "gates": []})
    return folder / "run.jsonl", folder / "parity.jsonl"


def _exchange(n: int, text: str) -> Exchange:
    """An answer with the string as its body, in a header, as the model and the content of a completion, or in an event."""
    import json

    body = (
        text,
        json.dumps(
            {
                "id": text,
                "model": text,
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": text}}],
            }
        ),
        json.dumps({"error": {"message": text, "code": text}}),
        f"data: {json.dumps({'id': text, 'choices': [{'index': 0, 'delta': {'content': text}}]})}\n\ndata: {text}\n\n",
    )[n % 4].encode("utf-8", "backslashreplace")
    asked = json.dumps({"stream": n % 4 == 3, "messages": [{"role": "user", "content": text[:5000]}]})
    return Exchange(f"x.{n}", "POST", f"http://x/v1/chat/completions?q={text[:200]}", (("X-Own", text[:5000]),), asked.encode(),
                    400 if n % 4 == 2 else 200, (("x-hostile", text), (text[:200], text)), body, ((0.1, len(body)),),
                    failure=text if n % 5 == 0 else None)  # fmt: skip
