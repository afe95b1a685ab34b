"""Tokens of a message that are not in its text: who may find it, its chat, its sender, and what it contains.

Access is a token of the index, so that a search over all chats of a user is one token instead of a list of chats. It
only selects candidates: access is checked again with the contents (`queries.search`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

HAS: Mapping[str, str] = {"link": "=l", "file": "=f", "image": "=i", "video": "=v", "audio": "=a"}
"""What `has:` may name, and its token. `file` is any file."""


def of_member(user_id: int) -> str:
    """The token of the messages in all chats of two of a user."""
    return f"=u{user_id}"


def of_chat(chat_id: int) -> str:
    """The token of the messages of a chat."""
    return f"=c{chat_id}"


def of_sender(user_id: int) -> str:
    """The token of the messages that a user sent."""
    return f"=s{user_id}"


def of_message(
    chat_id: int, pair: Iterable[int], sender_id: int | None, *, has_links: bool, file_types: Collection[str]
) -> tuple[str, ...]:
    """All of a message.

    Parameters:
        pair: the members of a chat of two; nothing for a larger one, whose members are in few of them.
        file_types: `image`, `video`, `audio`, `document`.
    """
    found = [of_chat(chat_id), *map(of_member, pair)]
    if sender_id is not None:
        found.append(of_sender(sender_id))
    if has_links:
        found.append(HAS["link"])
    if file_types:
        found.append(HAS["file"])
    return (*found, *(HAS[kind] for kind in sorted(set(file_types)) if kind in HAS))
