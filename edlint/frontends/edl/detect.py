"""Which of the four languages a file is in: by its own text, by the code, by what lies around it, by who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from edlint.frontends.edl.options import EdlOptions
from edlint.frontends.edl.surroundings import around
from edlint.model.interface import Dialect
from edlint.source import Source

STRONG = 6
"""Weight of evidence from which on a refusal is the file's fault and not that of the guess."""

_COMMENT = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/|/\*[\s\S]*")


@dataclass(frozen=True, slots=True)
class _Sign:
    dialect: Dialect
    weight: int
    pattern: re.Pattern[str]
    reason: str
    """`{}` is the text that was found."""


def _sign(dialect: Dialect, weight: int, pattern: str, reason: str) -> _Sign:
    return _Sign(dialect, weight, re.compile(pattern, re.ASCII), reason)


_TEXT = (
    _sign(Dialect.OPEN_ENCLAVE, 10, r"\"(openenclave/[^\"\n]*)\"", "it names '{}'"),
    _sign(Dialect.SECGEAR, 10, r"\"((?:cc_|secgear_|secGear)[^\"\n]*)\"", "it names '{}'"),
    _sign(Dialect.INTEL, 10, r"\"((?:[^\"\n]*/)?sgx_\w+\.(?:edl|h)|(?:sgx_)?tstdc\.edl)\"", "it names '{}'"),
    _sign(Dialect.VBS, 8, r"\b((?:vector|optional)\s*<)", "it uses '{}>'"),
    _sign(Dialect.VBS, 6, r"\bimport\s+(\"[^\"\n]*\"\s*;)", "it has an import of the form 'import {}'"),
    _sign(Dialect.VBS, 4, r"\bimport\s+([\w./\\:-]+\.edl)\s*;", "it has an import of the form 'import {};'"),
    _sign(Dialect.VBS, 4, r"\b(wstring|HRESULT|uintptr_t)\s+\w+\s*[,;)\[(]", "it uses the type '{}'"),
    _sign(Dialect.OPEN_ENCLAVE, 5, r"\bimport\s+(\"[^\"\n]*\")(?!\s*;)", "it has an import of the form 'import {}'"),
    _sign(Dialect.INTEL, 4, r"\b(readonly|dllimport|stdcall|fastcall|cdecl)\b", "it uses the attribute '{}'"),
    _sign(Dialect.INTEL, 4, r"(?m)^\s*(#\s*(?:define|if|include|undef|pragma)\b)", "it uses '{}'"),
    _sign(Dialect.INTEL, 3, r"\b(sgx_\w+)", "it uses the name '{}'"),
    _sign(Dialect.OPEN_ENCLAVE, 3, r"\b(oe_\w+)", "it uses the name '{}'"),
    _sign(Dialect.SECGEAR, 3, r"\b(cc_enclave_\w+)", "it uses the name '{}'"),
    _sign(Dialect.INTEL, 2, r"\ballow\s*\(\s*(\w+)", "an OCALL allows '{}'"),
)
_PATHS = (
    _sign(Dialect.OPEN_ENCLAVE, 6, r"(?:.*/)?(openenclave)/", "it lies in a folder '{}'"),
    _sign(Dialect.SECGEAR, 12, r"(?:.*/)?(secgear_\w+\.edl)$", "its name is '{}'"),
    _sign(Dialect.INTEL, 6, r"(?:.*/)?(sgx_\w+\.edl)$", "its name is '{}'"),
)
_HINTS = (
    _sign(Dialect.OPEN_ENCLAVE, 6, r"^(openenclave/.*|oe_\w+)$", "the code uses '{}'"),
    _sign(Dialect.SECGEAR, 7, r"^(secgear_\w+.*|secGear.*|cc_\w+)$", "the code uses '{}'"),
    _sign(Dialect.INTEL, 6, r"^(?:.*/)?(sgx_\w+(?:\.h)?)$", "the code uses '{}'"),
    _sign(Dialect.VBS, 6, r"^(VbsEnclave.*|vbsenclave.*|veil\w*|winenclave.*|enclaveapi\.h)$", "the code uses '{}'"),
)
_INCLUDE = re.compile(r'\binclude\s*"([^"\r\n]+)"')
PLAIN = "nothing in it is peculiar to one SDK"

_ORDER = (Dialect.INTEL, Dialect.OPEN_ENCLAVE, Dialect.SECGEAR, Dialect.VBS)


@dataclass(frozen=True, slots=True)
class Guess:
    """Dialects to try, the likeliest first."""

    order: tuple[Dialect, ...]
    reason: str
    """Why the first one, a clause such as `it names 'openenclave/edl/syscall.edl'`."""
    weight: int
    """Of the evidence for the first one; 0 when nothing speaks for it."""


def detect(source: Source, options: EdlOptions) -> Guess:
    """The dialects by evidence; what lies around the file is looked at when the rest says too little."""
    text = _COMMENT.sub(" ", source.text[:2_000_000])
    found: dict[Dialect, list[tuple[int, str]]] = {}
    for sign in _TEXT:
        if match := sign.pattern.search(text):
            found.setdefault(sign.dialect, []).append((sign.weight, sign.reason.format(match[1].strip())))
    for sign in _PATHS:
        if match := sign.pattern.match(source.path):
            found.setdefault(sign.dialect, []).append((sign.weight, sign.reason.format(match[1])))
    for sign, word in _hinted(options.hints):
        found.setdefault(sign.dialect, []).append((sign.weight, sign.reason.format(word)))
    _structure(text, found)
    if max((_total(f) for f in found.values()), default=0) < STRONG:
        seen = around(source.path, _INCLUDE.findall(text), options.search_path)
        if seen is not None:
            found.setdefault(seen[0], []).append((seen[2], seen[1]))
    order = tuple(sorted(Dialect, key=lambda d: (-_total(found.get(d, [])), _ORDER.index(d))))
    best = found.get(order[0])
    if best is None:
        return Guess(_ORDER, PLAIN, 0)
    return Guess(order, max(best, key=lambda pair: pair[0])[1], _total(best))


def _total(signs: Iterable[tuple[int, str]]) -> int:
    return sum(weight for weight, _ in signs)


def _hinted(hints: Iterable[str]) -> Iterable[tuple[_Sign, str]]:
    """The first hint that each sign matches."""
    ordered = sorted(set(hints))
    for sign in _HINTS:
        word = next((h for h in ordered if sign.pattern.match(h)), None)
        if word is not None:
            yield sign, word


def _structure(text: str, found: dict[Dialect, list[tuple[int, str]]]) -> None:
    """What the declarations themselves tell."""
    trusted = re.search(r"\btrusted\s*\{([^{}]*)\}", text)
    if trusted is None or not trusted[1].strip():
        return
    body = trusted[1]
    has_public = re.search(r"\bpublic\b", body) is not None
    if not has_public and "*" not in text:
        if re.search(r"\(\s*\)|\bu?int\d+_t\b", body) and not re.search(r"\(\s*void\s*\)|\bunsigned\b|\bfrom\b", text):
            found.setdefault(Dialect.VBS, []).append((3, "its ECALLs are not public and nothing in it is a pointer"))
        return
    for declaration in re.findall(r"\(([^()]*)\)", body):
        for param in re.sub(r"\[[^\[\]]*\]", "[]", declaration).split(","):
            if "*" in param and "[" not in param:
                sign = (2, f"the pointer '{' '.join(param.split())[:40]}' has no attributes")
                found.setdefault(Dialect.OPEN_ENCLAVE, []).append(sign)
                return
