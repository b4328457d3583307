"""openai-conformance: proves whether an OpenAI-compatible endpoint is a drop-in replacement for the OpenAI API."""

__version__ = "0.1.0"
