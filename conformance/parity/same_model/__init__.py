"""Whether two endpoints serve the same model the same way: a permutation test on the answers to golden prompts (ruling.py)."""
