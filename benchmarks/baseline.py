"""Records what a reference server answers, as the baseline that is shipped: `nox -s baseline` runs it beside a vLLM.

    python -m benchmarks.baseline FOLDER      the server's address and key are in OPENAI_BASE_URL and OPENAI_API_KEY

FOLDER/checks.jsonl is a run of the checks, of its exchanges only one for each problem; FOLDER/parity.jsonl.gz holds the answers
to the golden prompts, each asked twice, and what --same-model asks. It judges nothing and edits no answer
but for the path of this checkout.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

from conformance.record.run_lines import Record, records

KNOWN = "fixtures/known/vllm-0.32.0.toml"
REPORTS = Path("reports/latest-baseline")
MOST_BYTES = 8192
"""Of a body that is kept."""


def trimmed(lines: list[Record]) -> list[Record]:
    """Header, verdicts, features and footer, and the first exchange of every problem, its bodies no longer than MOST_BYTES."""
    named = {
        id for line in lines if line["type"] == "verdict" and line["outcome"] == "fail"
        for problem in line["problems"] for id in problem["exchanges"][0].split(" + ")
    }  # fmt: skip
    return [
        _short(line) if line["type"] == "exchange" else line
        for line in lines
        if line["type"] != "sdk" and (line["type"] != "exchange" or line["id"] in named)
    ]


def _short(exchange: Record) -> Record:
    """The exchange without what is too long of it, which it then says."""
    if _size(exchange["request_body"]) > MOST_BYTES:
        exchange |= {"request_body": "", "missing": sorted({*exchange.get("missing", ()), "request"})}
    if _size(exchange["body"]) > MOST_BYTES:
        exchange |= {"body": "", "ended": "limit", "failure": "the body was left out of the recorded baseline"}
    return exchange


def _size(body: str | Record) -> int:
    return len(json.dumps(body))


def _ask(command: str, *options: str) -> list[Record]:
    """The lines of the run file that a command of the suite writes; 1 is as good an exit code as 0."""
    folder = REPORTS / command
    where = ("--base-url", os.environ["OPENAI_BASE_URL"], "--report", str(folder))
    code = subprocess.run([sys.executable, "-m", "conformance", command, *where, *options]).returncode
    if code not in (0, 1):
        sys.exit(code)
    return list(records(folder / "run.jsonl"))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[1])
    checks = trimmed(_ask("run", "--known", KNOWN))
    parity = _ask("parity", "--baseline", "none", "--same-model")
    out.mkdir(parents=True, exist_ok=True)
    (out / "checks.jsonl").write_bytes(_lines(checks))
    (out / "parity.jsonl.gz").write_bytes(gzip.compress(_lines(parity), mtime=0))
    for file in sorted(out.iterdir()):
        print(f"{file}: {file.stat().st_size:,} bytes")
    return 0


def _lines(run: list[Record]) -> bytes:
    """The lines as bytes, without the path of this checkout, which vLLM tells in its list of models."""
    return b"".join(json.dumps(line).encode("ascii") + b"\n" for line in run).replace(str(Path.cwd()).encode(), b".")


if __name__ == "__main__":
    sys.exit(main())
