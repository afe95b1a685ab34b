"""Moderation: reports and decisions, bans and warnings, filters of texts, and the log of all of it."""
