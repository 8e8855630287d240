"""Output formats: each is a module that turns a Report into text and knows nothing but the Report."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from edlint.finding import Report
from edlint.report.style import Style

__all__ = ["FORMATS", "Style", "render"]

FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "markdown")


def render(format: str, report: Report, style: Style | None = None) -> str:  # noqa: A002 - the word of the command line
    """The report in one of FORMATS, with a line end behind the last line (or nothing at all)."""
    function: Callable[[Report, Style], str] = importlib.import_module(f"edlint.report.{format}").render
    return function(report, style or Style())
