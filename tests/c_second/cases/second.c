#include "second.h"
#define FOR_EACH(item, list) for ((item) = (list)->first; (item) != 0; (item) = (item)->next)
#define BEGIN_CHECKED(x) if ((x) != 0) {
#define END_CHECKED }
#define TRY(statement, other) do { statement } while (other)
#define LOG(format, ...) log_line(format, ##__VA_ARGS__)
#define LIMIT (4 * 8)

struct node { struct node *next; unsigned char data[LIMIT]; };
struct list { struct node *first; };

UNKNOWN_EXPORT static inline UNKNOWN_ATTRIBUTE(3) int walk(struct list *all, unknown_t *out, size_t n) UNKNOWN_TAIL
{
    struct node *at UNKNOWN_ALIGNED(16) = 0;
    int found = 0;
    FOR_EACH(at, all) {
        found++;
    }
    BEGIN_CHECKED(found)
        memcpy(out->data, all->first->data, n);
    END_CHECKED
    TRY(found = 2; finish(found);, found < 2);
    UNKNOWN_WRAP(return found;)
    UNKNOWN_STATEMENT
    LOG("%d of %" PRIu64 "\n", found, n);
    return found ?: LIMIT;
}

int between(void)
{
    return 1;
}

int switching(int kind, ...)
{
    va_list rest;
    int sum = 0;
    va_start(rest, kind);
    UNKNOWN_GUARD (kind) {
        sum = va_arg(rest, unsigned int);
    }
    switch (kind) {
    case 1 ... 3:
        sum += take(UNKNOWN_CAST(struct node *, rest));
        break;
    default:
        asm volatile("cpuid" : "=a"(sum) : "b"(kind) : "memory");
    }
    va_end(rest);
    return sum;
}
