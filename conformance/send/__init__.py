"""Where exchanges come from: a live endpoint, a recording, the reference server in this process. A source never judges."""
