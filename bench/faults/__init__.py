"""Faults on purpose: load from real clients, something that breaks, and a checker that reads the history."""
