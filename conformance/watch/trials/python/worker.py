"""The worker of one client in Python: `python -I worker.py CLIENT.py [FOLDER]`. What it speaks is in the docstring of the room.

It runs where the client is installed and we are not, so it imports nothing of ours and nothing that need not be there.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

WORDS = 2000
"""Characters of an exception's message that are passed on."""
LONGEST = 32 * 1024 * 1024


class Ask:
    """What a scenario is asked with, and the kit: tools that note that they ran, and a class for structured output."""

    def __init__(self, line: dict[str, Any], folder: str) -> None:
        self.base_url: str = line["base_url"]
        self.model: str = line["model"]
        self.key: str = os.environ.get(line["key_env"]) or "none"
        self.headers: dict[str, str] = line.get("headers") or {}
        self.say: dict[str, Any] = line.get("say") or {}
        self.folder = folder
        self.ran: list[list[Any]] = []
        self.get_weather = self._get_weather()
        self.current_time = self._current_time()

    @property
    def prompt(self) -> str:
        return self.say["prompt"]

    def _get_weather(self):
        def get_weather(city: str) -> str:
            """What the weather is like in a city.

            Args:
                city: The name of the city.
            """
            self.ran.append(["get_weather", {"city": city}])
            return json.dumps({"sky": "clear" if city == "Paris" else "cloudy", "celsius": 21})

        return get_weather

    def _current_time(self):
        def current_time() -> str:
            """The current time of day."""
            self.ran.append(["current_time", {}])
            return "09:30"

        return current_time

    @cached_property
    def Capital(self) -> type:
        """The class of structured output."""
        from pydantic import BaseModel

        class Capital(BaseModel):
            """A capital and its country."""

            city: str
            country: str

        return Capital

    def schema(self, name: str) -> dict[str, Any]:
        """A tool of the kit as the API is asked for it, for clients that take it as data."""
        properties = (
            {"city": {"type": "string", "description": "The name of the city."}} if name == "get_weather" else {}
        )
        parameters = {
            "type": "object",
            "properties": properties,
            "required": [*properties],
            "additionalProperties": False,
        }
        about = "What the weather is like in a city." if properties else "The current time of day."
        return {"name": name, "description": about, "parameters": parameters}

    def run(self, name: str, arguments: str | dict[str, Any]) -> str:
        """Run a tool of the kit with its arguments as they came."""
        values = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments
        return {"get_weather": self.get_weather, "current_time": self.current_time}[name](**values)

    def program(self, command: list[str], files: dict[str, str], variables: dict[str, str]) -> Ran:
        """Run a program of `folder` in an empty folder, with nothing of our environment and a home of its own that holds `files`. What it
        sends elsewhere than to loopback goes to a proxy that is not there."""
        rooms = Path(self.folder, "rooms")  # in a sandbox all else is read only
        with tempfile.TemporaryDirectory(dir=rooms if rooms.is_dir() else self.folder) as room:
            home, work = Path(room, "home"), Path(room, "work")
            work.mkdir()
            for name, text in files.items():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_text(text, "utf-8")
            own = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
            nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
            here = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
            done = subprocess.run(
                command, cwd=work, env=own | nowhere | here | {"HOME": str(home), "NO_COLOR": "1"} | variables, text=True,
                capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
            )  # fmt: skip
            sys.stderr.write(done.stderr)
            made = {each.name: each.read_text("utf-8", "replace") for each in work.iterdir() if each.is_file()}
        return Ran(done.returncode, done.stdout, done.stderr, made)

    def made(self, ran: Ran) -> dict[str, Any]:
        """What there is of the file that the scenario wants."""
        return {"value": {"content": ran.files.get(self.say["name"])}}


class Ran(NamedTuple):
    """What came of a program: `files` are those that it left where it worked, by name."""

    code: int
    out: str
    err: str
    files: dict[str, str]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its output, where that is JSON a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


def main() -> None:
    file, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a client prints is none of ours

    def tell(said: dict[str, Any]) -> None:
        out.write(json.dumps(said, default=str) + "\n")

    try:
        client = _loaded(file)
    except BaseException as error:
        traceback.print_exc()
        tell({"cannot": f"{type(error).__name__}: {error}"[:WORDS]})
        return
    tell({"ready": _versions(file, folder)})
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    for text in iter(lambda: sys.stdin.readline(LONGEST), ""):
        line = json.loads(text)
        tell({"id": line["id"], **_done(client, line, folder, loop)})


def _loaded(file: str) -> Any:
    spec = importlib.util.spec_from_file_location("client_on_trial", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["client_on_trial"] = module
    spec.loader.exec_module(module)
    return module


def _versions(file: str, folder: str) -> dict[str, str]:
    """What is installed of what the head of the file names: of Python, or, for programs, of npm."""
    with open(file, encoding="utf-8") as head:
        named = re.search(r"^# packages: (.+)$", head.read(), re.MULTILINE)
    found = {}
    for package in re.split(r"[,\s]+", named[1].strip()) if named else ():
        name = re.split(r"[\[=<>~!]|(?<=.)@", package)[0]
        try:
            told = Path(folder, "node_modules", name, "package.json")
            found[name] = (
                json.loads(told.read_text("utf-8"))["version"] if told.is_file() else importlib.metadata.version(name)
            )
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _done(client: Any, line: dict[str, Any], folder: str, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """What the client's user sees of one scenario."""
    function = getattr(client, line["scenario"].replace("-", "_"), None)
    if function is None:
        return {"not_offered": "the client has no such thing"}
    ask = Ask(line, folder)
    promised = getattr(client, "PROMISED", None)
    said: dict[str, Any] = {} if promised is None else {"promised": promised}
    try:
        given = function(ask)
        if inspect.isawaitable(given):
            given = loop.run_until_complete(given)
        said |= given or {}
        if ask.ran:
            said.setdefault("calls", ask.ran)
    except Exception as error:
        traceback.print_exc()
        said["error"] = _error(error)
    return said


def _error(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    top = kind.__module__.partition(".")[0]
    name = kind.__name__ if top in ("builtins", "client_on_trial") else f"{top}.{kind.__name__}"
    return {"class": name, "message": " ".join(str(error).split())[:WORDS], "status": _status(error)}


def _status(error: BaseException | None) -> int | None:
    """The status that an exception, or the one behind it, carries under any of the usual names."""
    for _ in range(5):
        if error is None:
            return None
        for name in ("status_code", "status", "http_status"):
            value = getattr(error, name, None)
            if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
                return int(value)
        error = error.__cause__ or error.__context__
    return None


if __name__ == "__main__":
    main()
