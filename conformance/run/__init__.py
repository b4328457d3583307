"""One run from end to end: its options, which checks it has, where its exchanges come from, the run file, the gate.

It prints nothing and knows no report: who asks for a run hands over what writes them.
"""
