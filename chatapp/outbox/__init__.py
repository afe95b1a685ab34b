"""Work that follows a commit, driven by the outbox table."""
