"""What the names, types and bytes of a constant tell of whether it is a key."""

from __future__ import annotations

import re

from edlint.analysis.constants import Constant, words_of
from edlint.analysis.outcomes import plain
from edlint.model.ir import Text

KEY_TYPE = re.compile(r"sgx_(?!key_request)(?:\w+_)?key(?:_\w+)?_t\Z|sgx_ec256_private_t\Z|sgx_ec_private_t\Z")
PUBLIC_TYPE = re.compile(r"_(?:public|pub)(?:_|\Z)|_signature_t\Z|public_?key", re.IGNORECASE)
_NO_SECRET_TYPE = re.compile(r"pub|key_(?:id|type|usage|policy|name|exchange)|verif", re.IGNORECASE)
KEY_WORDS = frozenset({"key", "keys", "secret", "psk", "password", "passwd", "passphrase", "private", "kek"})
SECRET_KEY = re.compile(r"(?:sec|secret|priv|private|master|aes|hmac|cmac)keys?\Z")
SECRET_WORDS = frozenset(
    ["secret", "sec", "private", "priv", "master", "aes", "hmac", "cmac", "shared", "sealing", "wrapping"]
)
_OTHER = (
    "public pub cert certificate certs id ids name names label type size len length oid info usage policy request map "
    "code mrsigner mrenclave modulus exponent error format header prefix aad salt iv tag title url host path file "
    "filename keyboard keyword hash digest signature sig event press handler index idx slot count number version "
    "value string field column attribute delimiter separator suffix mask flag flags kind zero empty"
)
OTHER_WORDS = frozenset(_OTHER.split())
_PUBLIC = re.compile(r"pub(?:lic)?keys?\Z")
"""What words end in that were written together: a public key is no secret, whatever stands before it."""
PRIVATE_WORDS = frozenset(["private", "priv", "seckey", "seckeys", "privkey", "privkeys"])
LABEL = re.compile(rb"(?=[ -~]*[a-z])[A-Za-z0-9.,:_-]+(?: [A-Za-z0-9.,:_-]+)+\0?\Z")
"""Words with blanks between them keep the uses of one hash apart; they are no secret."""
TESTS = re.compile(
    r"(?:\A|[^a-z])(?:self_?)?tests?(?:[^a-z]|\Z)|(?:\A|[^a-z])kat(?:[^a-z]|\Z)|unittest|mock", re.IGNORECASE
)


def is_key_type(name: str) -> bool:
    """Whether a type is one for secret keys."""
    return bool(KEY_TYPE.match(name)) and not _NO_SECRET_TYPE.search(name)


def is_public_type(name: str) -> bool:
    """Whether a type is one for public keys or signatures."""
    return bool(PUBLIC_TYPE.search(name))


def is_public_name(name: str) -> bool:
    """Whether a name says that what it names is a public key."""
    words = words_of(name)
    return bool(words & {"pubkey", "pubkeys"}) or bool(words & {"public", "pub"} and words & {"key", "keys"})


def is_key_name(name: str) -> bool:
    """Whether a name speaks of a key."""
    words = words_of(name)
    return bool(words & KEY_WORDS) or any(w.endswith(("key", "keys")) and not _PUBLIC.search(w) for w in words)


def is_secret_name(words: frozenset[str]) -> bool:
    """Whether a name says by itself that what it names is secret and a key."""
    whole = any(SECRET_KEY.match(w) for w in words)
    return whole or bool(words & {"key", "keys"} and words & SECRET_WORDS)


def is_random(constant: Constant) -> bool:
    """Whether the bytes are numbers that look drawn, as those of a key do and those of a table do not."""
    content = constant.content
    numbers = not isinstance(plain(constant.variable.initialiser), Text) if constant.variable.initialiser else False
    return numbers and len(content) >= 16 and len(set(content)) * 4 >= min(len(content), 32) * 3


def is_repeated(constant: Constant) -> bool:
    """Whether the bytes are one character over and over: a poor key, where it is one."""
    kind = constant.variable.type
    return len(set(constant.content.rstrip(b"\0"))) == 1 and kind.const and constant.content[0] > ord(" ")
