"""What crosses the boundary: an EDL file as its compiler understands it, with a place on everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from edlint.model.types import TypeDef, TypeRef
from edlint.source import Source, Span


class Dialect(StrEnum):
    """The four languages that call themselves EDL."""

    INTEL = "intel-sgx"
    OPEN_ENCLAVE = "open-enclave"
    SECGEAR = "secgear"
    VBS = "vbs"

    @property
    def preprocessed(self) -> bool:
        """Whether a C preprocessor with its predefined macros reads the text before the EDL compiler does."""
        return self in (Dialect.INTEL, Dialect.SECGEAR)

    @property
    def crosses_platforms(self) -> bool:
        """Whether one EDL may be compiled for a host and an enclave with other sizes of C's own types."""
        return self in (Dialect.OPEN_ENCLAVE, Dialect.SECGEAR)


class CallKind(StrEnum):
    """Direction of a declared call."""

    ECALL = "ECALL"
    OCALL = "OCALL"


class Transfer(StrEnum):
    """What the bridge moves for one parameter."""

    VALUE = "value"
    """The value itself, bytewise."""
    IN = "in"
    """A copy of the pointee towards the callee, before the call."""
    OUT = "out"
    """A zeroed buffer for the callee; its content goes back to the caller after the call."""
    IN_OUT = "in-out"
    RAW = "raw"
    """The caller's address as it is: nothing copied, nothing checked."""


class Termination(StrEnum):
    """What the bridge guarantees of a string's terminator."""

    NONE = "none"
    LAST_BYTE = "last byte is NUL"
    EXACT = "first NUL is the last byte"


class ZeroLength(StrEnum):
    """What a callee sees of a non-NULL pointer whose length is zero."""

    NULL = "NULL"
    EMPTY = "pointer to no bytes"
    RAW = "the caller's pointer"


@dataclass(frozen=True, slots=True)
class Operand:
    """The operand of `size=`, `count=` or an array dimension: a number or the name of another declaration."""

    text: str
    value: int | None
    """The number, or None for a name."""
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """One word of an attribute list, as written."""

    name: str
    span: Span
    value: Operand | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How many bytes cross: `size` times `count`, in which an absent one is the size of an element, or 1."""

    size: Operand | None = None
    count: Operand | None = None
    string: bool = False
    """Up to and with the terminator that the caller's string has."""

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The operands that are written, size first."""
        return tuple(o for o in (self.size, self.count) if o is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters that decide the extent."""
        return tuple(o.text for o in self.operands if o.value is None)


@dataclass(frozen=True, slots=True)
class Bridge:
    """What the generated code of this dialect does with one parameter, and what it leaves undone.

    Rules ask these facts and never which SDK it is.
    """

    transfer: Transfer = Transfer.VALUE
    extent: Extent | None = None
    """Bytes copied; None where nothing is copied or one element is (see `sized`)."""
    sized: bool = True
    """False for a copied pointer of which only one element crosses, for want of size, count or string."""
    range_checked: bool = False
    """The pointer is proven to lie on the caller's side before the callee sees it."""
    overflow_checked: bool = False
    """count * size cannot wrap."""
    extent_trusted: bool = True
    """The extent parameter that the callee sees is the length that was really copied."""
    terminated: Termination = Termination.NONE
    null_reaches: bool = False
    """NULL is passed on to the callee, with the length parameter unchanged."""
    zero_length: ZeroLength = ZeroLength.NULL
    fenced: bool = False
    """A speculation barrier stands between the range check and the call."""
    single_fetch: bool = True
    """The callee works on a copy that the other side cannot change during the call."""
    deep_levels: int = 0
    """Levels of pointer members that are copied as well; -1 for all."""
    copied_back: bool = False
    """The callee's bytes go to the caller after the call, even when the call reports failure."""
    leaks: bool = False
    """Memory that the bridge takes for the members is not given back: each call leaves some on the callee's heap."""

    @property
    def is_raw(self) -> bool:
        """Whether the callee gets an address that nobody checked."""
        return self.transfer is Transfer.RAW

    @property
    def copies_in(self) -> bool:
        """Whether the caller's bytes are copied before the call."""
        return self.transfer in (Transfer.IN, Transfer.IN_OUT)

    @property
    def copies_out(self) -> bool:
        """Whether the callee's bytes are copied after the call."""
        return self.transfer in (Transfer.OUT, Transfer.IN_OUT)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a declared call."""

    name: str
    span: Span
    """The name."""
    declaration: Span
    """Attributes, type, name and dimensions."""
    type: TypeRef
    attributes: tuple[Attribute, ...] = ()
    bridge: Bridge = field(default_factory=Bridge)

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name, or None."""
        return next((a for a in self.attributes if a.name == name), None)

    def has(self, name: str) -> bool:
        """Whether an attribute of that name is written."""
        return self.attribute(name) is not None


@dataclass(frozen=True, slots=True)
class AllowedCall:
    """One name of an `allow(...)` list."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """One declared ECALL or OCALL."""

    kind: CallKind
    name: str
    span: Span
    """The name."""
    declaration: Span
    """From the first word to the closing semicolon."""
    result: TypeRef
    params: tuple[Param, ...]
    public: bool = True
    """False for an ECALL that only an OCALL may enter."""
    allow: tuple[AllowedCall, ...] = ()
    has_allow: bool = False
    """Whether `allow` is written, if only with an empty list."""
    switchless: bool = False
    propagates_errno: bool = False
    conventions: tuple[str, ...] = ()
    """Prefix attributes of an OCALL: cdecl, stdcall, fastcall, dllimport."""
    imported_by: Import | None = None
    """The import of the root file that brought the call; None for its own calls."""
    allow_enforced: bool = False
    """Whether this dialect's run time holds the host to the allow lists."""

    @property
    def is_ecall(self) -> bool:
        """Whether the host calls and the enclave answers."""
        return self.kind is CallKind.ECALL

    @property
    def is_ocall(self) -> bool:
        """Whether the enclave calls and the host answers."""
        return self.kind is CallKind.OCALL

    def param(self, name: str) -> Param | None:
        """The parameter of that name, or None."""
        return next((p for p in self.params if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement of the root file (`imports` of an Interface) with what it brought."""

    path: str
    """As written between the quotes."""
    span: Span
    """The whole statement."""
    path_span: Span
    names: tuple[AllowedCall, ...] | None
    """The names listed, or None for `*` and for an import of the whole file."""
    resolved: str | None
    """Where it was found: a path, `sdk:<module>` for the built-in catalogue, or None."""
    calls: tuple[str, ...] = ()
    """Names of the calls it brings, through imports of its own too."""
    modules: tuple[str, ...] = ()
    """Paths of the files that it brings in turn, itself first."""

    @property
    def is_wildcard(self) -> bool:
        """Whether it takes everything."""
        return self.names is None


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a problem or a finding."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """New text for a piece of the file."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that this dialect's compiler refuses (`error_class` set) or that edlint could not follow."""

    span: Span
    message: str
    """One sentence."""
    error_class: str
    """Class of the refusal, for instance `attr.duplicate`."""
    related: tuple[Related, ...] = ()
    suggestion: str = ""
    """One sentence that starts with a capital letter, or nothing: what was probably meant."""
    order: tuple[int, ...] = field(default=(), compare=False)
    """When the compiler comes to it: of several problems it prints the one with the smallest order."""
    replacements: tuple[Replacement, ...] = ()
    """What would do as the suggestion says, where that is plain."""
    certain: bool = False
    """The replacements keep every meaning that the text can have had."""


@dataclass(frozen=True)
class Interface:
    """One EDL file and all that it imports."""

    path: str
    dialect: Dialect
    dialect_reason: str
    """Why this dialect was taken: the option, or the evidence it was detected by."""
    calls: tuple[Call, ...]
    """Own and imported calls, in the order of the text."""
    types: tuple[TypeDef, ...]
    imports: tuple[Import, ...]
    includes: tuple[tuple[str, Span], ...]
    problems: tuple[Problem, ...]
    inert: tuple[Problem, ...] = ()
    """Accepted by the compiler, but without effect or not what it says; `error_class` names the kind."""
    notes: tuple[Problem, ...] = ()
    """Not refused by the compiler, but worth telling: unresolved imports, a file found where it would not look."""
    body: Span | None = None
    """From `enclave` to its closing brace; None when there is none."""
    library_reason: str = ""
    """Why it was read as a file that is meant to be imported, which needs no public ECALL; empty when it was not."""

    @property
    def ecalls(self) -> tuple[Call, ...]:
        """Calls into the enclave."""
        return tuple(c for c in self.calls if c.is_ecall)

    @property
    def ocalls(self) -> tuple[Call, ...]:
        """Calls out of the enclave."""
        return tuple(c for c in self.calls if c.is_ocall)

    def call(self, name: str) -> Call | None:
        """The call of that name, or None."""
        return self._calls.get(name)

    def refused(self, source: Source) -> list[tuple[int, int]]:
        """Start and end of all that the compiler refuses in a file, in order."""
        return self._refused.get(source, [])

    @cached_property
    def _refused(self) -> dict[Source, list[tuple[int, int]]]:
        found: dict[Source, list[tuple[int, int]]] = {}
        for problem in self.problems:
            found.setdefault(problem.span.source, []).append((problem.span.start, problem.span.end))
        return {source: sorted(places) for source, places in found.items()}

    @cached_property
    def _calls(self) -> dict[str, Call]:
        """The calls by name, of several the first."""
        return {c.name: c for c in reversed(self.calls)}

    def type(self, name: str) -> TypeDef | None:
        """The struct, union or enum of that name (without the keyword), or None."""
        return self._types.get(name)

    @cached_property
    def _types(self) -> dict[str, TypeDef]:
        """The types by name, of several the first."""
        return {t.name: t for t in reversed(self.types)}
