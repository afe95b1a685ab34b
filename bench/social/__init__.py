"""Measurements in the social dialect, on chats that already have a history."""
