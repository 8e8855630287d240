#include <string.h>
#if 0
int dead(void) { return 1; }
#endif

int alternatives(int a)
{
#if 0
    never();
#elif 1
    always();
#endif
#if defined(SIM)
    a = 1;
#elif defined(HW)
    a = 2;
#else
    a = 3;
#endif
    if (a)
#ifdef FAST
        fast();
#else
        slow();
#endif
#ifdef STRICT
    if (a > 2) {
#else
    if (a > 1) {
#endif
        inside();
    }
    return a;
}
