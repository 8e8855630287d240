"""Configuration files: what is read, from where, and what a hostile one cannot do."""

from __future__ import annotations

import time

import pytest

from edlint.frontends.settings import read_settings
from edlint.model.settings import Settings
from edlint.source import Source

CONF = "# Enclave settings:\nDebug=1\nNumHeapPages = 2048\r\nNumTCS=2 # two\nNumTCS=4\n"
XML = """<?xml version="1.0"?>
<!-- <DisableDebug>1</DisableDebug> -->
<EnclaveConfiguration>
  <TCSNum>10</TCSNum>
  <TCSMaxNum> 0x20 </TCSMaxNum>
  <DisableDebug><!-- release: 1 -->0</DisableDebug>
</EnclaveConfiguration>
"""


def read(text: str, path: str = "enclave.conf") -> Settings:
    settings = read_settings(Source(path, text))
    assert settings is not None
    return settings


def test_conf_values_and_places() -> None:
    settings = read(CONF)
    assert settings.format == "conf"
    assert {k: s.value for k, s in settings.values.items()} == {"Debug": "1", "NumHeapPages": "2048", "NumTCS": "4"}
    assert settings.threads == 4
    assert settings.debug is not None
    assert (settings.debug.span.line, settings.debug.span.text, settings.debug.value_span.text) == (2, "Debug=1", "1")
    assert settings.values["NumHeapPages"].span.text == "NumHeapPages = 2048"


@pytest.mark.parametrize("text", ["Debug=0\nNumTCS=1\n", "NumTCS=1\n", "#Debug=1\nNumTCS=1\n", "Debug=\nNumTCS=1\n"])
def test_conf_that_refuses_a_debugger(text: str) -> None:
    assert read(text).debug is None


@pytest.mark.parametrize("text", ["", "proxy type = direct\n", "server {\n}\n", "<html></html>", "<", "\0"])
def test_other_files_are_no_configuration(text: str) -> None:
    assert read_settings(Source("nginx.conf", text)) is None


def test_xml_values_and_places() -> None:
    settings = read(XML, "Enclave.config.xml")
    assert settings.format == "xml"
    assert settings.threads == 0x20
    assert settings.debug is not None
    assert settings.debug.span.line == 6
    assert settings.debug.span.text == "<DisableDebug><!-- release: 1 -->0</DisableDebug>"
    assert settings.debug.value_span.text == "0"


def test_xml_without_the_setting_takes_the_default_of_the_signing_tool() -> None:
    settings = read("<EnclaveConfiguration><TCSNum>1</TCSNum></EnclaveConfiguration>")
    assert settings.debug is not None
    assert settings.debug.value == ""
    assert settings.debug.span.text == "<EnclaveConfiguration>"
    assert read("<EnclaveConfiguration><DisableDebug>1</DisableDebug></EnclaveConfiguration>").debug is None


@pytest.mark.parametrize("cut", range(XML.index("<EnclaveC") + 30, len(XML)))
def test_xml_cut_off_anywhere_gives_what_stands_before(cut: int) -> None:
    settings = read(XML[:cut], "Enclave.config.xml")
    if cut > XML.index("</TCSNum>"):
        assert settings.values["TCSNum"].value == "10"


def test_hostile_xml_is_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    settings = read(f"<!DOCTYPE x [{entities}]><EnclaveConfiguration><TCSNum>&e12;</TCSNum></EnclaveConfiguration>")
    assert settings.values["TCSNum"].value == "&e12;"
    assert settings.threads is None


def test_deep_and_unclosed_xml_is_read_in_linear_time() -> None:
    begin = time.perf_counter()
    read("<EnclaveConfiguration>" + "<a>" * 200_000 + "<!--" * 50_000, "deep.xml")
    assert time.perf_counter() - begin < 5


def test_private_keys_by_label() -> None:
    settings = read("Bag\n-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "signing.pem")
    assert settings.format == "pem"
    (key,) = settings.values.values()
    assert (key.key, key.value, key.span.line) == ("RSA PRIVATE KEY", "", 2)


@pytest.mark.parametrize("label", ["PUBLIC KEY", "CERTIFICATE"])
def test_public_parts_are_no_keys(label: str) -> None:
    assert read_settings(Source("ca.pem", f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n")) is None
