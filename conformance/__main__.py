"""`python -m conformance` is `openai-conformance`."""

from conformance.cli import main

if __name__ == "__main__":
    main()
