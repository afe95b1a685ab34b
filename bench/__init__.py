"""Measurements: scenario in, table out. Figures of one run compare with each other; machines are noisy."""
