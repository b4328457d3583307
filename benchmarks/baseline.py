"""Records what a reference server answers, as the baseline that is shipped: `nox -s baseline` runs it beside a vLLM.

    python -m benchmarks.baseline FOLDER [--checks | --embeddings]      (OPENAI_BASE_URL and OPENAI_API_KEY say whom)

FOLDER/checks.jsonl is a run of the checks, of its exchanges only one for each problem; FOLDER/parity.jsonl.gz holds the answers
to the golden prompts, each asked twice, and what --same-model asks. --checks leaves those as they are: their times are of a machine
that does nothing else. --embeddings puts what a second server, which embeds alone, shows of embeddings in the place of what the first
had not. It judges nothing and edits no answer but for the path of this checkout.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from conformance.record.run_lines import Record, records

KNOWN = "fixtures/known/vllm-0.32.0.toml"
EMBEDDINGS = ("--endpoints", "embeddings", "--depth", "deep", "--known", "fixtures/known/vllm-0.32.0-embeddings.toml")
ONLY = ("--checks", "--embeddings")
REPORTS = Path("reports/latest-baseline")
MOST_BYTES = 2048
"""Of a body that is kept."""


def trimmed(lines: list[Record]) -> list[Record]:
    """Header, verdicts, features and footer, and the first exchange of every problem, its bodies no longer than MOST_BYTES."""
    named = {
        id for line in lines if line["type"] == "verdict" and line["outcome"] == "fail"
        for problem in line["problems"] for id in problem["exchanges"][0].split(" + ")
    }  # fmt: skip
    return [
        _short(line) if line["type"] == "exchange" else _of_kept(line, named)
        for line in lines
        if line["type"] != "sdk" and (line["type"] != "exchange" or line["id"] in named)
    ]


def _of_kept(line: Record, named: set[str]) -> Record:
    """A verdict with the ids of the exchanges alone that are kept; any other line as it is."""
    return line | {"exchanges": [id for id in line["exchanges"] if id in named]} if line["type"] == "verdict" else line


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
    shutil.rmtree(folder, ignore_errors=True)  # or the run of a part would lie below that of all
    where = ("--base-url", os.environ["OPENAI_BASE_URL"], "--report", str(folder))
    code = subprocess.run([sys.executable, "-m", "conformance", command, *where, *options]).returncode
    if code not in (0, 1):
        sys.exit(code)
    return list(records(folder / "run.jsonl"))


def joined(first: list[Record], second: list[Record]) -> list[Record]:
    """The lines of a run with what another shows of embeddings: its verdicts of those checks, its features, and the exchanges that
    they name."""
    own = [line for line in second if line["type"] in ("verdict", "feature") and _of_embeddings(line)]
    named = {id for line in own for problem in line.get("problems", ()) for id in problem["exchanges"][0].split(" + ")}
    shown = [line for line in second if line["type"] == "exchange" and line["id"] in named]
    kept = [line for line in first if line["type"] == "exchange" and line["id"] not in named]
    rest = [line for line in first if line["type"] not in ("exchange", "header", "footer") and not _of_embeddings(line)]
    return [first[0], *kept, *shown, *rest, *own, first[-1]]


def _of_embeddings(line: Record) -> bool:
    return line["type"] in ("verdict", "feature") and str(line.get("check") or line.get("feature")).startswith(
        "embedding"
    )


def main() -> int:
    if not 2 <= len(sys.argv) <= 3 or not set(sys.argv[2:]) <= set(ONLY):
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    if "--embeddings" in sys.argv:
        found = joined(list(records(out / "checks.jsonl")), trimmed(_ask("run", *EMBEDDINGS)))
    else:
        found = trimmed(_ask("run", "--known", KNOWN))
    (out / "checks.jsonl").write_bytes(_lines(found))
    if not sys.argv[2:]:
        parity = _ask("parity", "--baseline", "none", "--same-model")
        (out / "parity.jsonl.gz").write_bytes(gzip.compress(_lines(parity), mtime=0))
    for file in sorted(out.iterdir()):
        print(f"{file}: {file.stat().st_size:,} bytes")
    return 0


def _lines(run: list[Record]) -> bytes:
    """The lines as bytes, without the path of this checkout, which vLLM tells in its list of models."""
    return b"".join(json.dumps(line).encode("ascii") + b"\n" for line in run).replace(str(Path.cwd()).encode(), b".")


if __name__ == "__main__":
    sys.exit(main())
