EXPORTED MY_API int exported(const char *text) { return puts(text); }

static sgx_status_t SGX_CDECL bridge(void *pms)
{
    ms_t *ms = SGX_CAST(ms_t *, pms);
    va_list ap;
    int n = va_arg(ap, unsigned int);
    struct rule *up = CONTAINER_OF(ms, struct rule, up);
    LIST_FOREACH (up, ms) {
        visit(up);
    }
    WITHOUT_SEMICOLON(n)
    return n;
}

void SGX_UBRIDGE(SGX_NOCONVENTION, ocall_print, (const char *str));

int old_style(a, b)
int a;
char *b;
{
    return a + b[0];
}
