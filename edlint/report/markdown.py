"""A table for a job summary or a review comment."""

from __future__ import annotations

import re

from edlint.finding import Report
from edlint.report.full import count_line
from edlint.report.plain import plain
from edlint.report.style import Style

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")


def render(report: Report, style: Style) -> str:
    """Counts, a row for each finding, then what was analysed and what was not."""
    lines = ["## edlint", "", count_line(report), ""]
    if report.findings:
        lines += ["| Level | Place | Rule | Finding |", "|---|---|---|---|"]
    for finding in report.findings:
        span = finding.primary.span
        place = f"{_escape(span.path)}:{span.line}:{span.column}"
        lines.append(f"| {finding.level} | {place} | {finding.rule} | {_escape(finding.message)} |")
    lines += ["", "Analysed:", "", *(f"- {_escape(fact)}" for fact in report.facts)] if report.facts else []
    if report.gaps:
        lines += ["", f"Not analysed, or only in part: {len(report.gaps)}", ""]
        lines += [f"- {_escape(g.path)}: {_escape(g.message)}" for g in report.gaps if g.fatal]
    return "\n".join(lines).rstrip() + "\n"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", plain(text))
