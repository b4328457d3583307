"""Which model is asked for what: one that chats embeds no text. What the user does not name is looked for among the listed by its name;
where none has one that fits, the chat model is tried, for a server of one model serves everything by it. It must not send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.probe import Task

NAMED: dict[Task, re.Pattern[str]] = {
    "embedding": re.compile(r"embed|\b(bge|gte|e5|minilm|nomic|arctic-embed)\b", re.IGNORECASE),
    "transcription": re.compile(
        r"whisper|transcri|\basr\b|parakeet|canary|voxtral|moonshine|speech-to-text|\bstt\b", re.IGNORECASE
    ),
    "speech": re.compile(r"\btts\b|tts-|text-to-speech|kokoro|piper|orpheus|\bspeech\b", re.IGNORECASE),
    "image": re.compile(r"image|dall-e|flux|stable-diffusion|sdxl|\bsd[-_]?[0-9x]|qwen-image", re.IGNORECASE),
    "moderation": re.compile(r"moderation|guard", re.IGNORECASE),
}
"""How models of a task are called: by OpenAI, and by those who publish them."""
_NOT_MADE = re.compile(r"vision|understanding|caption|rerank|realtime", re.IGNORECASE)
"""Says that a model reads what these words name, and does not make it."""


def listed(models: Exchange | None) -> list[str]:
    """The ids of a list of models; none where it cannot be read."""
    try:
        data = models.answer.get("data") if models is not None and models.ok else None
    except Unreadable:
        return []
    ids = [find(item, "id") for item in data] if isinstance(data, list) else []
    return [id for id in ids if isinstance(id, str) and id.isprintable() and id.strip() and len(id) <= 500]


def model_for(task: Task, ids: list[str]) -> str | None:
    """The first of these models that is called as those of the task are."""
    named = NAMED.get(task)
    return next((id for id in ids if named and named.search(id) and not _NOT_MADE.search(id)), None)


def models(given: Mapping[Task, str | None], ids: list[str]) -> dict[Task, str]:
    """The model of each task that has one of its own: as the user says, else by its name."""
    found = {task: name or model_for(task, ids) for task, name in {**dict.fromkeys(NAMED), **given}.items()}
    return {task: name for task, name in found.items() if name}
