#define CHECK(x, code) do { if (!(x)) { ret = (code); goto done; } } while (0)
#define LOG(fmt, ...) host_print("enclave: " fmt "\n", ##__VA_ARGS__)
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define NAME(x) slot_##x
#define SHOW(x) put(#x, x)
#define BAIL return -1
#define CONTEXT (&state->context)
#define copy memcpy
#define LOOP(i, n) for (int i = 0; i < (n); i++)
#define SELF(x) SELF(x)
#ifdef NDEBUG
#define TRACE(fmt, ...)
#else
#define TRACE(fmt, ...) printf(fmt, ##__VA_ARGS__)
#endif
#define ONCE(x) ({ int once = (x); once; })

int uses(int a, char *to, const char *from)
{
    int ret = 0;
    CHECK(a > 0, 7);
    CHECK(open(from), 8);
    LOG("a is %d", a);
    LOG("nothing");
    TRACE("%s", from);
    NAME(one) = MIN(a, 4);
    SHOW(a);
    copy(to, from, ONCE(a));
    reset(CONTEXT);
    LOOP(i, a) { to[i] = 0; }
    SELF(a);
    UNKNOWN(a);
    if (a == 9)
        BAIL;
done:
    return ret;
}
