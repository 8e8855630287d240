"""Files that are named as tests: what they show is nobody's secret."""

from __future__ import annotations

import posixpath

from edlint.analysis.keynames import TESTS


def is_test_file(path: str) -> bool:
    """Whether the file itself, not only a folder around it, is named as a test."""
    return TESTS.search(posixpath.basename(path)) is not None
