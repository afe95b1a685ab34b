"""`python -m bench search`: searches in a million messages, and what the indexer costs senders."""
