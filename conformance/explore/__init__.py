"""Exploring: requests that nobody wrote down, made up by Hypothesis, judged by the same laws, and shrunk to the smallest that fails.

It must not judge by itself (judge/judge.py does) and knows no area. Hypothesis is needed here alone and is an extra; nothing else
imports this room but its own command.
"""
