"""The same unchanged server, judged many times with one file of known deviations: is it green each time?

    python -m benchmarks.repeat [RUNS] [TIMES]      the server's address and key are in OPENAI_BASE_URL and OPENAI_API_KEY

The file is made first, by `--write-known --times TIMES` (5); then come RUNS (20) runs with it. What made one red is said, and
which checks did not come out alike. Without an address it is the embedded reference; `nox -s repeat` does it beside each of three
servers. Fails where a run is red.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from conformance.run.run_file import read

REPORTS = Path("reports/latest-repeat")
RUNS, TIMES = 20, 5


def judged(*options: str) -> int:
    """Judge the server once; the exit code. Ends this program where it could not be judged at all."""
    where = ["--base-url", url] if (url := os.environ.get("OPENAI_BASE_URL")) else []
    command = [sys.executable, "-m", "conformance", "run", "--quiet", *where, *options]
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    if code not in (0, 1):
        sys.exit(f"a run ended with exit code {code}")
    return code


def main() -> int:
    runs, times = (int(given) for given in [*sys.argv[1:], *map(str, (RUNS, TIMES)[len(sys.argv) - 1 :])])
    known = REPORTS / "known.toml"
    known.unlink(missing_ok=True)
    judged("--report", str(REPORTS / "first"), "--write-known", str(known), "--times", str(times))
    entries = known.read_text("utf-8")
    print(f"{entries.count('[[deviation]]')} known deviations, {entries.count('sometimes = true')} of them sometimes")
    green, outcomes = 0, defaultdict(Counter)
    for n in range(1, runs + 1):
        folder = REPORTS / f"run-{n}"
        green += not judged("--report", str(folder), "--known", str(known))
        run = read(folder / "run.jsonl", skip=("exchange", "sdk"))
        for verdict in run.verdicts:
            outcomes[verdict["check"]][verdict["outcome"]] += 1
        wrong = [*run.footer["red"], *(complaint["check"] for complaint in run.footer["complaints"])]
        print(f"run {n}: {', '.join(wrong) or 'green'}, {run.footer['seconds']:.0f} s", flush=True)
    for check, counts in outcomes.items():
        if len(counts) > 1:
            print(f"not alike: {check}: {', '.join(f'{count} {outcome}' for outcome, count in counts.items())}")
    print(f"{green} of {runs} runs were green")
    return green != runs


if __name__ == "__main__":
    sys.exit(main())
