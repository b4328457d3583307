"""A request that the reference server turns down: its status, and the error in the words of OpenAI. It decides on none."""

from __future__ import annotations


class Refusal(Exception):
    """A refused request: becomes an error answer of that status."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
