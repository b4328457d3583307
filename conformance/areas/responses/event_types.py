"""The types that the events of a Responses stream have, as of November 2026. It judges nothing."""

from __future__ import annotations

_LIVES = {
    "response": "created queued in_progress completed incomplete failed",
    "response.output_item": "added done",
    "response.content_part": "added done",
    "response.output_text": "delta done annotation.added",
    "response.refusal": "delta done",
    "response.function_call_arguments": "delta done",
    "response.custom_tool_call_input": "delta done",
    "response.reasoning_text": "delta done",
    "response.reasoning_summary_part": "added done",
    "response.reasoning_summary_text": "delta done",
    "response.audio": "delta done",
    "response.audio.transcript": "delta done",
    "response.code_interpreter_call": "in_progress interpreting completed",
    "response.code_interpreter_call_code": "delta done",
    "response.file_search_call": "in_progress searching completed",
    "response.web_search_call": "in_progress searching completed",
    "response.image_generation_call": "in_progress generating partial_image completed",
    "response.mcp_call": "in_progress completed failed",
    "response.mcp_call_arguments": "delta done",
    "response.mcp_list_tools": "in_progress completed failed",
    "response.shell_call_command": "added delta done",
    "response.shell_call_output_content": "delta done",
    "response.apply_patch_call_operation_diff": "delta done",
    "response.compaction": "compacting",
}
EVENT_TYPES = frozenset(
    {"error", "keepalive"} | {f"{of}.{what}" for of, all_ in _LIVES.items() for what in all_.split()}
)
"""Those of the specification, and what genuine streams and the SDKs have beside them."""
