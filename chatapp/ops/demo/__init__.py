"""Demo data for local runs."""
