"""The program model: frozen data, no input or output, nothing that decides."""
