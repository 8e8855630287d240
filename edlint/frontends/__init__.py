"""Readers: files in, model out. The only folders that know lark, tree-sitter and pycparser."""
