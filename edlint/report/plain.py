"""Text of strangers made safe for a terminal: nothing in a source may move the cursor or change a colour."""

from __future__ import annotations

import re

# C0 without tab, DEL, C1, and the characters that reorder or hide text (bidirectional controls, zero width, BOM).
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """The text with every control character written as `\\x1b` or `\\u202e`; a tab stays."""
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
