#define MAX 64
typedef struct { int len; char *p; } msg_t;

static int limit = 3;
static const unsigned char key[4] = {1, 2, 3};
int (*hook)(int);

int branches(const char *p, size_t n, msg_t *m)
{
    char buf[MAX] = {0}, *q = NULL;
    int r = p && n < MAX || limit;
    if (!p || n > sizeof(buf))
        return -1;
    else if (n == 3)
        goto out;
    memcpy(buf, p, strlen(p) + (n ? n : 1));
    r = m->len > 3 ? hook(r) : m->p[0];
    q = buf;
    *q++ = 'a';
out:
    return sizeof(msg_t *) + r;
}

void loops(char *to, const char *from, int n)
{
    for (int i = 0; i < n; i++) {
        if (!from[i])
            continue;
        to[i] = from[i];
    }
    while (1) {
        if (next(to) == 0)
            break;
    }
    do {
        n -= 2;
    } while (n > 0);
    int n2 = n;
    {
        int n2 = 4;
        to[n2] = 0;
    }
}

int choose(msg_t *m)
{
    switch (m->len) {
    case 1:
        first();
    case 2:
        second();
        break;
    case 5 ... 7:
        return 3;
    default:
        (void)other();
    }
    assert(m->p != NULL && m->len > 0);
    return (limit, 2);
}
