"""The data of one person: all that is held, its erasure, and what may be done with it."""
