"""A chat of a thousand members, beside chats of two."""
