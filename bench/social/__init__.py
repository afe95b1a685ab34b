"""Measurements in the social dialect, on chats with a history."""
