"""Many mistakes in one file: each is reported once, at its own token, and nothing else is."""

from __future__ import annotations

import re

import pytest
from reading import places, read

MARK = re.compile(r"\s*// (\S+) (\S+)$")
"""Class and text of the refusal that the line holds."""

INTEL = """enclave {
    include "a.h"
    struct m { uint8_t* body; size_t length };                 // syntax.unexpected_token }
    struct k { [sizefunc=f] int* p; };                         // attr.sizefunc sizefunc
    enum { A, B, };                                            // syntax.unexpected_token }
    trusted {
        public void a([in, sise=n] const uint8_t* p, size_t n); // attr.unknown sise
        public void b([in, in, size=n] const uint8_t* p, size_t n); // attr.duplicate in
        public void c([out, size=m] uint8_t* p, size_t n);     // size.param_missing m
        public void d([out] int x);                            // attr.on_plain_type out
        public void e([in, string] int* p);                    // attr.string_type string
        public void f(int x int y);                            // syntax.unexpected_token int
        public void a(int again);                              // dup.function a
        public void h([in, size=n uint8_t* p, size_t n);       // syntax.unexpected_token uint8_t
        public void i(int $x);                                 // lex.invalid_token $
    };
    untrusted {
        void o1([in, string] const char* text) allow(zz);      // allow.unknown zz
        [thiscall] void o2(void);                              // attr.func_unknown thiscall
        void o3(void) switchless;                              // syntax.unexpected_token switchless
        void o4(signed int x);                                 // syntax.unexpected_token int
        void o5(int x;                                         // syntax.unexpected_token ;
        void o6(unsigned char* z);                             // attr.pointer_needs_direction z
    };
};
"""

OPEN_ENCLAVE = """enclave {
    include "a.h";                                             // syntax.expecting ;
    struct m { uint8_t* body size_t length; };                 // syntax.expecting size_t
    struct k { [sizefunc=f] int* p; };                         // attr.sizefunc sizefunc
    enum e { A B };                                            // syntax.expecting B
    trusted {
        public void a([in, sise=n] const uint8_t* p, size_t n); // attr.unknown sise
        public void b([in, in, size=n] const uint8_t* p, size_t n); // attr.duplicate in
        public void c([out, size=m] uint8_t* p, size_t n);     // size.decl_missing m
        public void d([out] int x);                            // attr.on_plain_type out
        public void e([in, string] int* p);                    // attr.string_type string
        public void f(int x int y);                            // syntax.expecting int
        public void a(int again);                              // dup.function a
        void g(int x);                                         // ecall.private g
        public void g2(int a[]);                               // type.bad_dim ]
        public void i(int $x);                                 // lex.unexpected_token $
        private void j(void);                                  // syntax.expecting j
        public void k3() allow(a);                             // allow.on_trusted allow
    };
    untrusted {
        [cdecl] void o1([in, string] const char* text);        // syntax.expecting [
        void o3(void) switchless;                              // syntax.expecting switchless
        void o5(int x;                                         // syntax.expecting ;
        void o6([in, size=4, count=2] unsigned char* z);       // size.size_and_count count
    };
};
"""

VBS = """enclave {
    include "a.h"                                              // syntax.unexpected_token include
    struct m { uint8_t body size_t length; };                  // syntax.expecting size_t
    struct k { int32_t* p; };                                  // type.pointer *
    enum e { A, A };                                           // dup.enum_value A
    trusted {
        public void a(int32_t x);                              // name.reserved void
        void b([in, inn] int32_t x);                           // attr.unknown inn
        void d(void);                                          // syntax.expecting )
        void e(struct m x);                                    // syntax.expecting x
        void f(vector<vector<int32_t>> x);                     // type.multi_dim vector
        void g(int32_t x[n]);                                  // type.bad_dim n
        void h(int32_t x int32_t y);                           // syntax.expecting int32_t
    };
    untrusted {
        void o1(optional<string> s);                           // type.optional string
        void o2(int32_t a, int32_t a);                         // dup.name a
        void o3(int32_t string);                               // name.reserved string
    };
};
"""


@pytest.mark.parametrize(
    ("dialect", "marked"),
    [("intel-sgx", INTEL), ("secgear", INTEL), ("open-enclave", OPEN_ENCLAVE), ("vbs", VBS)],
)
def test_every_mistake_at_its_place(dialect: str, marked: str) -> None:
    lines = marked.splitlines()
    wanted = [(n, m[2], m[1]) for n, line in enumerate(lines, 1) if (m := MARK.search(line))]
    if dialect == "secgear":
        wanted = [w for w in wanted if w[2] != "size.param_missing"]
    text = "\n".join(MARK.sub("", line) for line in lines)
    assert len(wanted) >= 10
    assert list(places(read(text, dialect))) == wanted


@pytest.mark.parametrize(
    ("dialect", "text", "suggestion"),
    [
        (
            "intel-sgx",
            "enclave { trusted { public void f([in, siez=n] char* p, size_t n); }; };",
            "Did you mean 'size'?",
        ),
        ("intel-sgx", "enclave { trusted { public void f(void) }; };", "A ';' is missing after ')'."),
        ("intel-sgx", "enclave { trusted { public void f(int struct); }; };", "'struct' is a reserved word"),
        ("intel-sgx", "enclave { trusted { private void f(void); public void g(void); }; };", "leave the word out"),
        ("open-enclave", "enclave { trusted { private void f(void); }; };", "write 'public'"),
        ("open-enclave", "enclave { trusted { public void f([in] char const* p); }; };", "in front of the type"),
        ("open-enclave", "enclave { trusted { public void f(size_t len, [in, size=lne] char* p); }; };", "'len'"),
        ("vbs", "enclave { trusted { void f(int x); }; };", "Write 'int32_t'."),
        ("vbs", "enclave { trusted { public void f(int32_t x); }; };", "Leave 'public' out."),
    ],
)
def test_suggestion(dialect: str, text: str, suggestion: str) -> None:
    assert any(suggestion in p.suggestion for p in read(text, dialect).problems)


def test_second_place_of_duplicates_and_operands() -> None:
    calls = "public void f(int a);\n public void f(int b);\n public void g([in, size=m] char* p);"
    text = f"enclave {{ trusted {{\n {calls} }}; }};"
    related = [[r.span.line for r in p.related] for p in read(text, "intel-sgx").problems]
    assert related == [[2], [4]]


def test_calls_beside_an_error_are_read() -> None:
    text = "enclave { trusted { public void f(int x y); public void g(int a); }; untrusted { void o(int; }; };"
    assert [c.name for c in read(text, "open-enclave").calls] == ["f", "g", "o"]
