"""Open Enclave's `*.conf`: lines of `key=value` that the signing tool writes into the image."""

from __future__ import annotations

from edlint.model.settings import Setting, Settings
from edlint.source import Source

KEYS = frozenset(
    {
        "CapturePFGPExceptions",
        "CreateZeroBaseEnclave",
        "Debug",
        "ExtendedProductID",
        "FamilyID",
        "NumHeapPages",
        "NumStackPages",
        "NumTCS",
        "ProductID",
        "RequireKSS",
        "SecurityVersion",
        "StartAddress",
    }
)
"""What the signing tool knows; the spelling counts."""


def read_conf(source: Source) -> Settings | None:
    """The settings of a `key=value` file, or None when it names nothing that an enclave has."""
    values: dict[str, Setting] = {}
    starts = source.line_starts
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(source.text)
        setting = _setting(source, start, end)
        if setting is not None:
            # The signing tool takes the last one.
            values[setting.key] = setting
    if not KEYS & values.keys():
        return None
    debug = values.get("Debug")
    threads = values.get("NumTCS")
    return Settings(
        path=source.path,
        format="conf",
        values=values,
        threads=threads.number if threads else None,
        debug=debug if debug is not None and debug.number not in (0, None) else None,
    )


def _setting(source: Source, start: int, end: int) -> Setting | None:
    """The setting on the line [start, end), or None for comments, blanks and lines that set nothing."""
    line = source.text[start:end]
    code = line.partition("#")[0]
    left, equals, right = code.partition("=")
    key, value = left.strip(), right.strip()
    if not equals or not key or len(key.split()) != 1:
        return None
    key_at = start + left.index(key)
    value_at = start + len(left) + 1 + (right.index(value) if value else 0)
    return Setting(
        key=key,
        value=value,
        span=source.span(key_at, value_at + len(value)),
        value_span=source.span(value_at, value_at + len(value)),
    )
