"""How the official client is called for the endpoints beside chat, and what a caller reads of what it gives.

It must not repair: what is None where callers go on reading fails here as it fails there. Nothing here is sent (transport.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from conformance.exchange import Exchange

Caller = Callable[[Any, Exchange], Any]
Read = Callable[[Any], Any]
SOUND = ("a.wav", b"RIFF")
PICTURE = ("a.png", b"PNG")


class Call(NamedTuple):
    """One way to call the client: its name, the call (of a client, sync or async alike), and what a caller reads, of each event where
    it is a stream."""

    way: str
    call: Caller
    read: Read


def _response(answer: Any) -> Any:
    return answer.id, answer.status, answer.output_text, [item.type for item in answer.output]


def _event(event: Any) -> Any:
    return event.type, _response(event.response) if event.type == "response.completed" else None


def _vectors(answer: Any) -> Any:
    return [(each.index, each.embedding[0]) for each in answer.data]


def _texts(answer: Any) -> Any:
    return [(choice.index, choice.text.encode("utf-8")) for choice in answer.choices]


def _spoken(answer: Any) -> Any:
    return answer if isinstance(answer, str) else answer.text.encode("utf-8")


def _pictures(answer: Any) -> Any:
    return answer.created, [image.b64_json or image.url for image in answer.data]


def _verdicts(answer: Any) -> Any:
    return [(each.flagged, each.categories.hate, each.category_scores.hate) for each in answer.results]


def _id(answer: Any) -> Any:
    return answer.id


def _file(answer: Any) -> Any:
    return answer.id, answer.bytes, answer.filename


def _batch(answer: Any) -> Any:
    return answer.id, answer.status


def _type(event: Any) -> Any:
    return event.type


def _words(x: Exchange) -> dict[str, Any]:
    """How the transcript is to be written, as the request asked."""
    asked = x.asked.get("response_format")
    return {"response_format": asked} if asked in ("json", "text", "srt", "vtt", "verbose_json") else {}


def _encoding(x: Exchange) -> dict[str, Any]:
    """The client asks for base64 by itself and decodes what comes; here for what the request asked."""
    return {} if x.asked.get("encoding_format") == "base64" else {"encoding_format": "float"}


_ASK = {"model": "model", "input": "Hello"}
_DRAW = {"model": "model", "prompt": "A dot"}
CALLS: dict[tuple[str, str, bool], Call] = {
    ("responses", "POST", False): Call("responses.create()", lambda c, x: c.responses.create(**_ASK), _response),
    ("responses", "POST", True): Call(
        "responses.create(stream=True)", lambda c, x: c.responses.create(**_ASK, stream=True), _event
    ),
    ("response", "GET", False): Call("responses.retrieve()", lambda c, x: c.responses.retrieve("id"), _response),
    ("response", "GET", True): Call(
        "responses.retrieve(stream=True)", lambda c, x: c.responses.retrieve("id", stream=True), _event
    ),
    ("response", "DELETE", False): Call(
        "responses.delete()", lambda c, x: c.responses.delete("id"), lambda answer: answer
    ),
    ("response-cancel", "POST", False): Call("responses.cancel()", lambda c, x: c.responses.cancel("id"), _response),
    ("embeddings", "POST", False): Call(
        "embeddings.create()", lambda c, x: c.embeddings.create(**_ASK, **_encoding(x)), _vectors
    ),
    ("completions", "POST", False): Call(
        "completions.create()", lambda c, x: c.completions.create(model="model", prompt="One"), _texts
    ),
    ("completions", "POST", True): Call(
        "completions.create(stream=True)",
        lambda c, x: c.completions.create(model="model", prompt="One", stream=True),
        _texts,
    ),
    ("speech", "POST", False): Call(
        "audio.speech.create()",
        lambda c, x: c.audio.speech.create(**_ASK, voice="alloy"),
        lambda answer: answer.content[:1],
    ),
    ("transcriptions", "POST", False): Call(
        "audio.transcriptions.create()",
        lambda c, x: c.audio.transcriptions.create(model="model", file=SOUND, **_words(x)),
        _spoken,
    ),
    ("transcriptions", "POST", True): Call(
        "audio.transcriptions.create(stream=True)",
        lambda c, x: c.audio.transcriptions.create(model="model", file=SOUND, stream=True),
        _type,
    ),
    ("translations", "POST", False): Call(
        "audio.translations.create()",
        lambda c, x: c.audio.translations.create(model="model", file=SOUND, **_words(x)),
        _spoken,
    ),
    ("images", "POST", False): Call("images.generate()", lambda c, x: c.images.generate(**_DRAW), _pictures),
    ("images", "POST", True): Call(
        "images.generate(stream=True)", lambda c, x: c.images.generate(**_DRAW, stream=True), _type
    ),
    ("image-edits", "POST", False): Call(
        "images.edit()", lambda c, x: c.images.edit(**_DRAW, image=PICTURE), _pictures
    ),
    ("image-edits", "POST", True): Call(
        "images.edit(stream=True)", lambda c, x: c.images.edit(**_DRAW, image=PICTURE, stream=True), _type
    ),
    ("image-variations", "POST", False): Call(
        "images.create_variation()", lambda c, x: c.images.create_variation(image=PICTURE), _pictures
    ),
    ("moderations", "POST", False): Call(
        "moderations.create()", lambda c, x: c.moderations.create(input="Hello"), _verdicts
    ),
    ("files", "POST", False): Call(
        "files.create()", lambda c, x: c.files.create(file=("a.jsonl", b"{}"), purpose="batch"), _file
    ),
    ("file", "GET", False): Call("files.retrieve()", lambda c, x: c.files.retrieve("id"), _file),
    ("file", "DELETE", False): Call("files.delete()", lambda c, x: c.files.delete("id"), lambda answer: answer.deleted),
    ("file-content", "GET", False): Call(
        "files.content()", lambda c, x: c.files.content("id"), lambda answer: answer.content
    ),
    ("batches", "POST", False): Call(
        "batches.create()",
        lambda c, x: c.batches.create(input_file_id="id", endpoint="/v1/chat/completions", completion_window="24h"),
        _batch,
    ),
    ("batch", "GET", False): Call("batches.retrieve()", lambda c, x: c.batches.retrieve("id"), _batch),
    ("batch-cancel", "POST", False): Call("batches.cancel()", lambda c, x: c.batches.cancel("id"), _batch),
}
"""By route, method, and whether a stream was asked for. Lists that come in pages are left out: of one answer the client would ask for
ever."""
WAYS = tuple(each.way for each in CALLS.values())


def ways(x: Exchange) -> Iterator[Call]:
    """The calls that an answer of 2xx could be the answer to."""
    found = CALLS.get((x.route or "", x.method, x.streaming))
    if found is not None and x.ok and x.asked.get("stream_format") != "sse":
        yield found


def taken(call: Call, client: Any, x: Exchange) -> None:
    """Call the client, and read what it gives as a caller does."""
    got = call.call(client, x)
    for each in got if x.streaming else (got,):
        call.read(each)


async def taken_async(call: Call, client: Any, x: Exchange) -> None:
    """The same of the asynchronous client."""
    got = await call.call(client, x)
    if not x.streaming:
        call.read(got)
        return
    async for each in got:
        call.read(each)
