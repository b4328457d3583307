"""The session that judges real gateways from both their ends."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox
from sessions.installing import install

LITELLM, PORTKEY, MITMPROXY = "1.108.7", "1.15.2", "11.0.2"


@nox.session
def gateways(session: nox.Session) -> None:
    """Judge LiteLLM's proxy (600 MB) and Portkey's gateway from both their ends, against their known deviations; mitmproxy, too."""
    install(session, extras=["sdk"])
    tmp = Path(session.create_tmp()).resolve()
    uv = (sys.executable, "-m", "uv", "--quiet")
    session.run(*uv, "venv", "--clear", str(tmp / "litellm"), external=True)
    session.run(*uv, "pip", "install", "--python", str(tmp / "litellm"), f"litellm[proxy]=={LITELLM}", external=True)
    session.run(*uv, "venv", "--clear", str(tmp / "mitmproxy"), external=True)
    session.run(*uv, "pip", "install", "--python", str(tmp / "mitmproxy"), f"mitmproxy=={MITMPROXY}", external=True)
    shutil.copy("fixtures/gateways/package.json", tmp / "package.json")
    session.run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp), external=True)
    judge = (
        "python",
        "-m",
        "conformance",
        "gateway",
        "--wait",
        "300",
        "--api-key-env",
        "GATEWAY_KEY",
        "--lies",
        "--cost",
    )
    keys = {"GATEWAY_KEY": "sk-gateway-0001", "OPENAI_API_KEY": "sk-gateway-0001", "UPSTREAM_KEY": "sk-upstream-0001"}
    session.run(
        *judge, "--base-url", "http://127.0.0.1:4000/v1", "--upstream-key-env", "UPSTREAM_KEY",
        "--known", f"fixtures/known/gateway-litellm-{LITELLM}.toml", "--report", "reports/latest-litellm",
        "--", str(tmp / "litellm/bin/litellm"), "--config", "fixtures/gateways/litellm.yaml", "--host", "127.0.0.1", "--port", "4000",
        env=keys | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )  # fmt: skip
    session.run(
        *judge, "--base-url", "http://127.0.0.1:8787/v1", "--upstream-listen", "127.0.0.1:9000",
        "--header", "x-portkey-provider=openai", "--header", "x-portkey-custom-host=http://127.0.0.1:9000/v1",
        "--known", f"fixtures/known/gateway-portkey-{PORTKEY}.toml", "--report", "reports/latest-portkey",
        "--", "node", str(tmp / "node_modules/@portkey-ai/gateway/build/start-server.js"), "--port=8787", "--headless",
        env=keys,
    )  # fmt: skip
    session.run(
        *judge, "--none-worse", "--fail-on", "should", "--base-url", "http://127.0.0.1:8080/v1", "--upstream-listen", "127.0.0.1:9001",
        "--report", "reports/latest-mitmproxy", "--", str(tmp / "mitmproxy/bin/mitmdump"), "-q", "--mode", "reverse:http://127.0.0.1:9001",
        "--listen-host", "127.0.0.1", "--listen-port", "8080", "--set", "stream_large_bodies=1", "--set", f"confdir={tmp}/mitmproxy",
        env=keys,
    )  # fmt: skip
