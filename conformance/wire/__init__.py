"""Bytes in, structure out: server-sent events, JSON text, content codings, redaction. No I/O, no judging, imports nothing of ours."""
