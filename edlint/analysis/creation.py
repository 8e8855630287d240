"""Host functions that create an enclave, and their argument that makes it debuggable."""

from __future__ import annotations

import re

CREATOR = re.compile(r"oe_create_\w+_enclave\Z|sgx_create_e\w+|cc_enclave_create\Z|oe_create_enclave\Z")
DEBUG_ARGUMENT = {
    "sgx_create_enclave": 1,
    "sgx_create_enclave_ex": 1,
    "sgx_create_encrypted_enclave": 1,
    "sgx_create_enclave_from_buffer_ex": 2,
}
"""By function: which argument is not zero for an enclave that a debugger may open."""
