"""Keys that are part of the enclave's image, which is no secret."""

from collections.abc import Iterator

from edlint.analysis.constants import Constant, constants, is_written, users, words_of
from edlint.analysis.keynames import (
    KEY_TYPE,
    LABEL,
    OTHER_WORDS,
    PRIVATE_WORDS,
    TESTS,
    is_key_name,
    is_random,
    is_repeated,
    is_secret_name,
)
from edlint.analysis.keys import PEM, is_private_der, is_private_text, pem_keys
from edlint.analysis.keyuse import literal_keys, named_keys, takes_key, uses_as_key
from edlint.finding import Label
from edlint.model.program import Program, Side
from edlint.model.unit import Function, Unit
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each constant."""
    for unit in program.units:
        if unit.generated or program.side(unit.path) not in (Side.TRUSTED, Side.BOTH) or TESTS.search(unit.path):
            continue
        pems = list(pem_keys(unit.source))
        for span, name in pems:
            if not TESTS.search(name):
                yield Found(
                    span,
                    label="compiled into the enclave",
                    variant="" if name else "unnamed",
                    name=name,
                    kind="private key",
                )
        for constant in constants(unit, _may_hold):
            kind = _kind(program, constant)
            if kind and not any(constant.variable.name == name for _, name in pems):
                function = constant.function.qualified if constant.function else ""
                yield Found(
                    constant.variable.span,
                    label=f"{len(constant.content)} constant bytes",
                    function=function,
                    name=constant.variable.name,
                    kind=kind,
                )
        yield from _literals(program, unit)


def _may_hold(function: Function) -> bool:
    """Whether a local of the function may be a key, by the names in its text."""
    return "0x30" in function.extent.text or any(KEY_TYPE.match(n) or is_key_name(n) for n in function.names)


def _kind(program: Program, constant: Constant) -> str:
    """What sort of key the bytes are; empty when they are none."""
    variable, content = constant.variable, constant.content
    if TESTS.search(variable.name) or (constant.function and TESTS.search(constant.function.qualified)):
        return ""
    if PEM.match(content[:64].decode("latin-1")) and len(content) > 100:
        return "PEM private key"
    if is_private_der(content) or is_private_text(content):
        return "private key"
    if not 8 <= len(content) <= 128 or (len(set(content)) < 3 and not is_repeated(constant)):
        return ""
    typed = bool(KEY_TYPE.match(variable.type.base))
    words = words_of(variable.name)
    if not typed and (not is_key_name(variable.name) or words & OTHER_WORDS or LABEL.match(content)):
        return ""
    if words & {"public", "pub"} or is_written(program, constant):
        return ""
    if typed and not constant.variable.type.is_pointer:
        return "symmetric key" if "private" not in variable.type.base else "private key"
    trusted = [f for f in users(program, constant) if program.is_trusted(f) and not TESTS.search(f.qualified)]
    if trusted and is_secret_name(words) and is_random(constant):
        return "private key" if words & PRIVATE_WORDS else "symmetric key"
    return "symmetric key" if any(uses_as_key(program, f, constant) for f in trusted) else ""


def _literals(program: Program, unit: Unit) -> Iterator[Found]:
    """String literals that are themselves the key argument."""
    for function in unit.functions:
        if TESTS.search(function.qualified):
            continue
        modelled = any(r.kind == "key-use" for n in function.called for r in program.sdk.of(n, "sink"))
        found = literal_keys(program, function) if modelled else iter(())
        named = named_keys(program, function) if any(map(takes_key, function.called)) else iter(())
        for invoke, value in (*found, *named):
            macro = next((m for u in program.units for m in u.macros if m.name == value.span.text), None)
            yield Found(
                macro.span if macro else value.span,
                label="the key",
                labels=(Label(value.span, "used here"),) if macro else (),
                function=function.qualified,
                variant="literal",
                callee=invoke.name,
            )
