"""DuckDB and the text index: schema, writing, reading. The only SQL in the project."""
