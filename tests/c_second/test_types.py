"""Sizes, offsets and constants: struct text in, bytes out; x86-64."""

from __future__ import annotations

import pytest

from edlint.analysis.layout import Layout
from edlint.frontends.c import read_units
from edlint.frontends.c.constants import evaluate
from edlint.frontends.c.prelude import Prelude
from edlint.link import link
from edlint.model.program import Program
from edlint.model.sdk import Sdk
from edlint.model.types import TypeDef, TypeKind, TypeRef
from edlint.source import Source


def program(text: str, name: str = "a.h") -> Program:
    """The program of one made file."""
    return link((), read_units([Source(name, text)]), (), Sdk())


def layout(text: str, name: str = "a.h") -> Layout:
    """What is known of the sizes of its types."""
    return Layout.build(program(text, name))


def defined(text: str, name: str) -> TypeDef:
    """One type of a made header."""
    return program(text).types[name]


def named(name: str, **more: object) -> TypeRef:
    """A use of a type by its name."""
    return TypeRef(name, TypeKind.NAMED, **more)  # type: ignore[arg-type]


# Sizes and offsets below are what gcc 12 gives for the same text.
@pytest.mark.parametrize(
    ("text", "size", "align", "offsets"),
    [
        ("struct s { char a; int b; };", 8, 4, (0, 4)),
        ("struct s { char a; int b; } __attribute__((packed));", 5, 1, (0, 1)),
        ("struct __attribute__((packed, aligned(4))) s { char a; long b; };", 12, 4, (0, 1)),
        ("#pragma pack(push, 2)\nstruct s { char a; long b; };\n#pragma pack(pop)\n", 10, 2, (0, 2)),
        ("struct s { int a : 3; int b : 30; char c; };", 12, 4, (0, 4, 8)),
        ("struct s { unsigned a : 4, b : 4; unsigned char c; };", 4, 4, (0, 0, 1)),
        ("struct s { char n; char *p; char v[]; };", 16, 8, (0, 8, 16)),
        ("union s { char a[5]; double d; };", 8, 8, (0, 0)),
        ("struct s { int (*f)(char *, int); char c[3][5]; };", 24, 8, (0, 8)),
        ("#define N 4\nstruct s { char a[N * 2 + sizeof(int)]; short b; };", 14, 2, (0, 12)),
        ("enum { A = 2, B, C = B << 2 };\nstruct s { char a[C]; };", 12, 1, (0,)),
        ("#define UP(x, a) (((x) + (a) - 1) / (a) * (a))\nstruct s { char a[UP(5, 8)]; };", 8, 1, (0,)),
        ("struct in { char c; long l; };\nstruct s { char c; struct in i[2]; };", 40, 8, (0, 8)),
        ("struct s { char c; union { int a; long b; }; char d; };", 24, 8, (0, 8, 8, 16)),
        ("typedef struct { long double x; char y; } s;", 32, 16, (0, 16)),
        ("typedef unsigned char block[16];\nstruct s { block b[2]; block *p; };", 40, 8, (0, 32)),
        ("struct s { struct { char a; short b; } in; char c; };", 6, 2, (0, 4)),
        ("struct s { sgx_sha256_hash_t h; sgx_status_t r; };", 36, 4, (0, 32)),
    ],
)
def test_layout(text: str, size: int, align: int, offsets: tuple[int, ...]) -> None:
    found = defined(text, "s")
    assert (found.size, found.align, tuple(m.offset for m in found.members)) == (size, align, offsets)


def test_padding_counts_the_bytes_of_no_member() -> None:
    assert defined("struct s { char a; int b; char c; };", "s").padding == 6
    assert defined("struct s { int a; int b; };", "s").padding == 0


@pytest.mark.parametrize(
    "text",
    [
        "struct s { struct unknown u; };",
        "struct s { char a[UNKNOWN]; };",
        "struct s { struct s again; };",
        "struct t;\nstruct s { struct t t; };\nstruct t { struct s s; };",
        "struct s { char a[-1]; };",
        "struct s { char a[1 / 0]; };",
        "struct s { char a[0x7fffffffffffffff][0x7fffffffffffffff]; };",
        "struct s { char a;\n#ifdef WIDE\nlong b;\n#endif\n};",
        "class base { int x; };\nstruct s : base { int y; };",
        "struct s { virtual int f(); int y; };",
        "#define A B\n#define B A\nstruct s { char a[A]; };",
        "struct s { char a[sizeof(struct s)]; };",
    ],
)
def test_what_cannot_be_told_has_no_size(text: str) -> None:
    assert defined(text, "s").size is None


def test_members_are_there_without_a_size() -> None:
    found = defined("struct s { struct unknown u; char *p; union { int a; }; };", "s")
    assert [(m.name, m.type.is_pointer) for m in found.members] == [("u", False), ("p", True), ("a", False)]


def test_types_that_hold_each_other_in_wide_steps_end() -> None:
    text = "struct s0 { char c; };\n" + "".join(f"struct s{i} {{ struct s{i - 1} a, b; }};\n" for i in range(1, 60))
    assert defined(text, "s30").size == 1 << 30
    assert defined(text, "s59").size is None


def test_typedef_chains_and_pointers() -> None:
    known = layout("typedef struct pair { int a, b; } pair_t;\ntypedef pair_t *pair_p;\ntypedef pair_p many[4];\n")
    assert known.size(named("pair_t")) == 8
    assert known.size(named("pair_p")) == 8
    assert known.size(named("many")) == 32
    assert known.array_length(named("many")) == 4
    assert known.pointee_size(named("pair_p")) == 8
    assert str(known.type_of_member(named("pair_p"), "b")) == "int"


@pytest.mark.parametrize("count", [20, 3_000])
def test_chains_of_types_end(count: int) -> None:
    chain = "".join(f"typedef t{i + 1} t{i};\n" for i in range(count))
    known = program(f"{chain}typedef int t{count};\nstruct s {{ t0 a; }};\nstruct u {{ char a; }};\n").types
    assert known["s"].size == (4 if count == 20 else None)
    assert (known["u"].size, known[f"t{count - 20}"].size) == (1, 4)
    cycle = "".join(f"typedef t{(i + 1) % count} t{i};\n" for i in range(count))
    assert defined(cycle + "struct s { t0 a; };\n", "s").size is None


def test_a_type_with_a_letter_that_c_lacks_is_no_fault() -> None:
    assert defined("struct s { int a; char b[4] \xec x; };\nstruct u { char a; };\n", "u").size == 1
    assert program("struct s { int a; char b[4] \xec x; };\n").types["s"].size is None


def test_structs_without_names_inside_each_other_end() -> None:
    text = "struct s { int first; " + "struct { int x; " * 3_000 + "};" * 3_000 + " };\n"
    assert [m.name for m in defined(text, "s").members][:2] == ["first", "x"]


def test_pointers_to_arrays() -> None:
    text = (
        "#define N 4\ntypedef struct { int k; int rest[3]; } cell;\ntypedef cell (*rows)[N];\ntypedef cell row[N];\n"
        "struct s { cell (*a)[N][2]; int (*b[3])[N]; struct { char c; } (*d)[N]; row *e; void (*(*f)[2])(int); };\n"
    )
    known = layout(text)
    assert known.size(named("rows")) == 8
    assert known.pointee_size(named("rows")) == 64
    assert known.definition(named("rows")) == known.definition(named("cell"))
    owner = TypeRef("s", TypeKind.STRUCT)
    members = {n: known.type_of_member(owner, n) for n in "abdef"}
    assert {n: str(t) for n, t in members.items()} == {
        "a": "cell(*)[N][2]",
        "b": "int(*[3])[N]",
        "d": "struct s.d(*)[N]",
        "e": "row*",
        "f": "void*(*)[2]",
    }
    behind = {n: known.pointee_size(t) for n, t in members.items() if t is not None}
    assert behind == {"a": 128, "b": 8, "d": 4, "e": 64, "f": None}
    assert known.size(owner) == 56


def test_array_length_of_a_local_type() -> None:
    known = layout("#define KEY 16\n")
    assert known.array_length(TypeRef("char", dims=("KEY * 2", "3"))) == 32
    assert known.size(TypeRef("char", dims=("KEY << 1", "(KEY - 6) % 7"))) == 96
    assert known.size(TypeRef("char", dims=("n",))) is None
    assert known.size(TypeRef("void")) is None
    assert known.pointee_size(TypeRef("void", pointers=1)) == 1


def test_the_project_wins_over_the_prelude() -> None:
    text = "#define SGX_AESGCM_MAC_SIZE 8\ntypedef unsigned char sgx_sha256_hash_t[7];\n"
    made = program(text)
    assert made.constants["SGX_AESGCM_MAC_SIZE"] == 8
    assert Layout.build(made).size(named("sgx_sha256_hash_t")) == 7
    assert Layout.build(made).size(named("sgx_aes_gcm_128bit_tag_t")) == 8


# What the headers of the SDKs and of Linux say; checked against gcc with those headers.
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sgx_status_t", 4),
        ("sgx_aes_gcm_128bit_key_t", 16),
        ("sgx_sha256_hash_t", 32),
        ("sgx_ec256_private_t", 32),
        ("sgx_ec256_public_t", 64),
        ("sgx_key_request_t", 512),
        ("sgx_target_info_t", 512),
        ("sgx_report_t", 432),
        ("sgx_sealed_data_t", 560),
        ("sgx_quote_t", 436),
        ("oe_result_t", 4),
        ("oe_report_t", 152),
        ("oe_claim_t", 24),
        ("stat", 144),
        ("sockaddr_in6", 28),
        ("sockaddr_storage", 128),
        ("tm", 56),
        ("timeval", 16),
        ("utsname", 390),
    ],
)
def test_prelude(name: str, size: int) -> None:
    assert layout("").size(named(name)) == size


def test_all_of_the_prelude_is_understood() -> None:
    made = program("")
    prelude = Prelude.builtin()
    assert [n for n in prelude.types if made.types[n].size is None] == []
    assert [n for n in prelude.macros if n not in made.constants] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("(0x10u)", 16),
        ("0b101", 5),
        ("017", 15),
        ("1 << 4 | 1", 17),
        ("~0U", 0xFFFFFFFF),
        ("~0", -1),
        ("-1 < 1U", 0),
        ("-1 < 1", 1),
        ("1u - 2", 0xFFFFFFFF),
        ("(unsigned char)-1", 255),
        ("(uint16_t)0x12345", 0x2345),
        ("(char)200", -56),
        ("(size_t)-1", 0xFFFFFFFFFFFFFFFF),
        ("'A' + '\\n'", 75),
        ("sizeof(int[4]) / sizeof(int)", 4),
        ("sizeof(char *)", 8),
        ('sizeof("abc" "\\x41")', 5),
        ("N > 4 ? N : 4", 8),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("1ULL << 40", 1 << 40),
        ("0 && 1 / 0", 0),
        ("2147483648", 2147483648),
        ("1 << 31", -(1 << 31)),
        (" + ".join(["1"] * 900), 900),
    ],
)
def test_constant(text: str, value: int) -> None:
    known = layout("")
    assert evaluate(text, {"N": 8}.get, known.size) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1 / 0",
        "1 % 0",
        "2147483647 + 1",
        "1 << 64",
        "1 << -1",
        "f(1)",
        '"text"',
        "1.5",
        "&x",
        "{ 1 }",
        "1; 2",
        "99999999999999999999",
        "0x11111111111111111",
        "(" * 1_900 + "1 + 1" + ")" * 1_900,
        "(" * 10_000 + "1 + 1" + ")" * 10_000,
        "-" * 3_000 + "1",
        "sizeof(",
        "1 +",
        "'",
        "(char *)4",
        "__asm__",
    ],
)
def test_no_constant(text: str) -> None:
    assert evaluate(text, lambda name: None) is None


def test_macros_that_name_each_other_end() -> None:
    wide = "".join(f"#define M{i} (M{i + 1} + M{i + 1})\n" for i in range(200))
    made = program(
        wide + "#define M200 1\n#define LOOP (LOOP + 1)\n#define F(x) F(x)\n#define G F(1)\n#define DEEP M199\n"
    )
    assert made.constants["DEEP"] == 2
    assert "LOOP" not in made.constants
    assert "G" not in made.constants
    assert "M0" not in made.constants


def test_definitions_that_contradict_each_other_have_no_value() -> None:
    text = "#ifdef SMALL\n#define LIMIT (BASE + 1)\n#else\n#define LIMIT (BASE + 2)\n#endif\n#define BASE 1\n"
    assert "LIMIT" not in program(text).constants
    assert program("#define A (1 + 1)\n#undef A\n#define A 2\n").constants["A"] == 2


def test_a_hostile_header_loses_only_the_item_that_is_broken() -> None:
    deep = "struct deep { " + "struct { " * 3_000 + "int x;" + "} a; " * 3_000 + "};\n"
    text = f"{deep}struct open {{ int x[(((;\n}};\nstruct s {{ char a[4]; }};\n"
    assert defined(text, "s").size == 4
