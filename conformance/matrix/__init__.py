"""Many targets judged one beside the other: what they are (targets.py), how (conducting.py), each in a process of its own (child.py)."""
