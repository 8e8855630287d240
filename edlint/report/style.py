"""How a format should look, where it has a choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Paint = Callable[[str, str], str]
"""Turns the name of a colour and a text into that text in that colour."""

CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "strong": "1",
    "gutter": "1;34",
    "dim": "2",
    "added": "32",
    "removed": "31",
}


@dataclass(frozen=True, slots=True)
class Style:
    """What the user chose, or the terminal allows."""

    color: bool = False
    width: int = 100
    """Columns of the terminal; source lines are cut around their spans."""
    statistics: bool = False
    timing: bool = False
    category: str = ""
    """SARIF: the category of the run (`automationDetails`)."""
    suppressed: bool = False
    """SARIF: with the findings that comments allow, marked as such."""

    def paint(self, name: str, text: str) -> str:
        """The text in the colour of that name (a key of CODES, or nothing)."""
        if not self.color or not text or name not in CODES:
            return text
        return f"\x1b[{CODES[name]}m{text}\x1b[0m"
