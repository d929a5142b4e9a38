"""Sources: one folder for each API that is read."""
