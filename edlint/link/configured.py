"""The configuration in an enclave's own source: `OE_SET_ENCLAVE_SGX(...)`, and the image policy of VBS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from edlint.model.settings import Setting, Settings
from edlint.model.unit import Unit
from edlint.source import Source

KEYS = {
    "OE_SET_ENCLAVE_SGX": ("ProductID", "SecurityVersion", "Debug", "NumHeapPages", "NumStackPages", "NumTCS"),
    "OE_SET_ENCLAVE_SGX2": (
        "ProductID",
        "SecurityVersion",
        "ExtendedProductID",
        "FamilyID",
        "Debug",
        "CapturePFGPExceptions",
        "RequireKSS",
        "CreateZeroBaseEnclave",
        "StartAddress",
        "NumHeapPages",
        "NumStackPages",
        "NumTCS",
    ),
}
"""By macro: what its arguments set, in the words of the configuration file."""
DEBUGGABLE = "IMAGE_ENCLAVE_POLICY_DEBUGGABLE"
_USE = re.compile(r"^[ \t]*(OE_SET_ENCLAVE_SGX2?)[ \t]*\(", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def settings_in_code(units: Sequence[Unit], files: Sequence[Settings]) -> Iterator[Settings]:
    """What the sources configure; nothing when there is a configuration file, which wins at signing."""
    if any(s.format == "conf" for s in files):
        return
    for unit in units:
        found = None
        if "OE_SET_ENCLAVE_SGX" in unit.source.text:
            found = _settings(unit.source)
        elif DEBUGGABLE in unit.source.text:
            found = _image(unit.source)
        if found is not None:
            yield found


def _settings(source: Source) -> Settings | None:
    text = _blank(source.text)
    uses = [values for m in _USE.finditer(text) if (values := _arguments(source, text, m.end(), KEYS[m[1]]))]
    if not uses:
        return None
    debugs = [u["Debug"] for u in uses if "Debug" in u]
    # Alternatives for debug and release builds: the release refuses a debugger.
    always = bool(debugs) and all(d.value in ("true", "1") for d in debugs)
    threads = [n for u in uses if "NumTCS" in u and (n := u["NumTCS"].number) is not None]
    return Settings(
        path=source.path,
        format="code",
        values=uses[-1],
        threads=max(threads) if threads else None,
        debug=debugs[-1] if always else None,
    )


def _image(source: Source) -> Settings | None:
    """The policy of a VBS image that a debugger may always open; None when the build decides."""
    conditions: list[str] = []
    text = _blank(source.text)
    for number, start in enumerate(source.line_starts, 1):
        line = text[start : start + len(source.line(number))]
        words = line.strip().lstrip("#").split(maxsplit=1) if line.lstrip().startswith("#") else []
        match words:
            case ["if" | "ifdef" | "ifndef" as word, *rest]:
                conditions.append(" ".join([word, *rest]))
            case ["endif", *_] if conditions:
                conditions.pop()
        at = line.find(DEBUGGABLE)
        if at >= 0 and not words and not any("DEBUG" in c for c in conditions):
            span = source.span(start + at, start + at + len(DEBUGGABLE))
            policy = Setting("policy", DEBUGGABLE, span, span)
            return Settings(source.path, "code", {"policy": policy}, debug=policy)
    return None


def _blank(text: str) -> str:
    """The text with comments as blanks, so that places hold."""
    return _COMMENT.sub(lambda m: re.sub(r"[^\r\n]", " ", m[0]), text)


def _arguments(source: Source, text: str, start: int, keys: Sequence[str]) -> dict[str, Setting]:
    """The arguments from `start`, behind the parenthesis, by what they set."""
    found: dict[str, Setting] = {}
    depth, begin = 0, start
    names = iter(keys)
    for at in range(start, min(len(text), start + 4096)):
        char = text[at]
        if char in "({[":
            depth += 1
        elif char in ")}]" and depth:
            depth -= 1
        elif char in ",)":
            name, value = next(names, ""), text[begin:at].strip()
            left = begin + len(text[begin:at]) - len(text[begin:at].lstrip())
            if name and value:
                span = source.span(left, left + len(value))
                found[name] = Setting(name, value, span, span)
            begin = at + 1
            if char == ")":
                return found
    return {}
