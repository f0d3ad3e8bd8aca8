"""Data, not code: vocabulary, prompts, grammars and the demo collection."""
