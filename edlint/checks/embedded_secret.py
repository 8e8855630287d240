"""Keys that are part of the enclave's image, which is no secret."""

import re
from collections.abc import Iterator

from edlint.analysis.constants import Constant, constants, is_written, key_arguments, users, words_of
from edlint.analysis.outcomes import plain
from edlint.model.ir import Address, Invoke, Place, Text, Value
from edlint.model.program import Program, Side
from edlint.model.unit import Function, Unit
from edlint.rule import Found
from edlint.source import Source, Span

PEM = re.compile(r"-----BEGIN ((?:RSA |EC |DSA )?PRIVATE KEY)-----")
PEM_NAME = re.compile(r"(\w+)\s*(?:\[[^\]\n]*\]\s*)?=[^=;{}]*\Z|#\s*define\s+(\w+)[^\n]*(?:\\\r?\n[^\n]*)*\Z")
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')
KEY_TYPE = re.compile(r"sgx_(?!key_request)(?:\w+_)?key(?:_\w+)?_t\Z|sgx_ec256_private_t\Z|sgx_ec_private_t\Z")
KEY_WORDS = frozenset({"key", "keys", "secret", "psk", "password", "passwd", "passphrase", "private", "kek"})
_OTHER = (
    "public pub cert certificate certs id ids name names label type size len length oid info usage policy request map "
    "code mrsigner mrenclave modulus exponent error format header prefix aad salt iv tag title url host path file "
    "filename keyboard keyword hash digest signature sig event press handler index idx slot count number version "
    "value string field column attribute delimiter separator suffix mask flag flags kind zero empty"
)
OTHER_WORDS = frozenset(_OTHER.split())
TESTS = re.compile(
    r"(?:\A|[^a-z])(?:self_?)?tests?(?:[^a-z]|\Z)|(?:\A|[^a-z])kat(?:[^a-z]|\Z)|unittest|mock", re.IGNORECASE
)
CRYPTO = re.compile(
    r"crypt|aes|hmac|cmac|gcm|set_?key|cipher|chacha|poly1305|blowfish|pbkdf|hkdf|_key\Z|keyed", re.IGNORECASE
)


def check(program: Program) -> Iterator[Found]:
    """One finding for each constant."""
    for unit in program.units:
        if unit.generated or program.side(unit.path) not in (Side.TRUSTED, Side.BOTH) or TESTS.search(unit.path):
            continue
        pems = list(_pems(unit.source))
        for span, name in pems:
            if not TESTS.search(name):
                yield Found(
                    span,
                    label="compiled into the enclave",
                    variant="" if name else "unnamed",
                    name=name,
                    kind="private key",
                )
        for constant in constants(unit):
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


def _pems(source: Source) -> Iterator[tuple[Span, str]]:
    """The private keys that stand in string literals, with the variable's name."""
    for match in PEM.finditer(source.text):
        start, end = match.span()
        following = re.sub(r'\\[nrt]|["\\\s]|R"\w*\(', "", source.text[end : end + 240])
        if not re.match(r"[A-Za-z0-9+/]{40}", following) or _in_comment(source.text, start):
            continue
        # Other literals may hold anything, the padding of another key among it.
        before = PEM_NAME.search(
            LITERAL.sub('""', source.text[source.text.rfind("\n", 0, max(0, start - 160)) + 1 : start])
        )
        yield source.span(start, end), (before[1] or before[2]) if before else ""


def _in_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.lstrip().startswith(("//", "* ", "*-")) or "//" in line.split('"', 1)[0]:
        return True
    return text.rfind("/*", 0, at) > text.rfind("*/", 0, at) and '"' not in line


def _kind(program: Program, constant: Constant) -> str:
    """What sort of key the bytes are; empty when they are none."""
    variable, content = constant.variable, constant.content
    if TESTS.search(variable.name) or (constant.function and TESTS.search(constant.function.qualified)):
        return ""
    if PEM.match(content[:64].decode("latin-1")) and len(content) > 100:
        return "PEM private key"
    if _is_private_der(content):
        return "private key"
    if not 8 <= len(content) <= 128 or len(set(content)) < 3:
        return ""
    typed = bool(KEY_TYPE.match(variable.type.base))
    words = words_of(variable.name)
    named = bool(words & KEY_WORDS) or any(w.endswith("key") for w in words)
    if not typed and (not named or words & OTHER_WORDS):
        return ""
    if words & {"public", "pub"} or is_written(program, constant):
        return ""
    if typed and not constant.variable.type.is_pointer:
        return "symmetric key" if "private" not in variable.type.base else "private key"
    return "symmetric key" if any(_uses_as_key(program, f, constant) for f in users(program, constant)) else ""


def _is_private_der(content: bytes) -> bool:
    """Whether the bytes are a PKCS #1, PKCS #8 or SEC 1 private key: a sequence that starts with version 0 or 1."""
    if len(content) < 48 or content[0] != 0x30:
        return False
    body = content[2:] if content[1] < 0x80 else content[2 + (content[1] & 0x7F) :]
    if body[:3] == b"\x02\x01\x00":
        return body[3:4] in (b"\x02", b"\x30")
    return body[:4] == b"\x02\x01\x01\x04"


def _uses_as_key(program: Program, function: Function, constant: Constant) -> bool:
    """Whether trusted code outside of tests gives the constant to a function of cryptography."""
    if TESTS.search(function.qualified) or not program.is_trusted(function):
        return False
    key = constant.variable.key
    for invoke in function.body.invokes():
        if any(_is(a, key) for a in key_arguments(program.sdk, invoke)):
            return True
        modelled = any(r.kind == "key-use" for r in program.sdk.of(invoke.name, "sink"))
        if not modelled and CRYPTO.search(invoke.name) and any(_is(a, key) for a in invoke.args):
            return True
    return False


def _is(value: Value, key: str) -> bool:
    """Whether an argument is the variable, its address, an element of it, or one of these behind a cast."""
    value = plain(value)
    place = value.place if isinstance(value, Address) else value
    return isinstance(place, Place) and place.root == key


def _literals(program: Program, unit: Unit) -> Iterator[Found]:
    """String literals that are themselves the key argument."""
    for function in unit.functions:
        if TESTS.search(function.qualified):
            continue
        if not any(program.sdk.of(m.name, "sink") for m in function.calls):
            continue
        for invoke in function.body.invokes():
            yield from _literal(program, function, invoke)


def _literal(program: Program, function: Function, invoke: Invoke) -> Iterator[Found]:
    for argument in key_arguments(program.sdk, invoke):
        value = plain(argument)
        if not isinstance(value, Text) or len(value.value) < 8 or len(set(value.value)) < 3 or PEM.search(value.value):
            continue
        yield Found(value.span, label="the key", function=function.qualified, variant="literal", callee=invoke.name)
