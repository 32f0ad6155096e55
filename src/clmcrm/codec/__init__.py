"""Records to canonical JSON and back: exact, strict, and the same text for the same value."""
