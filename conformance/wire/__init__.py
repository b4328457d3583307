"""Bytes in, structure out: server-sent events, JSON text, redaction and curl lines. No I/O, no judging, imports nothing of ours."""
