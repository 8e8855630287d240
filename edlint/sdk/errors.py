"""What is wrong with a model file, and on which line."""

from __future__ import annotations

import re
from pathlib import Path

from edlint.errors import RequestError


class ModelError(RequestError):
    """A model file that cannot be used; `str(error)` is `file:line: sentence`."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class ModelFile:
    """The text of a model file, to find the line of what is wrong in its parsed form.

    tomllib keeps no positions, so a word is looked up in the text, nearest to the name of the thing it belongs to.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path.as_posix()
        self.lines = text.splitlines()

    def error(self, message: str, word: str = "", near: str = "") -> ModelError:
        """A ModelError at the line of `word`, the first one that also names `near` if there is one."""
        return ModelError(self.path, self.line(word, near), message)

    def line(self, word: str, near: str = "") -> int:
        """Line of `word` (from 1), preferring lines at or after one that names `near`; 1 when it is nowhere."""
        wanted = _whole(word)
        hits = [n for n, text in enumerate(self.lines, 1) if wanted.search(text)] if word else []
        if near:
            beside = _whole(near)
            anchors = [n for n, text in enumerate(self.lines, 1) if beside.search(text)]
            for anchor in anchors:
                if anchor in hits:
                    return anchor
            if anchors:
                return next((n for n in hits if n >= anchors[0]), anchors[0])
        return hits[0] if hits else 1


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
