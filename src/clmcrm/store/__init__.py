"""Where the engine's memory is kept: a journal in SQLite, and one in memory with the same promises."""
