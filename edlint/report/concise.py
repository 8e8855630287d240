"""One line a finding: `path:line:col: level rule message`."""

from __future__ import annotations

from edlint.finding import Report
from edlint.report.plain import plain
from edlint.report.style import Style


def render(report: Report, style: Style) -> str:
    """Findings, then gaps, one line each."""
    lines = []
    for finding in report.findings:
        span = finding.primary.span
        lines.append(
            f"{plain(span.path)}:{span.line}:{span.column}: {finding.level} {finding.rule} {plain(finding.message)}"
        )
    for gap in report.gaps:
        place = f"{plain(gap.path)}:{gap.span.line}:{gap.span.column}" if gap.span else plain(gap.path)
        lines.append(f"{place}: {'failure' if gap.fatal else 'gap'} {gap.kind} {plain(gap.message)}")
    return "".join(f"{line}\n" for line in lines)
