"""How a format should look, where it has a choice."""

from __future__ import annotations

from dataclasses import dataclass


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
