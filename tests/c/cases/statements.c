#define INIT_STATE *err_string = 0; *err_status = -100;
#define SET_SUCCESS *err_status = 0;
#define CALL_ONCE static volatile bool called; if (called) { return; } called = true;
void one(int* err_status, char* err_string)
{
    INIT_STATE
    check(err_string);
    SET_SUCCESS
}
void two(int* err_status, char* err_string, int a)
{
    CALL_ONCE
    INIT_STATE

    a = 3;
    use(a);
    if (a) goto clean;
    SET_SUCCESS
    clean:
    done();
}
void three(int* err_status, char* err_string, int a)
{
    log();
    INIT_STATE
    (void)a;
    INIT_STATE
    if (a) return;
    INIT_STATE
    int b = 2;
    INIT_STATE
    return;
}
