"""The readers of C and C++."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edlint.frontends.c import project
from edlint.model.unit import Unit
from edlint.source import Source


def read_units(sources: Sequence[Source], defines: Mapping[str, str] | None = None) -> tuple[Unit, ...]:
    """Read all C and C++ files of a project together; never raises.

    Macros, types and constants are shared over all files. `defines` are the macros of the command line.
    """
    return project.read(sources, defines or {})
