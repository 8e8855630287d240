#define GUARDED(statements)  \
    try {                    \
        statements;          \
        return 0;            \
    } catch (...) {          \
        return -1;           \
    }

int lead(const char* host, unsigned port)
{
    GUARDED(State& s = State::get(); s.lead(Peer(host, port));)
}
