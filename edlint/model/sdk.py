"""What an SDK's functions do, as data: source, sink, flow, clean and guard, about the places of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a call: `arg[0]`, `arg[*1]` (what the argument points to), `arg[2].len`, `return`, `receiver`."""

    arg: int
    """Position from 0; -1 for the result, -2 for the receiver; `arg[n..]` is n with `rest` set."""
    pointee: bool = False
    field: str = ""
    rest: bool = False
    """This argument and all that follow."""

    def __str__(self) -> str:
        if self.arg == -1:
            return "*return" if self.pointee else "return"
        if self.arg == -2:
            return "*receiver" if self.pointee else "receiver"
        star = "*" if self.pointee else ""
        return f"arg[{star}{self.arg}{'..' if self.rest else ''}]" + (f".{self.field}" if self.field else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One statement about one function."""

    function: str
    word: str
    """source, sink, flow, clean or guard."""
    kind: str
    """A kind that kinds.toml declares; empty for flow."""
    at: Spot
    """Where: the source, the sink, what is cleaned or guarded; for flow, where it comes from."""
    to: Spot | None = None
    """Flow: where it goes."""
    when: str = ""
    """Guard: the outcome that clears: `true`, `false`, `zero`, `nonzero`, `nonnull`."""
    extent: Spot | None = None
    """Guard: the argument that says for how many bytes. Sink: how many bytes are touched."""
    capacity: Spot | None = None
    """Sink of a length: the argument that is written or read that far."""
    header: str = ""
    """Header the function was read from."""
    note: str = ""
    times: Spot | None = None
    """The argument that `extent` (or a length sink) is multiplied by: element size of calloc, fread, qsort."""
    arguments: int = -1
    """Only for calls with so many arguments, where overloads differ; -1 for all."""
    bytes: int = 0
    """Source, clean: at least so many bytes are written there, whatever the arguments say; sink: the bytes of the
    struct that is read there, or of the block that padding adds; flow: how much larger the result is at least, or the
    block of a cipher that gives out no rest of one. 0 where it is not known."""
    written: str = ""
    """Only for calls of which an argument is written so: a regular expression for all of its text."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A declared kind with its one-sentence meaning."""

    name: str
    title: str
    role: str = ""
    """source, sink, clean or guard: the word of the rows that may name it."""
    origin: str = ""
    """`boundary` or `code` for a kind that arises without a row; else empty."""
    clears: tuple[str, ...] = ()
    """Clean and guard kinds: the kinds that are gone afterwards."""


@dataclass(frozen=True, slots=True)
class Module:
    """A system EDL file of an SDK."""

    path: str
    """As imports name it: `openenclave/edl/syscall.edl`."""
    sdk: str
    version: str
    text: str
    """The module as EDL, rendered from the catalogue's facts."""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By call: what leads to it on the side that starts it: a function called, a `<header>`, a name, `c++`."""
    required: tuple[str, ...] = ()
    """Calls that the SDK makes by itself, whatever the enclave's own code does."""
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By call: functions or headers (`<openssl/*>`) whose library does not link without it."""
    alias: bool = False
    """A second name for a file that is in the catalogue under its own path."""


_MAX_KNOWN = 50_000
"""Calls of which the statements are kept."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """All that edlint knows of SDKs and libraries, users' own models included."""

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """By function name; `.name` is a method, `ns::name` a function of a namespace or a constructor."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    modules: tuple[Module, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    """By function name: the status type whose neglect matters (`sgx_status_t`, `oe_result_t`, ...)."""
    success: Mapping[str, str] = field(default_factory=dict)
    """By status type: the spelling of success (`SGX_SUCCESS`, `OE_OK`, ...)."""
    proxied: frozenset[str] = frozenset()
    """C library functions that leave the enclave through an OCALL where the SDK provides them."""
    trusted_headers: Mapping[str, str] = field(default_factory=dict)
    """By header name: the SDK whose trusted side it belongs to."""
    untrusted_headers: Mapping[str, str] = field(default_factory=dict)
    creators: frozenset[str] = frozenset()
    """Host functions that create an enclave."""
    noreturn: frozenset[str] = frozenset()
    """Functions after which control does not come back."""
    locks: frozenset[str] = frozenset()
    """Functions and lock-holding types that enter a critical section."""
    unlocks: frozenset[str] = frozenset()
    """Functions that leave one."""
    fences: frozenset[str] = frozenset()
    """Functions that stop speculation."""
    library: frozenset[str] = frozenset()
    """Functions of SDKs and cryptographic libraries: what their rows say holds even where their source is given."""
    refuses_null: frozenset[str] = frozenset()
    """Functions that test their pointers and give an error back for NULL."""
    _known: dict[tuple[str, str, bool, int], tuple[Row, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was asked about calls: of each it is asked a dozen times."""

    def of(self, function: str, word: str) -> tuple[Row, ...]:
        """The statements of one word about one function."""
        return tuple(r for r in self.rows.get(function, ()) if r.word == word)

    def about(self, name: str, qualified: str = "", *, method: bool = False, arguments: int = -1) -> tuple[Row, ...]:
        """The statements about a call: of `name`, `qualified` as written; `method` when it has a receiver.

        A constructor has a receiver too and is known by its class, with or without `std::`. Rows for another
        number of arguments are left out when `arguments` is given.
        """
        asked = name, qualified, method, arguments
        known = self._known.get(asked)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[asked] = self._about(*asked)
        return known

    def _about(self, name: str, qualified: str, method: bool, arguments: int) -> tuple[Row, ...]:
        if method:
            keys: tuple[str, ...] = (f".{name}", qualified if "::" in qualified else f"std::{qualified or name}")
        else:
            keys = (qualified, name, f"std::{name}")
        rows = next((self.rows[key] for key in keys if key and key in self.rows), ())
        return tuple(r for r in rows if r.arguments < 0 or arguments < 0 or r.arguments == arguments)
