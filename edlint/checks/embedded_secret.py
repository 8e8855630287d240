"""Keys that are part of the enclave's image, which is no secret."""

import re
from collections.abc import Iterator

from edlint.analysis.constants import Constant, constants, is_written, users, words_of
from edlint.analysis.keys import PEM, is_private_der, is_private_text, pem_keys
from edlint.analysis.keyuse import literal_keys, uses_as_key
from edlint.finding import Label
from edlint.model.program import Program, Side
from edlint.model.unit import Function, Unit
from edlint.rule import Found

KEY_TYPE = re.compile(r"sgx_(?!key_request)(?:\w+_)?key(?:_\w+)?_t\Z|sgx_ec256_private_t\Z|sgx_ec_private_t\Z")
KEY_WORDS = frozenset({"key", "keys", "secret", "psk", "password", "passwd", "passphrase", "private", "kek"})
_OTHER = (
    "public pub cert certificate certs id ids name names label type size len length oid info usage policy request map "
    "code mrsigner mrenclave modulus exponent error format header prefix aad salt iv tag title url host path file "
    "filename keyboard keyword hash digest signature sig event press handler index idx slot count number version "
    "value string field column attribute delimiter separator suffix mask flag flags kind zero empty"
)
OTHER_WORDS = frozenset(_OTHER.split())
LABEL = re.compile(rb"(?=[ -~]*[a-z])[A-Za-z0-9.,:_-]+(?: [A-Za-z0-9.,:_-]+)+\0?\Z")
"""Words with blanks between them keep the uses of one hash apart; they are no secret."""
TESTS = re.compile(
    r"(?:\A|[^a-z])(?:self_?)?tests?(?:[^a-z]|\Z)|(?:\A|[^a-z])kat(?:[^a-z]|\Z)|unittest|mock", re.IGNORECASE
)


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
    return "0x30" in function.extent.text or any(KEY_TYPE.match(n) or _is_key_name(n) for n in function.names)


def _is_key_name(name: str) -> bool:
    words = words_of(name)
    return bool(words & KEY_WORDS) or any(w.endswith("key") for w in words)


def _kind(program: Program, constant: Constant) -> str:
    """What sort of key the bytes are; empty when they are none."""
    variable, content = constant.variable, constant.content
    if TESTS.search(variable.name) or (constant.function and TESTS.search(constant.function.qualified)):
        return ""
    if PEM.match(content[:64].decode("latin-1")) and len(content) > 100:
        return "PEM private key"
    if is_private_der(content) or is_private_text(content):
        return "private key"
    if not 8 <= len(content) <= 128 or len(set(content)) < 3:
        return ""
    typed = bool(KEY_TYPE.match(variable.type.base))
    words = words_of(variable.name)
    if not typed and (not _is_key_name(variable.name) or words & OTHER_WORDS or LABEL.match(content)):
        return ""
    if words & {"public", "pub"} or is_written(program, constant):
        return ""
    if typed and not constant.variable.type.is_pointer:
        return "symmetric key" if "private" not in variable.type.base else "private key"
    trusted = (f for f in users(program, constant) if program.is_trusted(f) and not TESTS.search(f.qualified))
    return "symmetric key" if any(uses_as_key(program, f, constant) for f in trusted) else ""


def _literals(program: Program, unit: Unit) -> Iterator[Found]:
    """String literals that are themselves the key argument."""
    for function in unit.functions:
        if TESTS.search(function.qualified):
            continue
        if not any(r.kind == "key-use" for m in function.calls for r in program.sdk.of(m.name, "sink")):
            continue
        for invoke, value in literal_keys(program, function):
            macro = next((m for u in program.units for m in u.macros if m.name == value.span.text), None)
            yield Found(
                macro.span if macro else value.span,
                label="the key",
                labels=(Label(value.span, "used here"),) if macro else (),
                function=function.qualified,
                variant="literal",
                callee=invoke.name,
            )
