"""Question to query to ranked hits."""
