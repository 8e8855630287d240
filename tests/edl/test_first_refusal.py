"""What the compiler comes to first where a text is broken in more than one way, or broken off."""

from __future__ import annotations

import pytest
from reading import read, verdict

from edlint.source import Source, decode

MARKED = b"\xef\xbb\xbfenclave { trusted { public void f(); }; };\n"


def _enclave(body: str) -> str:
    return f"enclave {{ {body} trusted {{ public void keep(); }}; }};"


def _call(parameter: str) -> str:
    return f"enclave {{ trusted {{ public void f({parameter}, size_t n); }}; }};"


def _vbs(body: str) -> str:
    return f"enclave {{ {body} trusted {{ void keep(); }}; }};"


@pytest.mark.parametrize(
    ("dialect", "text", "wanted"),
    [
        # gcc takes a byte order mark out and ends a line at a lone CR; the other compilers have no gcc.
        ("intel-sgx", "\ufeff" + _enclave(""), "accept"),
        ("secgear", "\ufeff" + _enclave(""), "accept"),
        ("open-enclave", "\ufeff" + _enclave(""), "lex.unexpected_token"),
        ("intel-sgx", _enclave("struct s \ufeff { int a; };"), "lex.invalid_token"),
        ("intel-sgx", _enclave("struct s { int a; //\r};"), "accept"),
        ("intel-sgx", "enclave {\r#elif 1\rtrusted { public void f(void); }; };\r", "pp.failed"),
        ("intel-sgx", "enclave {\r#ifdef NOSUCH\r!\r#endif\rtrusted { public void f(void); }; };\r", "accept"),
        # Two marks make no directive.
        ("intel-sgx", _enclave("\n##\n"), "lex.invalid_token"),
        ("intel-sgx", _enclave("int x;\n##\n"), "syntax.unexpected_token"),
        # A void pointer may be an array of them, but all else holds for it too.
        ("intel-sgx", _call("[user_check] void* p[4]"), "accept"),
        ("intel-sgx", _call("[out, size=n] void* p[4]"), "attr.array_size"),
        ("intel-sgx", _call("[out, size=n] const void* p"), "attr.const_out"),
        ("intel-sgx", _call("[in, size=n] const void* p"), "accept"),
        ("intel-sgx", _call("[out] const void* p"), "attr.void_ptr_size"),
        # oeedger8r opens an imported file, and refuses an allow list, before it reads on.
        ("open-enclave", _enclave('from "nosuch.edl" x;'), "import.file_missing"),
        ("open-enclave", _enclave('from "aux_pub.edl" x;'), "syntax.expecting"),
        ("open-enclave", _enclave('from "aux_pub.edl" import'), "import.function_missing"),
        ("open-enclave", _enclave('from "aux_pub.edl" import p_ocall p_ecall q;'), "syntax.expecting"),
        (
            "open-enclave",
            "enclave { trusted { public void a() allow(a) allow(a); public void b(); }; };",
            "allow.on_trusted",
        ),
        ("open-enclave", "enclave { untrusted { void a() allow(a) allow(a); }; };", "syntax.expecting"),
        # A definition counts when it is complete.
        ("open-enclave", _enclave("enum s { A }; enum s { B ;"), "syntax.expecting"),
        ("open-enclave", _enclave("enum s { A }; enum s { B };"), "dup.type"),
        # The VBS compiler looks at a name when it has read it.
        ("vbs", _vbs("struct s { int32_t struct r; };"), "name.reserved"),
        ("vbs", _vbs("struct s { int32_t a[length=3 };"), "type.bad_dim"),
        ("vbs", _vbs("enum { length = 3 }; struct s { int32_t a[length=3 };"), "syntax.expecting"),
        ("vbs", "enclave { trusted { int32_t f([out] size_t x[A]) allow(f); void g(); }; };", "type.bad_dim"),
        ("vbs", _vbs("struct s { int32_t a[2][]; };"), "type.multi_dim"),
        ("vbs", _vbs("struct s { [ int32_t a; };"), "attr.unknown"),
        ("vbs", _vbs("struct s { int32_t a; }; enum s A };"), "dup.type"),
        ("vbs", _vbs("enum enum e { A };"), "name.reserved"),
        # At the end of a text that breaks off the compilers look back before they miss the brace.
        ("vbs", "enclave { struct s { int a; };", "type.undefined"),
        ("vbs", "enclave { struct s { int32_t a; };", "syntax.expecting"),
        ("open-enclave", 'enclave { from "nosuch.edl" import *', "import.file_missing"),
        ("open-enclave", 'enclave { from "aux_pub.edl" import *', "syntax.expecting"),
        ("open-enclave", _enclave("#\\ if"), "lex.unexpected_token"),
        # Types are resolved at the end, which a file with a syntax error does not reach.
        ("vbs", "enclave { struct s { int a; } }; trusted { void f(); }; };", "syntax.expecting"),
        ("vbs", _vbs("struct s { int a; };"), "type.undefined"),
    ],
)
def test_first_refusal(dialect: str, text: str, wanted: str) -> None:
    assert verdict(read(text, dialect)) == wanted


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [("intel-sgx", "accept"), ("open-enclave", "lex.unexpected_token"), ("vbs", "lex.unexpected_token")],
)
def test_a_byte_order_mark_in_a_file(dialect: str, wanted: str) -> None:
    source = decode("marked.edl", MARKED)
    assert isinstance(source, Source)
    assert source.marked
    assert source.text.startswith("enclave")
    assert verdict(read(source, dialect)) == wanted
