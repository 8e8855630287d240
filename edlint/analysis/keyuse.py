"""Constants and literals that a function of cryptography takes as its key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.analysis.constants import Constant, key_arguments, words_of
from edlint.analysis.keys import PEM
from edlint.analysis.outcomes import plain, variable_of
from edlint.analysis.rows import rows_of
from edlint.model.ir import Address, Assign, Invoke, Place, Text, Value
from edlint.model.program import Program
from edlint.model.unit import Function

COPIES = {"memcpy": 1, "memmove": 1, "strcpy": 1, "strncpy": 1, "memcpy_s": 2, "strcpy_s": 2, "strncpy_s": 2}
CRYPTO = re.compile(
    r"crypt|aes|hmac|cmac|gcm|set_?key|cipher|chacha|poly1305|blowfish|pbkdf|hkdf|_key\Z|keyed", re.IGNORECASE
)
_TAKES_KEY = re.compile(
    r"(make|set|init|load|import|expand|install|add|from|schedule|prepare)_?(hex_?)?(secret|private|priv|aes|sym)?_?key"
    r"|from_?(hex_?)?priv(ate)?",
    re.IGNORECASE,
)
"""Functions of a project that are given a key, by their names."""
_MATERIAL = re.compile(r"[0-9a-fA-F]{32,256}|(?=[^0-9]*[0-9])(?=(?:[A-Za-z]*[0-9]){4})[A-Za-z0-9+/]{16,88}={0,2}")
"""Characters that are no word but a key: hexadecimal, Base64, or letters among many digits."""
CONVERTS = re.compile(r"hex|bytes?(?![a-z])|decode|b(?:ase)?64|to_?bin|bin2bn|dup(?![a-z])", re.IGNORECASE)
"""Functions that give the same key in another form, as a result or in another argument."""


def uses_as_key(program: Program, function: Function, constant: Constant) -> bool:
    """Whether a function gives the constant to a function of cryptography."""
    keys = {constant.variable.key}
    for op in function.body.ops():
        match op:
            case Assign(target=Place(steps=()) as target, value=value) if _is(value, keys):
                keys.add(target.root)
            case Invoke(name="c_str" | "data", receiver=receiver, target=Place() as target) if receiver is not None:
                # `key.data()` is the key, in a temporary.
                if _is(receiver, keys):
                    keys.add(target.root)
            case Invoke():
                used = op.args if _may_use_key(program, op) else key_arguments(program.sdk, op)
                if any(_is(a, keys) for a in used):
                    return True
                keys.update(_other_forms(op, keys))
    return False


def _other_forms(invoke: Invoke, keys: set[str]) -> Iterator[str]:
    """Variables that hold the key too after a call that copies or converts it."""
    source = COPIES.get(invoke.name)
    if source is not None:
        if source < len(invoke.args) and _is(invoke.args[source], keys):
            yield from (root for root in (variable_of(invoke.args[0]),) if root is not None)
    elif CONVERTS.search(invoke.name) and any(_is(a, keys) for a in invoke.args):
        yield from (root for a in invoke.args if (root := variable_of(a)) is not None)
        if invoke.target is not None:
            yield invoke.target.root


def _may_use_key(program: Program, invoke: Invoke) -> bool:
    """Whether a function that models say nothing of is cryptography by its name."""
    modelled = any(r.kind == "key-use" for r in rows_of(program.sdk, invoke))
    return not modelled and bool(CRYPTO.search(invoke.name) or "sign" in words_of(invoke.name))


def _is(value: Value, keys: set[str]) -> bool:
    """Whether an argument is one of the variables, its address, an element of it, or one of these behind a cast."""
    value = plain(value)
    place = value.place if isinstance(value, Address) else value
    return isinstance(place, Place) and (place.root in keys or place.root.rpartition("::")[2] in keys)


def takes_key(name: str) -> bool:
    """Whether a function is given a key, by its name."""
    return bool(_TAKES_KEY.search(name)) and "pub" not in name.lower()


def named_keys(program: Program, function: Function) -> Iterator[tuple[Invoke, Text]]:
    """String literals that look like keys, given to functions of the project that take one by their names."""
    for invoke in function.body.invokes():
        if not takes_key(invoke.name) or rows_of(program.sdk, invoke):
            continue
        texts = (a for a in map(plain, invoke.args) if isinstance(a, Text))
        first = next((t for t in texts if _MATERIAL.fullmatch(t.value) and len(set(t.value)) >= 3), None)
        if first is not None:
            yield invoke, first


def literal_keys(program: Program, function: Function) -> Iterator[tuple[Invoke, Text]]:
    """The string literals that a call takes as a key, or that were copied into what it takes."""
    for invoke in function.body.invokes():
        arguments = list(key_arguments(program.sdk, invoke))
        for other in function.body.invokes() if arguments else ():
            source = COPIES.get(other.name)
            if source is not None and source < len(other.args):
                target = plain(other.args[0])
                if isinstance(target, Place) and any(_is(a, {target.root}) for a in arguments):
                    arguments.append(other.args[source])
        for argument in arguments:
            value = plain(argument)
            if not isinstance(value, Text) or PEM.search(value.value):
                continue
            if len(value.value) >= 8 and len(set(value.value)) >= 3:
                yield invoke, value
