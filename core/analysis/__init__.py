"""Source text to facts: pure functions that never touch the catalogue."""
