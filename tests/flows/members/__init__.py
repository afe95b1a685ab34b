"""Chats of any number of members."""
