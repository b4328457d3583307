"""OpenAI's own specification: which names it has, which of them this suite meets, and what changed since. Judges no endpoint."""
