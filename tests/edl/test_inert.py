"""Constructs without effect, and the macros of the preprocessor."""

from __future__ import annotations

import pytest
from reading import read

PUBLIC = "trusted { public void keep(void); };"


@pytest.mark.parametrize(
    ("dialect", "text", "kinds"),
    [
        ("intel-sgx", "trusted { public void f([in, size=1] int* p); };", ["dead-call"]),
        ("intel-sgx", "trusted { public void f([in, size=4] int* p); };", []),
        ("intel-sgx", "trusted { public void f([in, size=4] unsigned long* p, [in, size=2] wchar_t* q); };", []),
        ("intel-sgx", "trusted { public void f([in, size=1] struct s* p); };", []),
        ("open-enclave", "trusted { public void f([in, size=1] int* p); };", []),
        ("intel-sgx", "trusted { public void f([in=1] int* p); };", ["ignored-value"]),
        ("intel-sgx", "trusted { public void f([in, string, string] char* p); };", ["repeated-attribute"]),
        ("intel-sgx", "union u { int a; }; union u { char b; }; " + PUBLIC, ["dropped-definition"]),
        ("intel-sgx", "struct s { [user_check, size=4] int* p; }; " + PUBLIC, ["ignored-user-check"]),
        ("secgear", PUBLIC + "untrusted { [cdecl] void o(void); };", ["dropped-convention"]),
        ("intel-sgx", PUBLIC + "untrusted { [cdecl] void o(void); };", []),
        ("intel-sgx", PUBLIC + "untrusted { void o([in, size=lem] char* p, size_t len); };", ["unknown-operand"]),
        ("intel-sgx", PUBLIC + "untrusted { void o([in, size] char* p, size_t len); };", ["unknown-operand"]),
        ("intel-sgx", 'include "a.h" ' + PUBLIC + "untrusted { void o([in, size=LEN] char* p, int len); };", []),
        ("intel-sgx", 'include "a.h" ' + PUBLIC + "untrusted { void o([in, size=room] char* p, int len); };", []),
        ("intel-sgx", "struct s { [size=m] char* p; size_t n; }; " + PUBLIC, ["unknown-operand"]),
        ("intel-sgx", "struct s { [size=4] char* p; [count=n] int* q; size_t n; }; " + PUBLIC, []),
        ("secgear", "trusted { public void f([in, size=m] char* p, size_t n); };", ["unknown-operand"]),
        ("intel-sgx", "trusted { public void f(void); void g(void); };", ["out-of-reach"]),
        ("intel-sgx", "trusted { public void f(void); void g(void); }; untrusted { void o(void) allow(g); };", []),
        ("open-enclave", "untrusted { void o(void) allow(x); };", ["ignored-allow"]),
        ("open-enclave", "trusted { public void f([in, count=0] int* p); };", ["nothing-copied"]),
    ],
)
def test_inert(dialect: str, text: str, kinds: list[str]) -> None:
    interface = read(f"enclave {{ {text} }};", dialect)
    assert not interface.problems
    assert [p.error_class for p in interface.inert] == kinds


def test_text_behind_the_enclave() -> None:
    interface = read("enclave { };\n// end\nenclave { };", "open-enclave")
    assert [(p.span.line, p.error_class) for p in interface.inert] == [(3, "text-behind-enclave")]


def test_macros_keep_the_place_of_their_use() -> None:
    text = "#define CALL(name) public void name(int count);\nenclave { trusted {\n CALL(first)\n CALL(second)\n}; };"
    interface = read(text, "intel-sgx")
    assert not interface.problems
    assert [(c.name, c.span.line) for c in interface.calls] == [("first", 3), ("second", 4)]


@pytest.mark.parametrize(
    ("condition", "calls"),
    [
        ("#if defined(X) || 1 + 1 == 2", ["a"]),
        ("#if !defined __linux__ && 1", ["b"]),
        ("#ifdef linux", ["a"]),
        ("#if 0x10 > 017 ? 1 : 0", ["a"]),
    ],
)
def test_conditions(condition: str, calls: list[str]) -> None:
    text = f"enclave {{ trusted {{\n{condition}\npublic void a(void);\n#else\npublic void b(void);\n#endif\n}}; }};"
    assert [c.name for c in read(text, "intel-sgx").calls] == calls
