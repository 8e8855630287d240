"""What is said of typical mistakes besides the refused word, and what the suggestion makes of them."""

from __future__ import annotations

import pytest
from reading import read, verdict

from edlint.model.interface import Problem

_HEAD = "enclave {\n    struct item { int32_t id; };\n    trusted {\n        public void keep(void);\n"
_VBS = "enclave {\n    struct item { int32_t id; };\n    trusted {\n        void keep();\n"


def _problems(dialect: str, line: str) -> tuple[str, list[Problem]]:
    text = f"{_VBS if dialect == 'vbs' else _HEAD}        {line}\n    }};\n}};\n"
    return text, list(read(text, dialect).problems)


def _repaired(text: str, problem: Problem) -> str:
    for change in sorted(problem.replacements, key=lambda r: -r.span.start):
        text = text[: change.span.start] + change.text + text[change.span.end :]
    return text


INTEL, OPEN, VBS = "intel-sgx", "open-enclave", "vbs"


@pytest.mark.parametrize(
    ("dialect", "line", "fixed", "beside"),
    [
        (
            INTEL,
            "public void f([in, string, size=n] char* s, size_t n);",
            "public void f([in, string] char* s, size_t n);",
            "string",
        ),
        (
            OPEN,
            "public void f([in, string, size=n] char* s, size_t n);",
            "public void f([in, string] char* s, size_t n);",
            "size",
        ),
        (INTEL, "public void f([size=4, in] int a[4]);", "public void f([in] int a[4]);", "[4]"),
        (INTEL, "public void f([in] int x);", "public void f(int x);", ""),
        (OPEN, "public void f([in, out] size_t x);", "public void f(size_t x);", ""),
        (OPEN, "public void f([in] signed int* p);", "public void f([in] int* p);", ""),
        (
            INTEL,
            "public void f([user_check, size=n] void* p, size_t n);",
            "public void f([user_check] void* p, size_t n);",
            "user_check",
        ),
        (INTEL, "public void f([out, string] char* s);", "public void f([in, out, string] char* s);", ""),
        (OPEN, "public void f([out, string] char* s);", "public void f([in, out, string] char* s);", ""),
        (
            INTEL,
            "public void f([in] void* p, size_t p_len);",
            "public void f([in, size=p_len] void* p, size_t p_len);",
            "",
        ),
        (
            INTEL,
            "public void f([in, count=n] void* p, size_t n);",
            "public void f([in, size=n] void* p, size_t n);",
            "",
        ),
        (INTEL, "public void f([in, string] wchar_t* s);", "public void f([in, wstring] wchar_t* s);", ""),
        (INTEL, "public void f([isptr, in] item_t* p);", "public void f([in] item_t* p);", ""),
        (OPEN, "public void f([in, isptr] item_t* p);", "public void f([in] item_t* p);", ""),
        (INTEL, "public void f(unsigned long long int x);", "public void f(unsigned long long x);", ""),
        (OPEN, "public void f(unsigned long long int x);", "public void f(unsigned long long x);", ""),
        (VBS, "void f([in, size=4] int32_t x);", "void f([in] int32_t x);", ""),
        (VBS, "void f(struct item i);", "void f(item i);", ""),
        (VBS, "void f(const string s);", "void f(string s);", ""),
        (VBS, "void f(unsigned int x);", "void f(uint32_t x);", ""),
        (VBS, "void f(unsigned char x);", "void f(uint8_t x);", ""),
        (VBS, "public void f();", "void f();", ""),
        (VBS, "void f(Vector<uint8_t> x);", "void f(vector<uint8_t> x);", ""),
    ],
)
def test_the_suggestion_is_accepted(dialect: str, line: str, fixed: str, beside: str) -> None:
    text, problems = _problems(dialect, line)
    assert len(problems) == 1, [p.message for p in problems]
    (problem,) = problems
    repaired = _repaired(text, problem)
    assert f"        {fixed}\n" in repaired
    assert verdict(read(repaired, dialect)) == "accept"
    if beside:
        assert beside in [r.span.text for r in problem.related]


@pytest.mark.parametrize(
    ("dialect", "line", "sentence"),
    [
        (INTEL, "public void f(uint8_t* p, size_t len);", "'[in, size=len]'"),
        (INTEL, "public void f(int a[4]);", "'[in]'"),
        (INTEL, "public void f([out] const int* p);", "Leave 'const' out"),
        (INTEL, "public void f([in, user_check] int* p);", "Leave one of them out."),
        (INTEL, "public void f([in] void* p);", "Add 'size' with the number of bytes."),
        (INTEL, "public void f([in, string] uint8_t* p);", "with 'size' or 'count'"),
        (INTEL, "public void f([in] int a[]);", "or a pointer with 'count'"),
        (OPEN, "public void f([in] int a[]);", "or a pointer with 'count'"),
        (INTEL, "public void f([in, size=n*2] void* p, size_t n);", "no expression"),
        (OPEN, "public void f([in, size=n*2] void* p, size_t n);", "no expression"),
        (OPEN, "public void f([in, size=4, count=n] int* p, size_t n);", "Give the product"),
        (INTEL, "public void f(std::string s);", "No C++ name"),
        (INTEL, "public void f(const int x);", "Only a pointer parameter can be const"),
        (INTEL, "public void f(void) allow(keep);", "behind the parameters of an OCALL"),
        (VBS, "void f(string s) allow(keep);", "no allow lists"),
        (VBS, "void f([user_check] int32_t s);", "Every parameter is copied"),
    ],
)
def test_the_sentence(dialect: str, line: str, sentence: str) -> None:
    _, problems = _problems(dialect, line)
    assert len(problems) == 1, [p.message for p in problems]
    assert sentence in problems[0].suggestion
    assert not problems[0].replacements


def test_the_pointer_is_named() -> None:
    _, (problem,) = _problems(INTEL, "public void f(uint8_t* bytes);")
    assert problem.message == "The pointer 'bytes' needs a direction attribute or 'user_check'."
    _, (problem,) = _problems(INTEL, "public void f(uint8_t bytes[4]);")
    assert problem.message == "The array 'bytes' needs a direction attribute or 'user_check'."


@pytest.mark.parametrize("dialect", [INTEL, OPEN])
def test_what_is_missing_is_shown_on_its_own_line(dialect: str) -> None:
    text, (problem,) = _problems(dialect, "public void f(int a)\n        public void g(int a);")
    (related,) = problem.related
    assert related.text == "';' is missing behind this"
    assert text[: related.span.end].endswith("f(int a)")
    _, (problem,) = _problems(dialect, "public void f(int a; public void g(int a);")
    assert not problem.related


@pytest.mark.parametrize("dialect", [INTEL, "secgear", OPEN])
def test_an_ocall_is_not_public(dialect: str) -> None:
    text = "enclave { trusted { public void keep(void); }; untrusted { public void o(void); }; };"
    (problem,) = read(text, dialect).problems
    assert verdict(read(_repaired(text, problem), dialect)) == "accept"


def test_two_semicolons_that_are_missing_around_a_brace() -> None:
    text = "enclave { struct s { int a } enum e { A }; trusted { public void keep(void); }; };"
    problems = list(read(text, INTEL).problems)
    assert [p.suggestion for p in problems] == ["A ';' is missing after 'a'.", "A ';' is missing after '}'."]
    for problem in reversed(problems):
        text = _repaired(text, problem)
    assert verdict(read(text, INTEL)) == "accept"


def test_an_invalid_token_has_no_echo() -> None:
    _, problems = _problems(INTEL, "public int read_$(name)_all(int x);")
    assert [p.error_class for p in problems] == ["lex.invalid_token"]
    _, problems = _problems(VBS, "void f(std::string s); void g(itm x);")
    assert [p.error_class for p in problems] == ["lex.unexpected_token", "type.undefined"]
