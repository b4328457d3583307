"""What the files of a report folder are called."""

from __future__ import annotations

RUN, JUNIT, BADGE, HTML = "run.jsonl", "junit.xml", "badge.svg", "index.html"
RUN_PART = f"{RUN}.part"
"""The run file of a replay while it is written."""
SARIF, QUALITY = "conformance.sarif", "code-quality.json"
OPERATORS = "operators.html"
"""What production says, where what was judged is of days or models."""
VIEWS = (JUNIT, SARIF, QUALITY, BADGE, OPERATORS, HTML)
"""What is made of a run file."""
