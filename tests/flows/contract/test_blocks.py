"""Responses of the marketplace's routes of blocks match the document."""

from __future__ import annotations

from typing import Any

from tests.flows.contract.test_frames import problems
from tests.people import CHAT, Person


def test_responses_of_blocks_match_the_document(alice: Person, bob: Person) -> None:
    requests: list[tuple[str, str, Any, int]] = [
        ("post", "/blocks", {"user_id": bob.id}, 200),
        ("post", "/blocks", {"user_id": 2**40}, 404),
        ("post", "/blocks", {"user_id": "x"}, 422),
        ("get", "/blocks", None, 200),
        ("get", "/blocks/{user_id}", None, 200),
        ("delete", "/blocks/{user_id}", None, 200),
        ("delete", "/blocks/{user_id}", None, 404),
    ]
    for method, path, body, status in requests:
        where = CHAT + path.replace("{user_id}", str(bob.id))
        reply = alice.server.request(method, where, token=alice.token, json=body)
        assert reply.status == status, reply.text
        assert problems(alice.server, method, CHAT + path, reply) == []
