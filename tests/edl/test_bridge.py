"""What the bridge of each dialect does: the facts on parameters that rules ask for."""

from __future__ import annotations

import pytest
from reading import read

from edlint.model.interface import Bridge, Termination, Transfer, ZeroLength


def fact(dialect: str, declaration: str, *, ocall: bool = False, before: str = "") -> Bridge:
    """The facts of the first parameter of a declaration."""
    section = f"untrusted {{ void f({declaration}); }};" if ocall else f"trusted {{ public void f({declaration}); }};"
    interface = read(f"enclave {{ {before} {section} }};", dialect)
    assert [p for p in interface.problems if p.error_class != "ecall.no_public"] == []
    return interface.calls[0].params[0].bridge


@pytest.mark.parametrize("dialect", ["intel-sgx", "open-enclave"])
def test_sized_input(dialect: str) -> None:
    found = fact(dialect, "[in, size=n] uint8_t* p, size_t n")
    assert found.transfer is Transfer.IN
    assert found.extent is not None
    assert found.extent.names == ("n",)
    assert found.sized and found.range_checked and found.fenced and found.null_reaches and found.single_fetch
    assert found.zero_length is (ZeroLength.NULL if dialect == "intel-sgx" else ZeroLength.EMPTY)


def test_raw_pointers() -> None:
    assert fact("intel-sgx", "[user_check] int* p").is_raw
    assert fact("open-enclave", "int* p").is_raw
    assert fact("open-enclave", "int p[4]").is_raw
    assert not fact("open-enclave", "int p").is_raw


def test_one_element_for_want_of_a_length() -> None:
    assert not fact("intel-sgx", "[in] char* p").sized
    assert not fact("open-enclave", "[in] void* p").sized
    assert fact("open-enclave", "[in] char p[16]").sized


def test_terminators() -> None:
    assert fact("intel-sgx", "[in, string] char* p").terminated is Termination.EXACT
    assert fact("open-enclave", "[in, string] char* p").terminated is Termination.LAST_BYTE
    assert fact("secgear", "[in, string] char* p").terminated is Termination.NONE


def test_isary_beside_user_check_is_not_range_checked() -> None:
    found = fact("intel-sgx", "[out, user_check, isary] foo_t p")
    assert found.transfer is Transfer.OUT
    assert not found.range_checked


def test_deep_copy() -> None:
    struct = "struct d { size_t n; [count=n] int* p; };"
    assert fact("intel-sgx", "[in] struct d* s", before=struct).deep_levels == 1
    assert fact("open-enclave", "[in] struct d* s", before=struct).deep_levels == -1
    assert fact("open-enclave", "[in] d* s", before=struct).deep_levels == -1
    assert fact("intel-sgx", "[in] struct d s[2]", before=struct).deep_levels == 0


def test_host_numbers_of_secgear_are_not_bound_to_the_copy() -> None:
    found = fact("secgear", "[in, size=n] uint8_t* p, size_t n")
    assert not found.extent_trusted
    assert not found.overflow_checked
    assert not found.fenced


def test_product_of_an_ocall() -> None:
    declaration = "[in, size=4, count=n] uint8_t* p, size_t n"
    assert fact("intel-sgx", declaration).overflow_checked
    assert not fact("intel-sgx", declaration, ocall=True).overflow_checked


def test_copy_back() -> None:
    assert fact("open-enclave", "[out] int* p").copied_back
    assert fact("open-enclave", "[in, out] int* p").transfer is Transfer.IN_OUT
    assert not fact("open-enclave", "[in] int* p").copied_back


def test_allow_lists_are_enforced_by_intel_alone() -> None:
    text = "enclave { trusted { public void a(void); }; untrusted { void o(void) allow(a); }; };"
    assert {d: read(text, d).ocalls[0].allow_enforced for d in ("intel-sgx", "open-enclave")} == {
        "intel-sgx": True,
        "open-enclave": False,
    }
