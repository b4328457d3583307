"""Two runs of one endpoint print the same, but for times: on the terminal, to JUnit, whatever the seed of hashes and however many
requests are under way at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conformance.areas.catalogue import lies
from conformance.reference.lies import several
from conformance.send.embedded import Reference

TOLD = ("chat-created-float", "chunk-without-id", "chat-refuses-parts", "param-refuses-nulls", "usage-absent")
TIMES = re.compile(r"\b\d{10}(\.\d+)?\b|in \d+\.\d s\b|(timestamp|time)=\"[^\"]*\"|\d{4}-\d\d-\d\dT[\d:+]+")
"""What a clock says."""
SEVERAL = re.compile("…( or …)+( or others)?")
"""How many different times there are is a matter of the clock, too."""
RUNS = (("0", "8", "one"), ("4711", "5", "two"), ("99", "16", "three"))


@pytest.mark.parametrize("verbose", [(), ("--verbose",)], ids=["", "verbose"])
def test_two_runs_say_the_same(tmp_path, verbose):
    told = [lies()[name] for name in TOLD if name in lies()]
    assert len(told) > 3
    said, cases = set(), set()
    for seed, at_once, name in RUNS[:2] if verbose else RUNS:
        folder = tmp_path / name
        with Reference(lie=several(*told)) as server:
            command = [sys.executable, "-m", "conformance", "--base-url", server.base_url, "--report", str(folder)]
            done = subprocess.run(
                [*command, "--concurrency", at_once, *verbose],
                env=os.environ | {"PYTHONHASHSEED": seed, "OPENAI_API_KEY": server.key},
                capture_output=True,
                text=True,
            )
        assert done.returncode == 1, done.stderr
        texts = [done.stdout.replace(str(folder), "out"), (folder / "junit.xml").read_text("utf-8")]
        for kept, text in zip((said, cases), texts, strict=True):
            kept.add(SEVERAL.sub("…", TIMES.sub("…", text.replace(server.base_url, "http://…/v1"))))
    differ = differing(said) + differing(cases)
    assert not differ, "\n".join(differ)


def differing(texts: set[str]) -> list[str]:
    """The lines that not all have."""
    lines = [set(text.splitlines()) for text in texts]
    return sorted(set.union(*lines) - set.intersection(*lines))[:20]
