"""Demo data of local runs."""
