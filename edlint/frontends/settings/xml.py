"""The `*.config.xml` of the Intel SDK and secGear, scanned without an XML library.

One pass over the text, so that no entity is ever expanded, nothing outside the file is ever read, and a file
that stops in the middle of an element still gives all that stands before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edlint.model.settings import Setting, Settings
from edlint.source import Source, Span

ROOT = "EnclaveConfiguration"


def read_xml(source: Source) -> Settings | None:
    """The settings of an `EnclaveConfiguration` document, or None when it is another document."""
    root: Span | None = None
    values: dict[str, Setting] = {}
    for element in _elements(source):
        if root is None:
            if element.name != ROOT:
                return None
            root = element.span
        elif element.text is not None:
            values[element.name] = Setting(element.name, element.text.text, element.span, element.text)
    if root is None:
        return None
    threads = values.get("TCSMaxNum") or values.get("TCSNum")
    return Settings(
        path=source.path,
        format="xml",
        values=values,
        threads=threads.number if threads else None,
        debug=_debug(values.get("DisableDebug"), root),
    )


def _debug(setting: Setting | None, root: Span) -> Setting | None:
    """The setting that lets a debugger in; where the file does not say, the signing tool's default does."""
    if setting is None:
        return Setting("DisableDebug", "", root, root)
    return setting if setting.number == 0 else None


@dataclass(frozen=True, slots=True)
class _Element:
    """A start tag, with the text that follows it directly."""

    name: str
    span: Span
    """From `<` to the end of the text or of the matching end tag."""
    text: Span | None
    """Without blanks around it; None when there is none."""


def _elements(source: Source) -> Iterator[_Element]:
    """The start tags of a document in the order of the text."""
    text, at = source.text, 0
    while (start := text.find("<", at)) >= 0:
        after = _skip(text, start)
        if after is not None:
            at = after
            continue
        close = text.find(">", start)
        stop = close if close >= 0 else len(text)
        tag = text[start + 1 : stop]
        name = tag.rstrip("/").split(maxsplit=1)[0] if tag.rstrip("/").strip() else ""
        at = stop + 1
        if not name or name.startswith("/"):
            continue
        if tag.endswith("/") or close < 0:
            yield _Element(name, source.span(start, min(stop + 1, len(text))), None)
            continue
        content, at = _content(source, stop + 1)
        end_tag = f"</{name}"
        end = content.end if content else stop + 1
        if text.startswith(end_tag, at):
            closing = text.find(">", at)
            end = closing + 1 if closing >= 0 else len(text)
        yield _Element(name, source.span(start, end), content)


def _skip(text: str, start: int) -> int | None:
    """Where a comment, declaration or instruction at `start` ends, or None when it is a tag."""
    for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")):
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else len(text)
    if not text.startswith("<!", start):
        return None
    # A document type may hold declarations of its own between brackets; none of them is obeyed.
    end = text.find(">", start)
    bracket = text.find("[", start, end if end >= 0 else len(text))
    if bracket >= 0:
        inner = text.find("]", bracket)
        end = text.find(">", inner) if inner >= 0 else -1
    return end + 1 if end >= 0 else len(text)


def _content(source: Source, at: int) -> tuple[Span | None, int]:
    """The text from `at` to the next tag, comments stepped over, and where that tag starts."""
    text, found = source.text, None
    while True:
        stop = text.find("<", at)
        stop = stop if stop >= 0 else len(text)
        piece = text[at:stop]
        if found is None and piece.strip():
            left = at + len(piece) - len(piece.lstrip())
            found = source.span(left, left + len(piece.strip()))
        after = _skip(text, stop) if text.startswith("<!--", stop) else None
        if after is None:
            return found, stop
        at = after
