"""Writes: one verb a function, one file a noun. One action, one transaction, then its events."""
