"""Source text and places in it: the floor that every other layer stands on."""

from __future__ import annotations

import bisect
import codecs
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

_BEYOND = re.compile(r"[^\x00-\x7f]")
_SINGLE = bytes(c if c < 0x80 else ord("_") for c in range(256))
MAX_FILE_SIZE = 32 * 1024 * 1024
"""Bytes; a larger file is refused with a SourceError instead of being read."""


class SourceError(Exception):
    """A file that cannot be read as text; `str(error)` is one sentence for the user, without the path."""


@dataclass(frozen=True, eq=False)
class Source:
    """One file as text.

    `path` is what reports print: relative to the working directory where possible, forward slashes.
    Every offset in edlint counts code points of `text`, so the readers need no conversion.
    Two sources are equal only when they are the same object.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    """What the bytes were decoded from: utf-8, latin-1, utf-16-le, utf-16-be, or `none` for made text."""
    marked: bool = False
    """The file began with the byte order mark of UTF-8, which `text` is without."""

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first code point of each line; LF, CRLF and lone CR end a line."""
        starts = [0]
        text, at, end = self.text, 0, len(self.text)
        if "\r" not in text:
            while (at := text.find("\n", at) + 1) > 0:
                starts.append(at)
            return tuple(starts)
        while at < end:
            char = text[at]
            at += 1
            if char == "\r":
                if at < end and text[at] == "\n":
                    at += 1
                starts.append(at)
            elif char == "\n":
                starts.append(at)
        return tuple(starts)

    @property
    def single_bytes(self) -> bytes:
        """The text with every non-ASCII code point as one `_`, so that byte offsets are code point offsets.

        Made each time, which takes less time than keeping it costs memory.
        """
        text = self.text
        if text.isascii():
            return text.encode("ascii")
        try:
            return text.encode("latin-1").translate(_SINGLE)
        except UnicodeEncodeError:
            return _BEYOND.sub("_", text).encode("ascii")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; a tab is one column."""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Text of line `number` (from 1) without its line end; empty when there is no such line."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The half-open range [start, end) of this text."""
        return Span(self, start, end)

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


class Span:
    """A half-open range of code points in one source.

    What there is most of in a run: it holds its size instead of its end, since Python shares the small numbers.
    """

    __match_args__ = ("source", "start", "end")
    __slots__ = ("_size", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source: Final = source
        self.start: Final = start
        self._size: Final = end - start

    @property
    def end(self) -> int:
        """Behind its last code point."""
        return self.start + self._size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return False
        return self.source is other.source and self.start == other.start and self._size == other._size

    def __hash__(self) -> int:
        return hash((self.source, self.start, self._size))

    @property
    def path(self) -> str:
        """Path of the file, as reports print it."""
        return self.source.path

    @property
    def line(self) -> int:
        """First line, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """First column, from 1, in code points."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the end of the span."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column just behind the last code point."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        """The code points that the span covers."""
        return self.source.text[self.start : self.end]

    @property
    def order(self) -> tuple[str, int, int]:
        """A key that sorts spans by path, start and end."""
        return self.source.path, self.start, self.end

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`, which must lie in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))

    def covers(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.source is other.source and self.start <= other.start and other.end <= self.end

    def __repr__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was asked for and not analysed, or only partly: told in every report."""

    path: str
    span: Span | None
    message: str
    kind: str
    """`unreadable-file`, `partial-function`, `lost-function`, `unresolved-import`, `undecided-side`, ..."""
    fatal: bool = False
    """The user asked for it by name, so the run must not end with success."""


def read_source(path: Path, shown: str | None = None) -> Source:
    """Read `path` as text: UTF-8, UTF-16 with a byte order mark, else Latin-1.

    `shown` is the path that reports print (default: `path` as given). Raises SourceError for what is no
    text file, is too large or cannot be read.
    """
    name = shown if shown is not None else path.as_posix()
    try:
        if not path.is_file():
            raise SourceError("no such file" if not path.exists() else "not a regular file")
        size = path.stat().st_size
        if not size and is_made_up(Path(os.path.realpath(path))):
            raise SourceError("not a regular file")
        if size > MAX_FILE_SIZE:
            raise SourceError(f"larger than {MAX_FILE_SIZE // (1024 * 1024)} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(error.strerror or str(error)) from error
    return decode(name, data)


def is_made_up(path: Path) -> bool:
    """Whether a path without links is one that the system makes up: some of these wait for something to happen."""
    return path.parts[1:2] in (("proc",), ("sys",), ("dev",))


def read_head(path: Path, size: int = MAX_FILE_SIZE) -> bytes:
    """The first `size` bytes of a regular file; nothing of what is none, which a read could wait for without an end."""
    try:
        if not path.is_file() or (not path.stat().st_size and is_made_up(Path(os.path.realpath(path)))):
            return b""
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError):
        return b""


def decode(name: str, data: bytes) -> Source:
    """The bytes of a file as a Source; raises SourceError when they are no text."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return Source(name, data[2:].decode(encoding, "replace"), encoding)
    if b"\0" in data:
        raise SourceError("a binary file, not text (it holds NUL bytes)")
    try:
        marked = data.startswith(codecs.BOM_UTF8)
        return Source(name, data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), "utf-8", marked)
    except UnicodeDecodeError:
        return Source(name, data.decode("latin-1"), "latin-1")
