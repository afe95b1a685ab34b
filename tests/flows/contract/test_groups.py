"""Responses of group routes match the documents, in both dialects: accepted, refused, and of strangers."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_chat
from tests.flows.contract.group_routes import MARKETPLACE_BODIES, SOCIAL_BODIES
from tests.flows.contract.test_frames import problems
from tests.people import CHAT, SOCIAL, Person
from tests.servers import Reply

ROUTES = [(CHAT, *route) for route in MARKETPLACE_BODIES] + [(SOCIAL, *route) for route in SOCIAL_BODIES]


@pytest.mark.parametrize(("base", "method", "path"), ROUTES)
def test_responses_match_the_document(
    alice: Person, bob: Person, carol: Person, base: str, method: str, path: str
) -> None:
    group = alice.posts("/groups", {"title": "Neighbours", "member_ids": [bob.id]}).data["id"]
    right = {"chat_id": group, "conversation_id": encode_chat(group), "user_id": bob.id, "user": bob.uuid}
    missing = {"chat_id": group + 1, "conversation_id": "unknown", "user_id": bob.id, "user": "unknown"}
    body = (MARKETPLACE_BODIES if base == CHAT else SOCIAL_BODIES)[method, path]
    if isinstance(body, dict):
        named: dict[str, Any] = {"{user_id}": carol.id, "{username}": carol.username}
        body = {name: [named[each] for each in value] if isinstance(value, list) else value
                for name, value in body.items()}  # fmt: skip

    def request(token: str | None, ids: dict[str, Any], sent: Any = body) -> Reply:
        return alice.server.request(method, base + path.format(**ids), token=token, json=sent)

    is_of_group = "{" in path
    replies = [request(None, right)]
    assert replies[0].status == 401
    if is_of_group:
        replies += [request(carol.token, right), request(alice.token, missing)]
        assert [reply.status for reply in replies[1:]] == [404, 404]
    if body is not None:
        wrong = [request(alice.token, right, sent) for sent in ({"unknown": 1}, [])]
        assert [reply.status for reply in wrong] == [422, 400]
        replies += wrong
    if method in ("patch", "delete") or path.endswith("/members"):
        replies.append(request(bob.token, {**right, "user_id": alice.id, "user": alice.uuid}))
        assert replies[-1].status == (200 if method == "get" else 403)
    replies.append(request(alice.token, right))
    assert replies[-1].status in (200, 201), replies[-1].text
    for reply in replies:
        assert problems(alice.server, method, base + path, reply) == []
