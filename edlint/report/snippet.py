"""Source lines with labelled spans under them, as a compiler shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from edlint.finding import Label
from edlint.report.plain import plain
from edlint.report.style import Paint
from edlint.source import Source

TAB = 4
CUT = "..."
_REACH = 2000
"""Code points of a line that are looked at on each side of its first span: a line may be megabytes long."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled range of one line; columns are code points from 0."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """A line as a terminal shows it: the text, and for every code point of the source the column it starts at."""

    text: str
    columns: tuple[int, ...]
    first: int
    """Code point of the line that `columns[0]` belongs to."""

    def column(self, point: int) -> int:
        """Column of a code point of the line, within what is shown."""
        return self.columns[min(max(point - self.first, 0), len(self.columns) - 1)]


def marks_of(source: Source, primary: Label | None, labels: Sequence[Label]) -> list[Mark]:
    """The marks of the spans that lie in `source`; a span of several lines is marked on its first."""
    found: list[Mark] = []
    for label, first in [*([(primary, True)] if primary else []), *((label, False) for label in labels)]:
        span = label.span
        if span.source is not source:
            continue
        line, column = source.position(span.start)
        length = len(source.line(line))
        end = column - 1 + (span.end - span.start) if span.end_line == line else length
        start = min(column - 1, length)
        mark = Mark(line, start, max(min(end, length), start + 1), plain(label.text), first)
        if not any((m.line, m.start, m.end, m.text) == (mark.line, mark.start, mark.end, mark.text) for m in found):
            found.append(mark)
    return found


def snippet(source: Source, marks: Sequence[Mark], gutter: int, width: int, paint: Paint, color: str) -> list[str]:
    """Lines of text: the marked lines of one file with their labels, `...` where lines are left out."""
    bar = paint("gutter", "|")
    out: list[str] = []
    last = 0
    for number in sorted({m.line for m in marks}):
        if last and number == last + 2:
            between = _lay(source.line(last + 1), [], width - gutter - 3)
            out.append(f"{paint('gutter', str(last + 1).rjust(gutter))} {bar} {between.text}".rstrip())
        elif last and number > last + 1:
            out.append(paint("gutter", CUT))
        here = sorted((m for m in marks if m.line == number), key=lambda m: (m.start, m.end, not m.primary))
        laid = _lay(source.line(number), here, width - gutter - 3)
        out.append(f"{paint('gutter', str(number).rjust(gutter))} {bar} {laid.text}".rstrip())
        out += [f"{' ' * gutter} {bar} {row}" for row in _rows(here, laid, paint, color)]
        last = number
    return out


def _lay(line: str, marks: Sequence[Mark], room: int) -> Laid:
    """The line with tabs and control characters made visible, cut to `room` columns around its marks."""
    anchor = next((m for m in marks if m.primary), marks[0] if marks else None)
    low = max(0, min((m.start for m in marks), default=0) - _REACH)
    high = (anchor.start if anchor else 0) + _REACH
    if anchor and anchor.start - low > 2 * _REACH:
        low = anchor.start - _REACH
    shown, columns, at = [], [], 0
    for char in line[low:high]:
        columns.append(at)
        text = " " * (TAB - at % TAB) if char == "\t" else plain(char)
        shown.append(text)
        at += len(text) if len(text) != 1 else _wide(char)
    columns.append(at)
    if low == 0 and high >= len(line) and at <= room:
        return Laid("".join(shown), tuple(columns), 0)
    return _cut(shown, columns, low, room, anchor, len(line) > high)


def _cut(shown: list[str], columns: list[int], low: int, room: int, anchor: Mark | None, more: bool) -> Laid:
    start = anchor.start - low if anchor else 0
    end = min((anchor.end - low) if anchor else 0, len(shown))
    room = max(room - 2 * len(CUT), 20)
    first = start
    lead = max((room - (columns[end] - columns[start])) // 3, 8)
    while first > 0 and columns[start] - columns[first - 1] <= lead:
        first -= 1
    if low == 0 and columns[start] <= lead + len(CUT):
        first = 0
    last = first
    while last < len(shown) and columns[last + 1] - columns[first] <= room:
        last += 1
    before = CUT if first > 0 or low > 0 else ""
    after = CUT if last < len(shown) or more else ""
    base = columns[first] - len(before)
    kept = tuple(c - base for c in columns[first : last + 1])
    return Laid(before + "".join(shown[first:last]) + after, kept, low + first)


def _wide(char: str) -> int:
    if char < "\x80":
        return 1
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _rows(marks: Sequence[Mark], laid: Laid, paint: Paint, color: str) -> list[str]:
    """The row of `^` and `-` under a line, the last label behind it, the other labels below on their own rows."""
    under: dict[int, tuple[str, str]] = {}
    for mark in sorted(marks, key=lambda m: m.primary):
        start, end = laid.column(mark.start), laid.column(mark.end)
        for column in range(start, max(end, start + 1)):
            under[column] = ("^", color) if mark.primary else ("-", "gutter")
    labelled = [(laid.column(m.start), m.text, color if m.primary else "gutter") for m in marks if m.text]
    rows = [_paint_row({c: (char, name) for c, (char, name) in under.items()}, paint)]
    if not labelled:
        return rows
    last = labelled[-1]
    if all(c < last[0] for c, _, _ in labelled[:-1]) and max(under) < last[0] + _run(under, last[0]):
        rows[0] += f" {paint(last[2], last[1])}"
        labelled = labelled[:-1]
    if labelled:
        rows.append(_paint_row({c: ("|", name) for c, _, name in labelled}, paint))
    while labelled:
        column, text, name = labelled.pop()
        left = {c: ("|", n) for c, _, n in labelled if c < column}
        head = _paint_row(left, paint)
        used = max(left, default=-1) + 1
        rows.append(f"{head}{' ' * (column - used)}{paint(name, text)}")
    return rows


def _run(under: dict[int, tuple[str, str]], column: int) -> int:
    length = 0
    while column + length in under:
        length += 1
    return length


def _paint_row(cells: dict[int, tuple[str, str]], paint: Paint) -> str:
    out, run, name = "", "", ""
    for column in range(max(cells, default=-1) + 1):
        char, style = cells.get(column, (" ", ""))
        if style != name:
            out += paint(name, run)
            run, name = "", style
        run += char
    return out + paint(name, run)
