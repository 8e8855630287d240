"""Whether code that the given files lean on is evidently not among them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from edlint.model.program import Program
from edlint.model.unit import Include, Unit

_GENERATED = re.compile(r"\w+_(?:t|u|args)\.h\Z")
_SUPPLIED = re.compile(
    r"(?:sgx|tee|oe|secgear|cc)_\w+\.h\Z"
    r"|(?:openenclave|sys|net|netinet|arpa|bits|asm|linux|ext|winternl|windows|status|secgear)\b"
    r"|(?:assert|complex|ctype|endian|errno|fcntl|features|fenv|float|getopt|grp|immintrin|x86intrin|inttypes|iso646"
    r"|langinfo|libgen|limits|locale|malloc|memory|math|mbusafecrt|netdb|poll|pthread|pwd|regex|sched|search|semaphore"
    r"|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings"
    r"|syscall|syslog|termios|tgmath|threads|time|uchar|unistd|utime|wchar|wctype|dirent|dlfcn|execinfo|enclave|status"
    r"|error|alloca|cpuid|emmintrin|smmintrin|wmmintrin|xmmintrin|nmmintrin|tmmintrin|pmmintrin)\.h\Z"
)
"""Headers of systems, compilers and SDKs."""


_TYPE = re.compile(r"\b([A-Za-z_]\w*)(?=\s*::|\s*[*&]?[ \t]+[*&]*[A-Za-z_]\w*\s*[;({=]|[ \t]*<[\w:, *]+>)")
"""A word in front of `::`, of a template's arguments or of a name that is declared."""

_CASTS = frozenset(("static_cast", "reinterpret_cast", "const_cast", "dynamic_cast", "assert", "offsetof", "va_arg"))
_NOT_TYPES = frozenset(("return", "else", "do", "case", "throw", "co_return", "co_await", "goto", "and", "or", "not"))
_BEFORE = re.compile(r"([A-Za-z_]\w*|[>*&])\s*\Z")


def lacks_code(program: Program, units: Iterable[Unit]) -> bool:
    """Whether the files call functions that nothing given defines, declared in headers of which no source is there.

    A call alone proves nothing, since models do not name every function of a C library; nor does a header alone,
    which may hold constants only. Both together do, and so does a prototype of the project without a definition,
    and in C++ a type or namespace that has the name of such a header.
    """
    given: dict[str, list[str]] = {}
    for unit in program.units:
        given.setdefault(unit.path.rsplit("/", 1)[-1], []).append(unit.path)
    known = _known(program)
    declared = {p.name for u in program.units if not u.generated for p in u.prototypes}
    libraries = _libraries(program)
    prefixes = _prefixes(program)
    for unit in units:
        missing = [i for i in unit.includes if _is_absent(i, given, libraries)]
        absent = bool(missing)
        if absent and _uses_types(unit, missing, known):
            return True
        for function in unit.functions:
            unknown = {n for n in function.called - known if not (n in _CASTS or f"std::{n}" in known)}
            unknown = {n for n in unknown if n.split("_", 1)[0] not in prefixes}
            if not unknown.isdisjoint(declared):
                return True
            if unknown and absent and any(m.name in unknown and _is_free(unit, m.start) for m in function.calls):
                return True
    return False


def _uses_types(unit: Unit, missing: Iterable[Include], known: set[str]) -> bool:
    """Whether a C++ file declares or qualifies with what the headers that are not there are named after."""
    if not any(f.language == "c++" for f in unit.functions):
        return False
    named = {w.lower() for i in missing for w in re.findall(r"[A-Za-z_]\w*", i.path.rpartition(".")[0] or i.path)}
    return any(w.lower() in named and w not in known for w in _TYPE.findall(unit.source.text))


def _known(program: Program) -> set[str]:
    """Names of which the files, the interfaces or the models say what stands behind them."""
    sdk = program.sdk
    known = {
        *sdk.rows,
        *sdk.statuses,
        *sdk.proxied,
        *sdk.creators,
        *sdk.noreturn,
        *sdk.locks,
        *sdk.unlocks,
        *sdk.fences,
    }
    known.update(program.functions)
    for unit in program.units:
        known.update(m.name for m in unit.macros)
        known.update(v.name for v in unit.globals)
        known.update(t.name for t in unit.types)
    for interface in program.interfaces:
        known.update(c.name for c in interface.calls)
    for module in sdk.modules:
        for names in (*module.needs.values(), *module.links.values()):
            known.update(names)
    return known


def _prefixes(program: Program) -> set[str]:
    """What the functions of the libraries that models describe begin with: `mbedtls`, `EVP`, `oe`."""
    sdk = program.sdk
    names = {*sdk.library, *sdk.statuses}
    for module in sdk.modules:
        names.update(n for needs in (*module.needs.values(), *module.links.values()) for n in needs)
    return {n.split("_", 1)[0] for n in names if "_" in n and n[0].isalpha() and n.index("_") >= 2}


def _libraries(program: Program) -> set[str]:
    """Folders of the headers that models describe: `openssl` of `openssl/evp.h`."""
    headers = {row.header for rows in program.sdk.rows.values() for row in rows}
    return {h.split("/", 1)[0] for h in headers if "/" in h} | {h for h in headers if "/" not in h}


def _is_absent(include: Include, given: Mapping[str, Sequence[str]], libraries: set[str]) -> bool:
    """Whether no file of the project, which are given by their names, can be what is included."""
    path = posixpath.normpath(include.path.replace("\\", "/"))
    base = posixpath.basename(path)
    if (
        ("." not in base and "/" not in path)
        or _GENERATED.match(base)
        or _SUPPLIED.match(path)
        or _SUPPLIED.match(base)
    ):
        return False
    if path.split("/", 1)[0] in libraries or base in libraries:
        return False
    while path.startswith("../"):
        path = path[3:]
    return not any(p == path or p.endswith("/" + path) for p in given.get(base, ()))


def _is_free(unit: Unit, start: int) -> bool:
    """Whether the name called there is no method, not of the standard library and no variable that is declared."""
    before = unit.source.text[max(0, start - 40) : start]
    if before.endswith((".", "->", "std::")):
        return False
    match = _BEFORE.search(before)
    return match is None or match[1] in _NOT_TYPES
