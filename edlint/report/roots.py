"""Paths as services want them: relative to the top of the repository, links resolved."""

from __future__ import annotations

import os
from pathlib import Path


def below(path: str, root: str) -> str | None:
    """The path relative to `root` (empty: the working directory), or None when it lies elsewhere."""
    top = Path(os.path.realpath(root or "."))
    real = Path(os.path.realpath(path))
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else None
