"""Files and regions in SARIF's terms: relative, percent-encoded URIs and columns in code points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sarif_om as om

from edlint.report.roots import below
from edlint.source import Span

MAX_SNIPPET = 400
"""Code points of a source line that are carried along."""


def message(text: str) -> om.Message:
    """A message of plain text, with links in it."""
    return om.Message(text=text)


class Places:
    """Turns paths as reports print them into URIs relative to one folder."""

    BASE = "SRCROOT"

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[str, om.ArtifactLocation] = {}

    def has(self, span: Span) -> bool:
        """Whether the span lies in a file, and not in text that edlint made."""
        return span.source.encoding != "none"

    def artifact(self, path: str) -> om.ArtifactLocation:
        """The file: relative to the root where it lies below it, links resolved."""
        if path not in self._known:
            inside = below(path, self._root)
            if inside is not None:
                uri = quote(os.fsencode(inside), safe="/~!$&'()*+,;=@-._")
                self._known[path] = om.ArtifactLocation(uri=uri, uri_base_id=self.BASE)
            else:
                self._known[path] = om.ArtifactLocation(uri=Path(os.path.realpath(path)).as_uri())
        return self._known[path]

    def region(self, span: Span, one_line: bool = False, snippet: bool = False) -> om.Region:
        """Start and end; `one_line` ends it with its first line, where a reviewer sees it."""
        line, column = span.source.position(span.start)
        end_line, end_column = span.source.position(span.end)
        text = span.source.line(line) if snippet or (one_line and end_line > line) else ""
        if one_line and end_line > line:
            end_line, end_column = line, max(len(text), column) + 1
        content = None
        if snippet and text.strip():
            content = om.ArtifactContent(text=text if len(text) <= MAX_SNIPPET else span.text[:MAX_SNIPPET])
        return om.Region(
            start_line=line, start_column=column, end_line=end_line, end_column=end_column, snippet=content
        )

    def location(
        self,
        span: Span,
        text: str = "",
        *,
        id: int = -1,  # noqa: A002 - the standard's word
        one_line: bool = False,
        snippet: bool = False,
        logical: list[Any] | None = None,
    ) -> om.Location:
        """A place with what is said of it."""
        physical = om.PhysicalLocation(
            artifact_location=self.artifact(span.path), region=self.region(span, one_line, snippet)
        )
        return om.Location(
            id=id, physical_location=physical, message=message(text) if text else None, logical_locations=logical
        )

    def file(self, path: str) -> om.Location:
        """A whole file as a place."""
        return om.Location(physical_location=om.PhysicalLocation(artifact_location=self.artifact(path)))
