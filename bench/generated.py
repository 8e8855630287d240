"""A tree of C and C++ files that is made up, so that the benchmark runs where no project is at hand."""

from __future__ import annotations

from collections.abc import Iterator

from edlint.source import Source

_HEADER = """#ifndef STORE_{n}_H
#define STORE_{n}_H
#include <stddef.h>
#include <stdint.h>
#define STORE_{n}_SLOTS ({n} + 16)
#define STORE_{n}_CHECK(cond) do {{ if (!(cond)) {{ status = -{n}; goto done; }} }} while (0)
typedef enum store_{n}_kind {{ STORE_{n}_FREE, STORE_{n}_USED = 4, STORE_{n}_SEALED }} store_{n}_kind_t;
typedef struct store_{n}_entry {{
    uint32_t id;
    store_{n}_kind_t kind;
    uint8_t key[32];
    size_t size;
    uint8_t* data;
    struct store_{n}_entry* next;
}} store_{n}_entry_t;
int store_{n}_put(uint32_t id, const uint8_t* data, size_t size);
int store_{n}_get(uint32_t id, uint8_t* out, size_t capacity, size_t* written);
#endif
"""

_SOURCE = """#include "store_{n}.h"
#include <stdlib.h>
#include <string.h>

/* Entries by slot; a slot holds a list. */
static store_{n}_entry_t* slots[STORE_{n}_SLOTS];
static const uint8_t salt[8] = {{ 1, 2, 3, 4, 5, 6, 7, {byte} }};
static size_t count = 0;
"""

_FUNCTION = """
static store_{n}_entry_t* find_{f}(uint32_t id)
{{
    // The first entry of that id.
    for (store_{n}_entry_t* at = slots[id % STORE_{n}_SLOTS]; at != NULL; at = at->next) {{
        if (at->id == id && at->kind != STORE_{n}_FREE)
            return at;
    }}
    return NULL;
}}

int store_{n}_update_{f}(uint32_t id, const uint8_t* data, size_t size, unsigned flags)
{{
    int status = 0;
    uint8_t* copy = NULL;
    store_{n}_entry_t* entry = find_{f}(id);
    STORE_{n}_CHECK(data != NULL && size > 0);
    STORE_{n}_CHECK(size <= 4096u * ({f} + 1));
    copy = (uint8_t*)malloc(size);
    if (copy == NULL) {{
        status = -1;
        goto done;
    }}
    memcpy(copy, data, size);
    for (size_t i = 0; i < size; i++)
        copy[i] ^= salt[i & 7];
    switch (flags & 3) {{
    case 0:
        count += entry == NULL;
        break;
    case 1:
        status = entry ? (int)entry->size : -2;
        break;
    default:
        memset(copy, 0, size);
    }}
    if (entry != NULL) {{
        free(entry->data);
        entry->data = copy;
        entry->size = size;
        copy = NULL;
    }}
done:
    free(copy);
    return status;
}}
"""

_CLASS = """#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace vault {{
class Box{n} {{
  public:
    explicit Box{n}(const std::string& name) : name_(name), used_({n}) {{}}
    size_t used() const {{ return used_; }}
    bool put(const uint8_t* data, size_t size);
    template <typename T> T read(size_t offset) const {{
        T value{{}};
        if (offset + sizeof(T) <= bytes_.size())
            std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }}

  private:
    std::string name_;
    std::vector<uint8_t> bytes_;
    size_t used_;
}};

bool Box{n}::put(const uint8_t* data, size_t size)
{{
    if (data == nullptr || size > 65536)
        return false;
    try {{
        bytes_.insert(bytes_.end(), data, data + size);
    }} catch (const std::exception& e) {{
        return false;
    }}
    for (auto& byte : bytes_)
        byte ^= static_cast<uint8_t>(used_);
    used_ += size;
    return true;
}}
}}
"""

_DAMAGED = """
VAULT_EXPORT int API_CALL damaged_{n}(int a) ATTR_{n}
{{
    FOR_EACH_SLOT(a) {{ use(a); }}
    WITH_LOCK(a, return 0)
    return a;
}}
"""


def _files(size: int) -> Iterator[Source]:
    for n in range(size):
        yield Source(f"enclave/store_{n}.h", _HEADER.format(n=n))
        functions = "".join(_FUNCTION.format(n=n, f=f) for f in range(8))
        # One file in six has what no grammar of C knows, as real trees do.
        damaged = _DAMAGED.format(n=n) if n % 6 == 0 else ""
        yield Source(f"enclave/store_{n}.c", _SOURCE.format(n=n, byte=n % 256) + functions + damaged)
        yield Source(f"enclave/box_{n}.cpp", _CLASS.format(n=n))


def tree(size: int = 100) -> list[Source]:
    """Headers, C and C++ files, `size` of each: about 47,000 lines for 100."""
    return list(_files(size))
