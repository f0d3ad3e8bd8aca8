"""Two models, many models, two cohorts."""
