"""Logs of gateways for the tests, made of the reference's own answers: what each gateway would have written of the same exchanges."""

from __future__ import annotations

import base64
import datetime
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.exchange import Exchange, NotRecorded, Unreadable

Json = dict[str, Any]
ROUTES = {"chat": "acompletion", "completions": "atext_completion", "embeddings": "aembedding", "responses": "aresponses",
          "moderations": "amoderation"}  # fmt: skip
WORDS = {"chat": "messages", "completions": "prompt"}
STARTED = 1_790_000_000.0


def answer_of(x: Exchange) -> Json | None:
    """The answer, put together as gateways do where it was streamed; None where there is no whole one."""
    try:
        if not x.streaming:
            return x.answer
        if x.route == "responses":
            return next((m["response"] for _, m in x.messages if m.get("type") in _LAST), None)
        return assembled(x) if x.route == "chat" else None
    except (Unreadable, NotRecorded, AttributeError, TypeError):
        return None


_LAST = ("response.completed", "response.incomplete", "response.failed")


def assembled(x: Exchange) -> Json:
    """A chat completion made of the chunks of a stream."""
    first = x.chunks[0]
    usage = [chunk["usage"] for chunk in x.chunks if chunk.get("usage")]
    choices = [
        {
            "index": c.index,
            "finish_reason": c.finish_reason,
            "message": {
                "role": "assistant",
                "content": c.content,
                "tool_calls": [_call(call) for call in c.tool_calls] or None,
                "function_call": None,
                **({"refusal": c.refusal} if c.refusal is not None else {}),
            },
        }
        for c in x.choices
    ]
    made = {
        "id": first.get("id"),
        "object": "chat.completion",
        "created": first.get("created"),
        "model": first.get("model"),
    }
    return made | {"choices": choices} | ({"usage": usage[-1]} if usage else {})


def _call(call: Any) -> Json:
    if call.type == "custom":
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": call.type, "function": {"name": call.name, "arguments": call.arguments}}


def _asked(x: Exchange) -> Json | None:
    """The request where a gateway kept one: a JSON object."""
    return x.asked if x.method == "POST" and x.asked and not x.form else None


def lines(values: Iterable[Json]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


# ---------------------------------------------------------------------- a writer a format


def litellm(x: Exchange) -> Json | None:
    asked, answer = _asked(x), answer_of(x)
    if x.route not in ROUTES or asked is None or answer is None or not x.ok or "error" in answer:
        return None
    word = WORDS.get(x.route, "input")
    rest = {k: v for k, v in asked.items() if k not in (word, "model")}
    return {"id": x.id, "trace_id": "t", "call_type": ROUTES[x.route], "stream": x.streaming, "status": "success", "cache_hit": None,
            "startTime": STARTED, "endTime": STARTED + 1.5, "completionStartTime": STARTED + 0.5, "model": asked.get("model"),
            "model_group": asked.get("model"), "api_base": "https://api.example.org/v1", "messages": asked.get(word),
            "response": answer, "model_parameters": rest, "metadata": {}, "hidden_params": {}}  # fmt: skip


def tap(x: Exchange) -> Json:
    parts = x.url.split("/", 3)
    pseudo = [(":method", x.method), (":scheme", parts[0][:-1]), (":authority", parts[2]), (":path", "/" + parts[3])]
    return {
        "http_buffered_trace": {
            "request": _tapped([*pseudo, *x.request_headers], x.request_body, x.started),
            "response": _tapped([(":status", str(x.status)), *x.headers], x.body, None),
        }
    }


def _tapped(headers: list[tuple[str, str]], body: bytes, time: float | None) -> Json:
    made: Json = {"headers": [{"key": name, "value": value} for name, value in headers], "trailers": []}
    made |= {"headers_received_time": _date(time)} if time else {}
    made["body"] = {"truncated": False, "as_bytes": base64.b64encode(body).decode()}
    return made


def tapped_as_it_passes(x: Exchange, number: int) -> Iterator[Json]:
    """The segments of a streamed tap, bodies in two pieces."""
    whole = tap(x)["http_buffered_trace"]
    for side in ("request", "response"):
        times = (
            {"headers_received_time": whole[side]["headers_received_time"]} if side == "request" and x.started else {}
        )
        yield _segment(number, f"{side}_headers", {"headers": whole[side]["headers"], **times})
        body = base64.b64decode(whole[side]["body"]["as_bytes"])
        for piece in (body[:30], body[30:]):
            if piece:
                yield _segment(number, f"{side}_body_chunk", {"as_bytes": base64.b64encode(piece).decode()})


def _segment(number: int, name: str, value: Json) -> Json:
    return {"http_streamed_trace_segment": {"trace_id": str(number), name: value}}


def flow(x: Exchange) -> bytes:
    """A flow as mitmproxy writes it."""
    parts = x.url.split("/", 3)
    request = {"path": f"/{parts[3]}".encode(), "authority": b"", "scheme": parts[0][:-1].encode(), "method": x.method.encode(),
               "port": 80, "host": parts[2], "timestamp_end": STARTED, "timestamp_start": x.started, "trailers": None,
               "content": x.request_body, "headers": _bytes(x.request_headers), "http_version": b"HTTP/1.1"}  # fmt: skip
    response = {"reason": b"OK", "status_code": x.status, "timestamp_end": None, "timestamp_start": None, "trailers": None,
                "content": x.body, "headers": _bytes(x.headers), "http_version": b"HTTP/1.1"}  # fmt: skip
    return netstring({"websocket": None, "response": response, "request": request, "error": None, "id": "1", "type": "http",
                      "version": 21})  # fmt: skip


def _bytes(headers: Iterable[tuple[str, str]]) -> list[list[bytes]]:
    return [[name.encode(), value.encode()] for name, value in headers]


def netstring(value: Any) -> bytes:
    """A tnetstring, as mitmproxy has them: `;` for text, `,` for bytes."""
    match value:
        case None:
            data, kind = b"", b"~"
        case bool():
            data, kind = str(value).lower().encode(), b"!"
        case int():
            data, kind = str(value).encode(), b"#"
        case float():
            data, kind = repr(value).encode(), b"^"
        case bytes():
            data, kind = value, b","
        case str():
            data, kind = value.encode(), b";"
        case list():
            data, kind = b"".join(map(netstring, value)), b"]"
        case _:
            data, kind = b"".join(netstring(k) + netstring(v) for k, v in value.items()), b"}"
    return b"%d:%b%b" % (len(data), data, kind)


def stored(x: Exchange) -> Json | None:
    asked, answer = _asked(x), answer_of(x)
    if x.route != "chat" or asked is None or answer is None or not x.ok or "error" in answer:
        return None
    kept = (
        "tools",
        "tool_choice",
        "response_format",
        "temperature",
        "top_p",
        "seed",
        "presence_penalty",
        "frequency_penalty",
    )
    nothing = dict.fromkeys(("tool_calls", "function_call"))
    choices = [{"logprobs": None, **c, "message": nothing | c["message"]} for c in answer["choices"]]
    return (
        {"request_id": "req_1", "input_user": None, "metadata": {}}
        | answer
        | {k: asked.get(k) for k in kept}
        | {"choices": choices}
    )


def otel(x: Exchange) -> Json | None:
    """One request of OTLP with one event, its messages as text."""
    kept = stored(x)
    if kept is None or any(_unlike(c["message"]) for c in kept["choices"]):
        return None
    told = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": x.asked.get("model"),
            "gen_ai.response.id": kept.get("id"), "gen_ai.response.model": kept.get("model"),
            "gen_ai.output.messages": json.dumps([_parts(c) for c in kept["choices"]])}  # fmt: skip
    if x.asked.get("tools"):
        told["gen_ai.tool.definitions"] = json.dumps(x.asked["tools"])
    attributes = [{"key": name, "value": {"stringValue": each}} for name, each in told.items() if isinstance(each, str)]
    attributes += [{"key": f"gen_ai.usage.{word}_tokens", "value": {"intValue": str(kept["usage"][name])}}
                   for word, name in (("input", "prompt_tokens"), ("output", "completion_tokens"))
                   if isinstance(kept.get("usage"), dict) and isinstance(kept["usage"].get(name), int)]  # fmt: skip
    record = {
        "timeUnixNano": "1790000000000000000",
        "eventName": "gen_ai.client.inference.operation.details",
        "attributes": attributes,
    }
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": [record]}]}]}


def _unlike(message: Json) -> bool:
    """What the conventions have no form for."""
    calls = message.get("tool_calls") or ()
    texts = (message.get("content") or "", *((c.get("function") or {}).get("arguments") for c in calls))
    return not all(isinstance(each, str) for each in texts) or any(c.get("type") == "custom" for c in calls)


def _parts(choice: Json) -> Json:
    message = choice["message"]
    parts = [{"type": "text", "content": message["content"]}] if message.get("content") is not None else []
    for call in message.get("tool_calls") or ():
        parts.append({"type": "tool_call", "id": call.get("id"), **call["function"]})
    reason = choice.get("finish_reason")
    return {
        "role": message.get("role"),
        "parts": parts,
        "finish_reason": {"tool_calls": "tool_call"}.get(reason, reason),
    }


def databricks(x: Exchange) -> Json | None:
    asked, answer = _asked(x), answer_of(x)
    if asked is None or answer is None:
        return None
    return {"databricks_request_id": x.id, "client_request_id": None, "request_time": "2026-09-21T14:13:20.000Z",
            "status_code": x.status, "execution_duration_ms": 1500, "request": json.dumps(asked), "response": json.dumps(answer),
            "served_entity_id": "e", "sampling_fraction": 1.0, "logging_error_codes": [], "requester": "r"}  # fmt: skip


def kong(x: Exchange) -> Json | None:
    row = databricks(x)
    return row and {"workspace_name": "default", "upstream_status": x.status, "started_at": 1_790_000_000_000,
                    "request": {"id": "1", "uri": "/v1/chat/completions", "method": "POST"}, "response": {"status": x.status},
                    "ai": {"proxy": {"payload": {"request": row["request"], "response": row["response"]},
                                     "meta": {"request_model": "m", "llm_latency": 1500}}}}  # fmt: skip


def portkey(x: Exchange) -> Json | None:
    row = databricks(x)
    return row and {"id": x.id, "trace_id": "t", "created_at": "2026-09-21T14:13:20.000Z", "request": json.loads(row["request"]),
                    "response": json.loads(row["response"]), "is_success": x.ok, "ai_org": "openai", "ai_model": "m",
                    "request_url": x.url, "response_time": 1500, "response_status_code": x.status}  # fmt: skip


def langfuse(x: Exchange) -> Json | None:
    kept = stored(x)
    if kept is None or len(kept["choices"]) != 1:
        return None
    given = (
        {"messages": x.asked["messages"], "tools": x.asked["tools"]}
        if x.asked.get("tools")
        else x.asked.get("messages")
    )
    return {"id": x.id, "trace_id": "t", "type": "GENERATION", "start_time": "2026-09-21 14:13:20.000000",
            "end_time": "2026-09-21 14:13:21.500000", "provided_model_name": "m", "model_parameters": {}, "session_id": "s",
            "input": json.dumps(given), "output": json.dumps(kept["choices"][0]["message"])}  # fmt: skip


def bedrock(x: Exchange) -> Json | None:
    asked = _asked(x)
    if x.route != "chat" or asked is None or not x.ok:
        return None
    try:
        answer = [m for _, m in x.messages] if x.streaming else x.answer
    except Unreadable:
        return None
    rest = {k: v for k, v in asked.items() if k not in ("model", "stream")}
    named = "InvokeModelWithResponseStream" if x.streaming else "InvokeModel"
    return {"schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": "2026-09-21T14:13:20Z", "accountId": "1",
            "region": "us-east-1", "requestId": x.id, "operation": named, "modelId": "openai.gpt-oss-20b-1:0",
            "input": {"inputContentType": "application/json", "inputBodyJson": rest, "inputTokenCount": 1},
            "output": {"outputContentType": "application/json", "outputBodyJson": answer, "outputTokenCount": 1}}  # fmt: skip


WRITERS = {"litellm": litellm, "stored": stored, "otel": otel, "databricks": databricks, "kong": kong, "portkey": portkey,
           "langfuse": langfuse, "bedrock": bedrock}  # fmt: skip
"""Of the formats that keep a part: the value of an exchange, or None where they have no form for it."""


def written(name: str, these: Iterable[Exchange]) -> bytes:
    """The file that this gateway would have written."""
    if name == "tap":
        return lines(map(tap, these))
    if name == "tap-streamed":
        return b"".join(
            json.dumps(s, indent=1).encode() + b"\n" for n, x in enumerate(these) for s in tapped_as_it_passes(x, n)
        )
    if name == "flows":
        return b"".join(map(flow, these))
    if name == "parquet":
        return parquet(list(filter(None, map(databricks, these))))
    return lines(filter(None, map(WRITERS[name], these)))


def parquet(rows: list[Json]) -> bytes:
    import pyarrow
    from pyarrow.parquet import write_table

    out = io.BytesIO()
    write_table(pyarrow.Table.from_pylist(rows), out)
    return out.getvalue()


def _date(time: float) -> str:
    """A time as the JSON of protocol buffers has it."""
    return datetime.datetime.fromtimestamp(time, datetime.UTC).isoformat().replace("+00:00", "Z")
