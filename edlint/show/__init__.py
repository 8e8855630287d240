"""The model made visible, for `edlint show`."""
