"""Standard output and its terminal: colour, width, encoding, a reader that goes away, a status line."""

from __future__ import annotations

import os
import shutil
import sys


def use_color(choice: str) -> bool:
    """Whether to colour: `--color` decides, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns for a report: the terminal's, between 40 and 160, and 120 for a file or a log."""
    return min(max(shutil.get_terminal_size().columns, 40), 160) if sys.stdout.isatty() else 120


def write(text: str) -> None:
    """Write to standard output whatever its encoding can hold; quiet when nobody reads any more."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class StatusLine:
    """One line on standard error that says what is going on; nothing unless that is a terminal."""

    def __init__(self, wanted: bool) -> None:
        self.shown = wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, text: str) -> None:
        """Replace the line."""
        if self.shown:
            columns = shutil.get_terminal_size().columns
            sys.stderr.write(f"\r\x1b[K{text[: columns - 1]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave an empty line to the report."""
        self.show("")
