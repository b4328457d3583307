"""The suite as a whole: the command from outside, what holds for every file, and what the documents promise."""
