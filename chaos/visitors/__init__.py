"""Visitors of the assistant under faults: what each of their devices shows, and whether it is right."""
