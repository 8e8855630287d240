"""Workflow commands of GitHub Actions: the first findings become annotations of the changed lines."""

from __future__ import annotations

from edlint.finding import Level, Report
from edlint.report.roots import below
from edlint.report.style import Style

MAX_OF_LEVEL = 10
"""GitHub shows so many annotations of each level for one step and drops the rest."""

_WORDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(report: Report, style: Style) -> str:
    """Errors first; what is over the limit is counted in the last line."""
    lines: list[str] = []
    left = 0
    for level in Level:
        group = [f for f in report.findings if f.level is level]
        left += max(len(group) - MAX_OF_LEVEL, 0)
        for finding in group[:MAX_OF_LEVEL]:
            span = finding.primary.span
            place = f"file={_value(below(span.path, report.root) or span.path)},line={span.line},col={span.column}"
            if span.end_line == span.line:
                place += f",endColumn={span.end_column}"
            place += f",title={_value(f'edlint: {finding.rule}')}"
            lines.append(f"::{_WORDS[level]} {place}::{_text(finding.message)}")
    fatal = [g for g in report.gaps if g.fatal]
    lines += [
        f"::error file={_value(below(g.path, report.root) or g.path)},title=edlint::{_text(g.message)}" for g in fatal
    ]
    if left:
        lines.append(f"::notice title=edlint::{left} more findings are in the log and in the SARIF report")
    return "".join(f"{line}\n" for line in lines)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
