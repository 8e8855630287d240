"""Private keys in PEM form: the signing key of an enclave, found beside its source."""

from __future__ import annotations

from edlint.model.settings import Setting, Settings
from edlint.source import Source

BEGIN, DASHES = "-----BEGIN ", "-----"


def read_pem(source: Source) -> Settings | None:
    """The private keys of a PEM file, by label (`RSA PRIVATE KEY`), or None when it holds none.

    The value of a key is empty: no report should ever print it.
    """
    text, at = source.text, 0
    values: dict[str, Setting] = {}
    while (start := text.find(BEGIN, at)) >= 0:
        at = start + len(BEGIN)
        line = text[at : at + 80]
        label, dashes, _ = line.partition(DASHES)
        before = text[text.rfind("\n", 0, start) + 1 : start]
        if dashes and label.endswith("PRIVATE KEY") and label not in values and not before.strip():
            span = source.span(start, at + len(label) + len(DASHES))
            values[label] = Setting(label, "", span, span)
    return Settings(source.path, "pem", values) if values else None
