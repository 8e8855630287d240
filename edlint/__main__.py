"""`python -m edlint` and the console script."""

from __future__ import annotations

from edlint.cli import cli


def run() -> None:
    """Entry of the console script."""
    cli()


if __name__ == "__main__":
    run()
