"""The way in: scan -> analyse -> link -> store -> embed, with progress. `run` holds the steps; workers load it not."""
