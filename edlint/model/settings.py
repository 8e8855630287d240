"""Files that say how an enclave is signed and started.

Configuration of Open Enclave (`*.conf`), the Intel SDK and secGear (`*.config.xml`), and private keys in PEM form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edlint.source import Span


@dataclass(frozen=True, slots=True)
class Setting:
    """One key with its value as written."""

    key: str
    value: str
    span: Span
    """Key and value."""
    value_span: Span

    @property
    def number(self) -> int | None:
        """The value as a number (decimal or 0x), or None."""
        try:
            return int(self.value, 0)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration file."""

    path: str
    format: str
    """`conf`, `xml`, `code` for a macro in the enclave's source, `pem` for private keys: a value each, by label."""
    values: Mapping[str, Setting] = field(default_factory=dict)
    threads: int | None = None
    """How many host threads may be inside at once; None when the file does not say."""
    debug: Setting | None = None
    """The setting that lets a debugger in; None when the enclave refuses it."""
