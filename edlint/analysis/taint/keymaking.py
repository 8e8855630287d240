"""Bytes that become a key: drawn or derived into something that is one by its type or name, or copied there."""

from __future__ import annotations

import re

from edlint.analysis.constants import words_of
from edlint.analysis.keynames import OTHER_WORDS, is_key_type, is_secret_name
from edlint.analysis.outcomes import plain, variable_of
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import SourceInfo
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.kept import note_content
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.symbols import is_secret
from edlint.analysis.taint.values import Target, Value
from edlint.analysis.taint.values import step as trail_step
from edlint.model.ir import Address, Binary, Cast, Field, Invoke, Place
from edlint.model.ir import Value as Expression

_KEY = re.compile(r"(?<![a-z])key|key(?![a-z])|secret|passw|private|master", re.IGNORECASE)
_NO_KEY = re.compile(r"pub|nonce|(?<![a-z])iv|iv(?![a-z])|salt|counter|keyid|key_id|handle", re.IGNORECASE)
_IDENTIFIES = re.compile(r"_id\Z|(?<![a-zA-Z])id\Z|(?<=[a-z])Id\Z")
_NO_DERIVED = re.compile(r"hash|digest|mac(?![a-z])|tag|sig|finger|print|name|check", re.IGNORECASE)
_MAKES = re.compile(
    r"gen(?:erate|_|[A-Z]|\Z)|deriv|random|key_?pair|from_?seed|new_?key|create_?key|make_?key", re.IGNORECASE
)
_PRIVATE = frozenset(("privkey", "seckey", "privatekey", "secretkey", "mnemonic"))
_COVERED = frozenset(
    ("enc", "encrypted", "sealed", "cipher", "ciphertext", "wrapped", "pubkey", "blob", "ctx", "context")
)
_DERIVES = re.compile(r"sha_?[1235]|sha_?384|sm3|md5|blake|keccak|hmac|cmac|digest|mac_final|_hash\Z", re.IGNORECASE)
"""Functions whose output is as secret as what they are given, when it is used for a key."""


def is_made(evaluator: Evaluator, kind: str, invoke: Invoke, args: tuple[Value, ...], position: int) -> bool:
    """Whether what a call writes, which is no secret by itself, is one because a key is made of it."""
    if not 0 <= position < len(invoke.args):
        # The receiver of a method.
        return False
    given = invoke.args[position]
    if isinstance(plain(given), Binary):
        # What lies further on in a key's bytes may be a nonce.
        return False
    name = text_of(given)
    if kind == "enclave-random":
        return (bool(_KEY.search(name)) and not _NO_KEY.search(name)) or is_key(evaluator, given)
    if kind != "encrypted" or not _DERIVES.search(invoke.name):
        return False
    if _IDENTIFIES.search(text_of(plain(given))):
        # As wide as a key, but there to be shown.
        return False
    named = bool(_KEY.search(name)) and not _NO_KEY.search(name) and not _NO_DERIVED.search(name)
    return is_key(evaluator, given) or (named and _from_secret(evaluator, args, position))


def _from_secret(evaluator: Evaluator, args: tuple[Value, ...], position: int) -> bool:
    others = (a for n, a in enumerate(args) if n != position)
    contents = (evaluator.memory.content(evaluator.pointing.targets(a)) for a in others if a.targets)
    return any(is_secret(t) for content in contents for t in content.taints)


def is_key(evaluator: Evaluator, given: Expression) -> bool:
    """Whether an argument points to something whose type is one for secret keys."""
    while True:
        match given:
            case Cast(type=ref, operand=operand):
                if is_key_type(ref.base):
                    return True
                given = operand
            case Address(place=place):
                given = place
            case Place():
                return _is_key_place(evaluator.frame, given)
            case _:
                return False


def _is_key_place(frame: Frame, place: Place) -> bool:
    """The same of a place, by the types as they are declared, before typedefs are resolved."""
    variable = frame.body.variables.get(place.root)
    ref = variable.type if variable is not None else frame.type_of(frame.location(place.root))
    for step in place.steps:
        if ref is None or is_key_type(ref.base):
            break
        ref = frame.layout.type_of_member(ref, step.name) if isinstance(step, Field) else frame.layout.pointee(ref)
    return ref is not None and is_key_type(ref.base)


def make(evaluator: Evaluator, invoke: Invoke, position: int, targets: tuple[Target, ...]) -> None:
    """From here on the bytes are a key."""
    frame, name = evaluator.frame, text_of(invoke.args[position])
    info = SourceInfo("secret-key", invoke.span, frame.function.qualified, invoke.name, None, position, name=name)
    symbol = frame.registry.symbol(info)
    value = Value(None, frozenset((symbol,)), (), trail_step(None, invoke.span, "a fresh key"))
    evaluator.memory.store(targets, value, whole=True)
    note_content(evaluator, targets, value, invoke.span, name)


def is_told(invoke: Invoke, position: int) -> bool:
    """Whether names say that a function nobody sees puts a private key where an argument points to."""
    given = invoke.args[position]
    if variable_of(given) is None or not _MAKES.search(invoke.name):
        return False
    words = words_of(text_of(given).lstrip("&"))
    private = bool(words & _PRIVATE) or is_secret_name(words)
    return private and not words & (OTHER_WORDS - {"private", "priv"}) and not words & _COVERED


def turns_into_key(evaluator: Evaluator, invoke: Invoke, position: int, source: tuple[Target, ...]) -> bool:
    """Whether bytes that a function computed, and that are no secret by themselves, are copied into a key."""
    content = evaluator.memory.content(source)
    symbol = content.symbol
    computed = not content.taints and symbol is not None and symbol.kind == "call"
    return computed and is_key(evaluator, invoke.args[position])
