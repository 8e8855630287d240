"""Private keys as they stand in source text: PEM in string literals, DER in byte arrays."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from edlint.source import Source, Span

PEM = re.compile(r"-----BEGIN ((?:RSA |EC |DSA )?PRIVATE KEY)-----")
_NAME = re.compile(r"(\w+)\s*(?:\[[^\]\n]*\]\s*)?=\s*\{?[^=;{}]*\Z|#\s*define\s+(\w+)[^\n]*(?:\\\r?\n[^\n]*)*\Z")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}=*")
_LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')


def pem_keys(source: Source) -> Iterator[tuple[Span, str]]:
    """The private keys that stand in string literals, with the variable's name."""
    opened, closed, done = -1, -1, 0
    for match in PEM.finditer(source.text):
        start, end = match.span()
        opened = max(opened, source.text.rfind("/*", done, start))
        closed = max(closed, source.text.rfind("*/", done, start))
        done = start
        following = re.sub(r'\\[nrt]|["\\\s]|R"\w*\(', "", source.text[end : end + 240])
        if not re.match(r"[A-Za-z0-9+/]{40}", following) or _in_comment(source.text, start, opened, closed):
            continue
        # Other literals may hold anything, the padding of another key among it.
        before = _NAME.search(
            _LITERAL.sub('""', source.text[source.text.rfind("\n", 0, max(0, start - 160)) + 1 : start])
        )
        yield source.span(start, end), (before[1] or before[2]) if before else ""


def _in_comment(text: str, at: int, opened: int, closed: int) -> bool:
    """Whether a place is in a comment, the last `/*` and `*/` before it given."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.lstrip().startswith(("//", "* ", "*-")) or "//" in line.split('"', 1)[0]:
        return True
    if opened <= closed:
        return False
    # In a literal it opens nothing.
    before = text[text.rfind("\n", 0, opened) + 1 : opened]
    return before.replace('\\"', "").count('"') % 2 == 0


def is_private_text(content: bytes) -> bool:
    """Whether the bytes are the text of a private key without its first and last line: base64 of one."""
    text = re.sub(rb"[\r\n\0]", b"", content)
    if not _BASE64.fullmatch(text):
        return False
    try:
        return is_private_der(base64.b64decode(text + b"=" * (-len(text) % 4)))
    except ValueError:
        return False


def is_private_der(content: bytes) -> bool:
    """Whether the bytes are a PKCS #1, PKCS #8 or SEC 1 private key: a sequence that starts with version 0 or 1."""
    if len(content) < 48 or content[0] != 0x30:
        return False
    body = content[2:] if content[1] < 0x80 else content[2 + (content[1] & 0x7F) :]
    if body[:3] == b"\x02\x01\x00":
        return body[3:4] in (b"\x02", b"\x30")
    return body[:4] == b"\x02\x01\x01\x04"
