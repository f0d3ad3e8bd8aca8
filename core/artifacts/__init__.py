"""Images, checkpoints and metric logs to records."""
