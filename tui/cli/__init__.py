"""The command line: options and words in, tables and JSON out."""
