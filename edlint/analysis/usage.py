"""What the code of each side calls, and so which declared calls it leads to."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edlint.analysis.absent import lacks_code
from edlint.analysis.declared import own_calls
from edlint.model.interface import Call, Import, Interface
from edlint.model.program import Program, Side
from edlint.model.sdk import Module
from edlint.model.unit import Unit

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_NAME = re.compile(r"[A-Za-z_]\w*")
_CREATES = re.compile(r"oe_create_\w*enclave\Z")


@dataclass(frozen=True, slots=True)
class Code:
    """The names in the code of one side of one enclave, macros looked through."""

    functions: int
    """How many functions were given; generated proxies do not count."""
    called: frozenset[str]
    """Functions and macros called, `<header>` for what is included, `c++` where that is the language."""
    named: frozenset[str]
    """All identifiers."""

    def evidence(self, names: Iterable[str]) -> str | None:
        """The first of `names` that the code calls, hands on or includes; `*` stands for any ending.

        A plain word such as `read` is often the name of something else, so it has to be called.
        """
        for name in names:
            if name in self.called or name.rsplit("::", 1)[-1] in self.called or ("_" in name and name in self.named):
                return name
            if "*" in name and (fitting := fnmatch.filter(sorted(self.called), name)):
                return fitting[0]
        return None


@dataclass(frozen=True, eq=False)
class Usage:
    """Which declared calls the given code leads to, by the EDL file that declares them."""

    program: Program
    inside: Mapping[str, Code]
    """By path of an EDL: the code that is or may be trusted."""
    outside: Mapping[str, Code]
    """By path of an EDL: the code that is or may be the host's."""
    modules: Mapping[str, Module]
    """The SDK's own EDL files, by path."""
    lacking: frozenset[tuple[str, bool]] = frozenset()
    """Paths of EDLs of which code is evidently missing: True for the trusted side, False for the host's.

    Host code that does not create the enclave is not all of it.
    """

    @staticmethod
    def build(program: Program) -> Usage:
        """Collect the names once; no body is lowered."""
        macros = _macro_names(program.units)
        inside, outside = {}, {}
        lacking: set[tuple[str, bool]] = set()
        for interface in program.interfaces:
            units = _units_of(program, interface)
            inside[interface.path] = _code((u for u in units if program.side(u.path) is not Side.UNTRUSTED), macros)
            outside[interface.path] = _code((u for u in units if program.side(u.path) is not Side.TRUSTED), macros)
            if lacks_code(program, (u for u in units if program.side(u.path) is not Side.UNTRUSTED)):
                lacking.add((interface.path, True))
            if not any(_CREATES.match(name) or name in program.sdk.creators for name in outside[interface.path].called):
                lacking.add((interface.path, False))
        return Usage(program, inside, outside, {m.path: m for m in program.sdk.modules}, frozenset(lacking))

    def caller_side(self, interface: Interface, call: Call) -> Code:
        """The code that would start the call: the host's for an ECALL."""
        return (self.outside if call.is_ecall else self.inside)[interface.path]

    def lacks(self, interface: Interface, call: Call) -> bool:
        """Whether code of the side that would start the call is evidently not among the files."""
        return (interface.path, call.is_ocall) in self.lacking

    def is_complete(self, interface: Interface) -> bool:
        """Whether every ECALL that the project declares itself is implemented in the given code.

        Where one is not, code is missing, in another language or by oversight, and what is not used means nothing.
        """
        own = {id(call) for i, call in own_calls(self.program) if i is interface}
        ecalls = [call for call in interface.ecalls if id(call) in own]
        found = {id(i.call) for i in self.program.implementations}
        return bool(ecalls) and all(id(call) in found for call in ecalls)

    def module(self, imported: Import) -> Module | None:
        """The SDK's module that an import names, wherever its text was found; None for a file of the project."""
        resolved = imported.resolved or ""
        if resolved.startswith("sdk:"):
            return self.modules.get(resolved.removeprefix("sdk:"))
        parts = resolved.split("/")
        suffixes = ("/".join(parts[at:]) for at in range(len(parts)))
        return next((m for s in suffixes if (m := self.modules.get(s)) is not None and not m.alias), None)

    def reason(self, interface: Interface, call: Call) -> str | None:
        """Why a call is needed: its own name, or that of what leads to it; None when nothing does."""
        code = self.caller_side(interface, call)
        if call.name in code.named or call.name in code.called:
            return call.name
        for module in self.modules.values():
            if call.name in module.required:
                return "the SDK itself"
            if call.name in module.needs:
                return code.evidence(module.needs[call.name]) or self._setting(interface, module.needs[call.name])
        return None

    def _setting(self, interface: Interface, names: Iterable[str]) -> str | None:
        """The first of `names` that is a setting, in capitals, that the host gives when it creates the enclave."""
        return next((n for n in names if n.isupper() and n in self.outside[interface.path].named), None)

    def linked(self, interface: Interface, call: Call) -> str | None:
        """What in the code belongs to a library that does not link without the call, or None."""
        code = self.caller_side(interface, call)
        for module in self.modules.values():
            if call.name in module.links:
                return code.evidence(module.links[call.name])
        return None


def _units_of(program: Program, interface: Interface) -> list[Unit]:
    """The files that no other EDL of the program lies nearer to."""
    if len(program.interfaces) == 1:
        return [u for u in program.units if not u.generated]
    folders = [posixpath.dirname(i.path) for i in program.interfaces]
    own = posixpath.dirname(interface.path)
    return [
        u
        for u in program.units
        if not u.generated and _shared(u.path, own) == max(_shared(u.path, folder) for folder in folders)
    ]


def _shared(path: str, folder: str) -> int:
    """How many leading folders a file has in common with a folder."""
    count = 0
    for a, b in zip(posixpath.dirname(path).split("/"), folder.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _code(units: Iterable[Unit], macros: Mapping[str, frozenset[str]]) -> Code:
    called: set[str] = set()
    named: set[str] = set()
    functions = 0
    for unit in units:
        functions += len(unit.functions)
        called.update(f"<{include.path}>" for include in unit.includes)
        for function in unit.functions:
            if function.language == "c++":
                called.add("c++")
            named |= function.names
            called.update(mention.name for mention in function.calls)
        for variable in unit.globals:
            if variable.initialiser is not None:
                named.update(_NAME.findall(variable.initialiser.span.text))
    pending = sorted(called & macros.keys())
    seen = set(pending)
    while pending:
        names = macros[pending.pop()]
        called |= names
        named |= names
        fresh = sorted((names & macros.keys()) - seen)
        seen.update(fresh)
        pending += fresh
    for name in sorted(named & macros.keys()):
        named |= macros[name]
    return Code(functions, frozenset(called), frozenset(named | called))


def _macro_names(units: Iterable[Unit]) -> dict[str, frozenset[str]]:
    """By macro: the names that its body calls; an object-like macro that is one name calls that."""
    found: dict[str, frozenset[str]] = {}
    for unit in units:
        for macro in unit.macros:
            names = set(_CALL.findall(macro.body))
            if macro.params is None and _NAME.fullmatch(macro.body.strip()):
                names.add(macro.body.strip())
            if names:
                found[macro.name] = found.get(macro.name, frozenset()) | names
    return found
