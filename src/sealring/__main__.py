"""Run as `python -m sealring`, for a Python whose scripts are not on PATH."""

from sealring.cli.main import entry

if __name__ == "__main__":
    entry()
