"""The command line and the Textual app: thin, they ask Library and draw."""
