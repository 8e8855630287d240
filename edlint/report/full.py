"""The report for people."""

from __future__ import annotations

from edlint.finding import Report
from edlint.report import concise
from edlint.report.style import Style


def render(report: Report, style: Style) -> str:
    """Findings with their places, then what was analysed."""
    return concise.render(report, style) + "".join(f"{fact}\n" for fact in report.facts)
