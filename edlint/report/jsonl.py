"""One JSON object a line: each finding, each gap, and the counts last. `type` says which."""

from __future__ import annotations

import json
from typing import Any

from edlint.finding import Report
from edlint.report.json import SCHEMA_VERSION, finding_objects, gap_object
from edlint.report.style import Style


def render(report: Report, style: Style) -> str:
    """The lines, in the order of the report."""
    rows: list[dict[str, Any]] = [{"type": "finding", **f} for f in finding_objects(report)]
    rows += [{"type": "gap", **gap_object(g)} for g in report.gaps]
    end = {"schema": SCHEMA_VERSION, "version": report.version, "exitCode": report.exit_code}
    rows.append({"type": "summary", **end, "analysed": list(report.facts), "counts": dict(report.counts)})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
