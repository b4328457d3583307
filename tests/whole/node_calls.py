"""openai-node calls every route of the reference: `nox -s node`, or `python -m tests.whole.node_calls FOLDER`, where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from conformance.exchange.shipped import place
from conformance.send.embedded import Reference

SCRIPT = Path(__file__).with_suffix(".mjs")


def main(folder: str) -> int:
    """How many routes the client failed on."""
    script = shutil.copy(SCRIPT, folder)  # there its import finds the package
    with Reference() as server:
        told = {
            "BASE_URL": server.base_url, "KEY": server.key, "MODEL": server.model, "MODELS": json.dumps(server.server.models),
            "AUDIO": str(place("fixtures/audio/morning.wav")), "PICTURE": str(place("fixtures/yellow.png")),
        }  # fmt: skip
        return subprocess.run(["node", script], env={**os.environ, **told}, timeout=120).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
