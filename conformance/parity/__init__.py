"""Two endpoints side by side: golden prompts, what both answered, and whether they serve the same model. Judges no law of the API."""
