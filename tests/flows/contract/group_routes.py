"""Group routes of each dialect, as named in the documents, with a body that is accepted."""

from __future__ import annotations

from typing import Any

MARKETPLACE_BODIES: dict[tuple[str, str], Any] = {
    ("post", "/groups"): {"title": "Neighbours", "member_ids": ["{user_id}"]},
    ("get", "/groups/{chat_id}"): None,
    ("patch", "/groups/{chat_id}"): {"title": "New"},
    ("get", "/groups/{chat_id}/members"): None,
    ("post", "/groups/{chat_id}/members"): {"user_ids": ["{user_id}"]},
    ("delete", "/groups/{chat_id}/members/{user_id}"): None,
    ("patch", "/groups/{chat_id}/members/{user_id}"): {"role": "admin"},
    ("post", "/groups/{chat_id}/leave"): None,
}
SOCIAL_BODIES: dict[tuple[str, str], Any] = {
    ("post", "/groups"): {"title": "Neighbours", "usernames": ["{username}"]},
    ("get", "/groups/{conversation_id}"): None,
    ("patch", "/groups/{conversation_id}"): {"title": "New"},
    ("get", "/groups/{conversation_id}/members"): None,
    ("post", "/groups/{conversation_id}/members"): {"usernames": ["{username}"]},
    ("delete", "/groups/{conversation_id}/members/{user}"): None,
    ("patch", "/groups/{conversation_id}/members/{user}"): {"role": "admin"},
    ("post", "/groups/{conversation_id}/leave"): None,
}
MARKETPLACE_ROUTES, SOCIAL_ROUTES = [*MARKETPLACE_BODIES], [*SOCIAL_BODIES]
