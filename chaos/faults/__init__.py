"""The faults: each function injects one, repairs it and measures the recovery."""
