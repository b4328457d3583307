"""Makes `python -m openai_conformance` the command `openai-conformance`, also where a folder `conformance` is somebody else's."""

from conformance.cli.main import main  # ours: the package has found it before this file runs

__all__ = ["main"]

if __name__ == "__main__":
    main()
