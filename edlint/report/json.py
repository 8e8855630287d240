"""One JSON object for machines that do not speak SARIF; `schema` says which shape it has."""

from __future__ import annotations

import json
from typing import Any

from edlint.finding import Finding, Label, Report, RuleInfo
from edlint.fingerprint import keys
from edlint.report.style import Style
from edlint.source import Gap, Span

SCHEMA_VERSION = 1
"""Raised when a key changes its meaning or goes; new keys may come at any time."""


def render(report: Report, style: Style) -> str:
    """The whole report as one indented object."""
    return json.dumps(report_object(report), indent=2, ensure_ascii=False) + "\n"


def report_object(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema": SCHEMA_VERSION,
        "tool": {"name": "edlint", "version": report.version},
        "exitCode": report.exit_code,
        "findings": finding_objects(report),
        "gaps": [gap_object(g) for g in report.gaps],
        "analysed": list(report.facts),
        "counts": dict(report.counts),
        "rules": [rule_object(i) for i in report.rules.values()],
    }


def finding_objects(report: Report) -> list[dict[str, Any]]:
    """Every finding as plain data."""
    return [finding_object(f, k) for f, k in zip(report.findings, keys(report.findings), strict=True)]


def finding_object(finding: Finding, key: str) -> dict[str, Any]:
    """One finding: lines and columns from 1, columns in code points, the end just behind the last one."""
    found: dict[str, Any] = {
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
        **label_object(finding.primary),
        "function": finding.function,
        "key": key,
        "labels": [label_object(label) for label in finding.labels],
        "path": [label_object(label) for label in finding.path],
        "notes": list(finding.notes),
    }
    if finding.fix:
        edits = [{**place_object(e.span), "text": e.text} for e in finding.fix.edits]
        found["fix"] = {"title": finding.fix.title, "safe": finding.fix.safe, "edits": edits}
    return found


def label_object(label: Label) -> dict[str, Any]:
    """A place and what is said of it."""
    return {**place_object(label.span), "label": label.text}


def place_object(span: Span) -> dict[str, Any]:
    """File, start and end."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"file": span.path, "line": line, "column": column, "endLine": end_line, "endColumn": end_column}


def gap_object(gap: Gap) -> dict[str, Any]:
    """Something that was not analysed, or only in part."""
    place = place_object(gap.span) if gap.span else {"file": gap.path}
    return {"kind": gap.kind, "message": gap.message, "fatal": gap.fatal, **place}


def rule_object(info: RuleInfo) -> dict[str, Any]:
    """One rule, without its page."""
    return {
        "name": info.name,
        "family": info.family,
        "title": info.title,
        "level": info.level,
        "precision": info.precision,
        "profile": info.profile,
        "securitySeverity": info.security_severity,
        "cwe": list(info.cwe),
        "summary": info.summary,
    }
