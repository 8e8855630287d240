"""One module a coded rule; the module is named after the rule."""
