"""Claims to prose to verification to document."""
