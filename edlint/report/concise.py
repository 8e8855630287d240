"""One line a finding: `path:line:col: level rule message`."""

from __future__ import annotations

from collections import Counter

from edlint.finding import Report
from edlint.report.plain import plain
from edlint.report.style import Style
from edlint.source import Gap

_SHARED = frozenset(("lost-function", "partial-function"))
"""Kinds of gaps that come in numbers where a file defeats the readers, as headers full of macros do."""


def render(report: Report, style: Style) -> str:
    """Findings, then gaps, one line each; functions of one file that were not read whole share a line."""
    lines = []
    for finding in report.findings:
        span = finding.primary.span
        lines.append(
            f"{plain(span.path)}:{span.line}:{span.column}: {finding.level} {finding.rule} {plain(finding.message)}"
        )
    alike = Counter(_file(gap) for gap in report.gaps)
    for gap in report.gaps:
        count = alike.pop(_file(gap), 0) if gap.kind in _SHARED else 1
        if not count:
            continue
        place = f"{plain(gap.path)}:{gap.span.line}:{gap.span.column}" if gap.span else plain(gap.path)
        more = f" (and {count - 1} more of the file)" if count > 1 else ""
        lines.append(f"{place}: {'failure' if gap.fatal else 'gap'} {gap.kind} {plain(gap.message)}{more}")
    return "".join(f"{line}\n" for line in lines)


def _file(gap: Gap) -> tuple[str, str, bool]:
    return gap.path, gap.kind, gap.fatal
