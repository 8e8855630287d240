"""What a single file says of the side that it runs on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from edlint.link.folders import is_test
from edlint.link.headers import chosen_by, is_header, names_of, shared_depth
from edlint.model.interface import Call, Dialect, Interface
from edlint.model.program import Side
from edlint.model.sdk import Sdk
from edlint.model.unit import Function, Unit

MARKED, DEFINES, PROXIES, CREATES, LIKELY, HINT = 6, 5, 4, 4, 3, 2
"""Weights of evidence: stronger beats weaker, equals contradict each other, and a folder's name beats a hint."""

CERTAIN_HEADERS = frozenset(
    {
        "openenclave/enclave.h",
        "openenclave/host.h",
        "sgx_trts.h",
        "sgx_urts.h",
        "winenclave.h",
    }
)
"""Headers that one side alone can use. Many others of an SDK are included for their types by both."""

COMMON_HEADERS = frozenset(
    {"sgx_spinlock.h", "sgx_error.h", "sgx_defs.h", "sgx_attributes.h", "sgx_key.h", "sgx_report.h"}
)
"""Headers that say nothing, whichever side an SDK keeps them on."""

_FRAMEWORK = re.compile(
    r"(?:.*/)?(?:cmocka|cmockery|gtest|gmock|catch(?:_amalgamated)?|catch_all|doctest|unity|CUnit/Basic|CppUTest\w*"
    r"|acutest|munit|minunit|greatest)\.(?:h|hpp)\Z"
)
_HOSTED = re.compile(r"(?:jni|Python|node_api|napi)\.h\Z|pybind11/")
"""Headers of machines for other languages, which load what is compiled for them."""
_CREATOR = re.compile(r"oe_create_\w+_enclave\Z")
_HANDLES = ("sgx_enclave_id_t", "oe_enclave_t", "cc_enclave_t")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for one side."""

    side: Side
    weight: int
    reason: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that tell the sides of these enclaves apart."""

    ecalls: Mapping[str, tuple[tuple[Interface, Call], ...]]
    ocalls: Mapping[str, tuple[tuple[Interface, Call], ...]]
    interfaces: tuple[Interface, ...]
    stems: frozenset[str]
    """Of the EDL files: `kms` of kms.edl, whose proxies are kms_t.h and kms_u.h."""
    closest: Mapping[str, int]
    """By declared name: how many leading folders its declaration shares with the nearest file that defines it."""
    written: frozenset[str]
    """Base names of the project's files that no EDL compiler wrote."""
    sdk: Sdk = field(repr=False)

    @staticmethod
    def of(interfaces: Sequence[Interface], units: Sequence[Unit], sdk: Sdk) -> Vocabulary:
        """The vocabulary of these interfaces."""
        ecalls: dict[str, tuple[tuple[Interface, Call], ...]] = {}
        ocalls: dict[str, tuple[tuple[Interface, Call], ...]] = {}
        for interface in interfaces:
            for call in interface.calls:
                table = ecalls if call.is_ecall else ocalls
                table[call.name] = (*table.get(call.name, ()), (interface, call))
        stems = frozenset(stem(i) for i in interfaces)
        written = frozenset(posixpath.basename(u.path) for u in units if not u.generated)
        closest: dict[str, int] = {}
        for unit in units:
            for function in unit.functions if not unit.generated else ():
                for _, call in (*ecalls.get(function.name, ()), *ocalls.get(function.name, ())):
                    if len(call.params) == len(function.params):
                        depth = shared_depth(call.span.path, unit.path)
                        closest[call.name] = max(closest.get(call.name, 0), depth)
        return Vocabulary(ecalls, ocalls, tuple(interfaces), stems, closest, written, sdk)

    def nearest_depth(self, path: str) -> int:
        """How many leading folders a file shares with the EDL file that is nearest to it."""
        return max((shared_depth(i.path, path) for i in self.interfaces), default=0)


def stem(interface: Interface) -> str:
    """`kms` for `src/kms.edl`."""
    return posixpath.splitext(posixpath.basename(interface.path.replace("\\", "/")))[0]


def is_implementation(function: Function, call: Call, dialect: Dialect | None = None) -> bool:
    """Whether a function of the call's name can be what stands behind it, rather than a proxy or a method."""
    if dialect is Dialect.VBS or "::Implementation::" in function.qualified:
        return "::Stubs::" not in function.qualified
    if function.owner:
        return False
    first = function.params[0].type.base if function.params else ""
    if call.is_ocall and _takes_result(function, call):
        return False
    return first not in _HANDLES or (bool(call.params) and call.params[0].type.base == first)


def _takes_result(function: Function, call: Call) -> bool:
    """Whether a function is the enclave's side of an OCALL, or a stand-in for it: it takes where the result goes."""
    if call.result.is_void or len(function.params) != len(call.params) + 1:
        return False
    first = function.params[0].type
    return first.pointers == call.result.pointers + 1 and first.base == call.result.base


def direct(unit: Unit, words: Vocabulary) -> list[Evidence]:
    """All evidence inside one file, in a fixed order."""
    generated = _generated(unit)
    if generated is not None:
        return [generated]
    if is_test(unit.path) and is_test_framework(unit):
        return [Evidence(Side.UNTRUSTED, MARKED, "is a program of unit tests")]
    defines, calls = _definitions(unit, words), _calls(unit, words)
    # It makes OCALLs and does nothing that a host does: the header of the other side was taken for its own.
    mistaken = {e.side for e in calls} == {Side.TRUSTED} and not any(e.side is Side.UNTRUSTED for e in defines)
    found = [*defines, *_includes(unit, words, HINT if mistaken else PROXIES), *calls]
    name = posixpath.basename(unit.path).lower()
    for mark, side in ((".vtl1.", Side.TRUSTED), (".vtl0.", Side.UNTRUSTED)):
        if mark in name:
            # Wrappers around OCALLs bear their names, so that the author's own mark says more than what is defined.
            found.append(Evidence(side, MARKED, f"is named '*{mark}*'"))
    return found


def is_test_framework(unit: Unit) -> bool:
    """Whether a file includes a framework of unit tests."""
    return any(_FRAMEWORK.match(i.path) for i in unit.includes)


def _generated(unit: Unit) -> Evidence | None:
    """The side of proxies that an EDL compiler wrote."""
    if not unit.generated:
        return None
    base = posixpath.splitext(posixpath.basename(unit.path))[0]
    for ending, side in (("_t", Side.TRUSTED), ("_u", Side.UNTRUSTED)):
        if base.endswith(ending):
            return Evidence(side, DEFINES, f"holds the generated {side} proxies")
    return Evidence(Side.BOTH, DEFINES, "holds generated declarations")


def _definitions(unit: Unit, words: Vocabulary) -> list[Evidence]:
    found = []
    nearest = words.nearest_depth(unit.path)
    for function in unit.functions:
        for table, side, kind in (
            (words.ecalls, Side.TRUSTED, "ECALL"),
            (words.ocalls, Side.UNTRUSTED, "OCALL"),
        ):
            declared = table.get(function.name, ())
            if not declared or function.static:
                continue
            fitting = [(i, c) for i, c in declared if is_implementation(function, c, i.dialect)]
            # The same name in the EDL of another enclave, further away, says little.
            close = [c for i, c in fitting if shared_depth(i.path, unit.path) == nearest]
            if fitting and all(shared_depth(c.span.path, unit.path) < words.closest.get(c.name, 0) for _, c in fitting):
                # Another file defines it where it is declared: this one is a copy for the host or for no enclave.
                continue
            if fitting:
                weight = DEFINES if any(len(c.params) == len(function.params) for c in close) else LIKELY
                found.append(Evidence(side, weight, f"defines {kind} '{function.name}'"))
            elif kind == "ECALL" and not function.owner:
                found.append(Evidence(Side.UNTRUSTED, PROXIES, f"defines a host proxy of ECALL '{function.name}'"))
            elif any(_takes_result(function, c) for _, c in declared):
                found.append(Evidence(Side.TRUSTED, PROXIES, f"defines a proxy of OCALL '{function.name}'"))
    return found


def _includes(unit: Unit, words: Vocabulary, untrusted: int) -> list[Evidence]:
    """What the included headers say; `untrusted` is the weight of the host's proxies."""
    found = []
    for include in unit.includes:
        path = include.path.replace("\\", "/")
        conditional = bool(names_of(include.condition))
        said = [*_of_proxies(path, words, untrusted), *_of_sdk(path, words, conditional)]
        chosen = chosen_by(include)
        if chosen and (not is_header(unit.path) or all(e.weight < PROXIES for e in said)):
            # Which side it is compiled for decides, hence it is compiled for both.
            said = [Evidence(Side.BOTH, HINT, f"includes '{path}' where '{chosen}' says so") for _ in said[:1]]
        elif conditional:
            # Where a macro decides, the file may be compiled for the other side without it.
            said = [replace(e, weight=min(e.weight, LIKELY)) for e in said]
        found += said
    return found


def _of_proxies(path: str, words: Vocabulary, untrusted: int) -> Iterator[Evidence]:
    base = posixpath.splitext(posixpath.basename(path))[0]
    reason = f"includes '{path}'"
    for ending, side in (("_t", Side.TRUSTED), ("_u", Side.UNTRUSTED)):
        if not path.endswith(".h") or not base.endswith(ending) or base == ending:
            continue
        if base[: -len(ending)] in words.stems:
            yield Evidence(side, untrusted if side is Side.UNTRUSTED else PROXIES, reason)
        elif f"{base}.h" not in words.written:
            # `net_t.h` written by hand may hold types; one that is not there is the proxies of an EDL not given.
            yield Evidence(side, LIKELY, reason)
    lowered = path.lower()
    if "vbsenclave/enclave" in lowered:
        yield Evidence(Side.TRUSTED, PROXIES, reason)
    elif "vbsenclave/hostapp" in lowered:
        yield Evidence(Side.UNTRUSTED, PROXIES, reason)


def _of_sdk(path: str, words: Vocabulary, conditional: bool) -> Iterator[Evidence]:
    if _HOSTED.match(path) and posixpath.basename(path) not in words.written:
        yield Evidence(Side.UNTRUSTED, HINT, f"includes '{path}'")
    if path in COMMON_HEADERS:
        return
    weight = LIKELY if path in CERTAIN_HEADERS and not conditional else HINT
    inside, outside = path in words.sdk.trusted_headers, path in words.sdk.untrusted_headers
    if inside != outside:
        yield Evidence(Side.TRUSTED if inside else Side.UNTRUSTED, weight, f"includes '{path}'")


def _calls(unit: Unit, words: Vocabulary) -> list[Evidence]:
    found: dict[str, Evidence] = {}
    own = {f.name for f in unit.functions}
    declared = words.ecalls.keys() | words.ocalls.keys() | words.sdk.creators
    for function in unit.functions:
        if declared.isdisjoint(function.called) and not any(map(_CREATOR.match, function.called)):
            continue
        for name in dict.fromkeys(m.name for m in function.calls):
            if name in found or name in own:
                continue
            if name in words.sdk.creators or _CREATOR.match(name):
                found[name] = Evidence(Side.UNTRUSTED, CREATES, f"creates an enclave ('{name}')")
            elif name in words.ocalls and name not in words.ecalls:
                found[name] = Evidence(Side.TRUSTED, HINT, f"calls OCALL '{name}'")
            elif name in words.ecalls and name not in words.ocalls:
                found[name] = Evidence(Side.UNTRUSTED, HINT, f"calls ECALL '{name}'")
    return list(found.values())


def verdict(evidence: Sequence[Evidence]) -> Evidence | None:
    """What the evidence comes to, or None when there is none or the weak kind contradicts itself."""
    best: dict[Side, Evidence] = {}
    for item in evidence:
        if item.side not in best or item.weight > best[item.side].weight:
            best[item.side] = item
    if not best:
        return None
    if Side.BOTH in best and all(e.weight <= best[Side.BOTH].weight for e in best.values()):
        return best[Side.BOTH]
    ordered = sorted(best.values(), key=lambda e: (-e.weight, e.side))
    if len(ordered) == 1 or ordered[0].weight > ordered[1].weight:
        return ordered[0]
    first, second = ordered[:2]
    if first.weight >= LIKELY:
        return Evidence(Side.BOTH, first.weight, f"{first.reason} and {second.reason}")
    return None
