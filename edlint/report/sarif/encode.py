"""sarif-om objects as plain data.

The library's own way (`to_json` of another package) drops every value that equals the library's default, and with
it a result's `level: warning`, which then reads as its rule's level; and it still names `Suppression.status` as a
draft of the standard did.
"""

from __future__ import annotations

from typing import Any

import attr

KEPT = frozenset({("Result", "level"), ("ReportingConfiguration", "level"), ("Notification", "level")})
"""Properties that are written even when they have their default value."""

RENAMED = {("Suppression", "state"): "status"}


def encode(value: Any) -> Any:
    """The value as dicts, lists, texts and numbers; what is None or has its default value is left out."""
    if attr.has(type(value)):
        return _encode_object(value)
    if isinstance(value, dict):
        return {key: encode(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def _encode_object(value: Any) -> dict[str, Any]:
    kind = type(value).__name__
    found: dict[str, Any] = {}
    for field in attr.fields(type(value)):
        content = getattr(value, field.name)
        default = field.default.factory() if isinstance(field.default, attr.Factory) else field.default  # type: ignore[arg-type]
        if content is None or (content == default and (kind, field.name) not in KEPT):
            continue
        name = RENAMED.get((kind, field.name), field.metadata["schema_property_name"])
        found[name] = encode(content)
    return found
