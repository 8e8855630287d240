"""Facts about a program, each computed once and only when a rule asks for it."""
