"""The one door to everything that is built or tested: `nox -l` lists it, `nox -s NAME` does it, `nox -R -s NAME` again.

The sessions are in .ci/sessions/, by what they are for. They need nox and uv, by their hashes in .ci/nox.txt: sessions fetch what else
they want. A session does one thing and fails where that fails.

What CI installs is locked: .ci/constraints.txt holds hashes and no address, so any registry will do (UV_INDEX_URL and the like).
"""

import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent / ".ci"))
from sessions import gateways, measuring, releasing, servers, testing  # noqa: F401 (nox finds a session by its being made)

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "tests", "node", "browser", "wheel", "sbom", "vllm", "ci", "docs"]
