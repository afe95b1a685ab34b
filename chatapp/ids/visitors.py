"""Ids of visitors without an account: derived from the chat of their session, so they are known before any row exists.

Ids of accounts are smaller: those that Postgres draws count from 1, and hosts number their users in the same way.
"""

from __future__ import annotations

FIRST_VISITOR = 1 << 52  # ids of chats stay below it until 2058


def visitor_id_of(chat_id: int) -> int:
    """The id of the visitor who opens a session without an account."""
    return FIRST_VISITOR + chat_id


def is_visitor(user_id: int) -> bool:
    """Whether an id is that of a visitor without an account."""
    return user_id > FIRST_VISITOR


def session_chat_id(visitor_id: int) -> int:
    """The id of the chat of a visitor's session."""
    return visitor_id - FIRST_VISITOR
