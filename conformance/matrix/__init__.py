"""Many targets judged one beside the other: what they are (targets.py), and how (fleet.py), each in a process of its own."""
