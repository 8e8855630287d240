"""Configuration and key files as Settings: how an enclave is signed, and whether a debugger may look inside."""

from __future__ import annotations

from edlint.frontends.settings.conf import read_conf
from edlint.frontends.settings.pem import read_pem
from edlint.frontends.settings.xml import read_xml
from edlint.model.settings import Settings
from edlint.source import Source

__all__ = ["read_settings"]


def read_settings(source: Source) -> Settings | None:
    """The enclave configuration or private keys in `source`, or None when it is something else.

    The content decides, not the name: many `*.conf` and `*.xml` files beside an enclave are nothing of the kind.
    A broken file gives what is readable. Never raises.
    """
    if source.text.lstrip("\ufeff \t\r\n").startswith("<"):
        return read_xml(source)
    return read_pem(source) or read_conf(source)
