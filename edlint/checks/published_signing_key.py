"""Private keys that lie beside the source of the enclave they sign."""

import posixpath
import re
from collections.abc import Iterator

from edlint.model.program import Program
from edlint.model.settings import Settings
from edlint.rule import Found

ELSEWHERE = re.compile(
    r"(?:\A|[^a-z])(?:tls|ssl|server|client|ca|root|rootca|cert|certs|certificates?|ecc|x509)(?:[^a-z]|\Z)"
)
TESTS = re.compile(r"(?:\A|/)tests?/", re.IGNORECASE)
SIGNS = re.compile(r"enclave|sign|_private\.pem\Z|mrsigner")


def check(program: Program) -> Iterator[Found]:
    """One finding for each key file that signs an enclave, by its name or by where it lies."""
    homes = {posixpath.dirname(s.path) for s in program.settings if s.format != "pem"}
    homes |= {posixpath.dirname(i.path) for i in program.interfaces}
    for settings in program.settings:
        if settings.format != "pem" or not _signs(settings, homes):
            continue
        key = next(iter(settings.values.values()))
        yield Found(key.span, label="a private key", file=posixpath.basename(settings.path), kind=key.key)


def _signs(settings: Settings, homes: set[str]) -> bool:
    name = posixpath.basename(settings.path).lower()
    if all(k.key.startswith("EC ") for k in settings.values.values()):
        # Enclaves are signed with RSA.
        return False
    if ELSEWHERE.search(name) or TESTS.search(settings.path):
        return False
    return bool(SIGNS.search(name)) or posixpath.dirname(settings.path) in homes
