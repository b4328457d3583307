"""The process that judges one target of a matrix: reads its command line from standard input, and ends when its parent does.

Standard input stays open as long as the parent lives, however that ends: a run whose result nobody awaits sends nothing more.
The command line comes that way because a base URL may hold a secret, and a list of processes is no secret.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from conformance.run.gate import INTERRUPTED


def _end_with_parent() -> None:
    while os.read(0, 1):  # not by sys.stdin, whose lock Python wants when it ends
        pass
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    from conformance.cli.main import main

    arguments = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(arguments)
