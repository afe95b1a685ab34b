"""Rules over several fields are documented as they are enforced: server and schema accept the same bodies."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.flows.contract.test_frames import openapi
from tests.people import Person

PLACE = {"latitude": 48.2, "longitude": 16.4}
FILES = list(range(1, 12))


def _fits(person: Person, name: str, body: dict[str, Any]) -> bool:
    document = openapi(person.server.url)
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return not list(Draft202012Validator(schema).iter_errors(body))


@pytest.mark.parametrize(
    ("fields", "is_accepted"),
    [
        ({"content": "hello"}, True),
        ({"content": "hello", "message_type": "text", "location_data": None, "attachment_ids": []}, True),
        ({"content": "hello", "listing_id": 0, "chat_id": None}, True),
        ({"content": "x" * 10_000}, True),
        ({"message_type": "location", "location_data": PLACE}, True),
        ({"content": "here", "message_type": "location", "location_data": PLACE}, True),
        ({}, False),
        ({"content": ""}, False),
        ({"content": " \n\u200b \u200b\u00ad\x01\u3000"}, False),
        ({"content": "a\x00"}, False),
        ({"content": "x" * 10_001}, False),
        ({"content": "hello", "receiver_id": 0}, False),
        ({"content": "hello", "receiver_id": None}, False),
        ({"content": "hello", "listing_id": 7, "storefront_product_id": 7}, False),
        ({"content": "hello", "location_data": PLACE}, False),
        ({"content": "hello", "message_type": "location"}, False),
        ({"content": "hello", "message_type": "image"}, False),
        ({"content": "hello", "message_type": "image", "attachment_ids": []}, False),
        ({"content": "hello", "message_type": "system"}, False),
        ({"message_type": "file", "attachment_ids": FILES}, False),
        ({"message_type": "file", "attachment_ids": [1, 1]}, False),
    ],
)
def test_marketplace_messages(alice: Person, bob: Person, fields: dict[str, Any], is_accepted: bool) -> None:
    body = {"receiver_id": bob.id, **fields}
    assert (alice.posts("/messages", body).status, _fits(alice, "MarketplaceSendMessage", body)) == (
        200 if is_accepted else 422,
        is_accepted,
    )


@pytest.mark.parametrize(
    ("fields", "is_accepted"),
    [
        ({"content": "hello"}, True),
        ({"content": "hello", "messageType": "text", "attachmentIds": []}, True),
        ({"content": ""}, False),
        ({"content": "\u200b \u200b"}, False),
        ({"content": "hello", "messageType": "image"}, False),
        ({"content": "hello", "messageType": "location"}, False),
        ({"content": "x" * 10_001}, False),
    ],
)
def test_social_messages(alice: Person, bob: Person, fields: dict[str, Any], is_accepted: bool) -> None:
    conversation = alice.social.gets(f"/conversations/with/{bob.username}").data["id"]
    reply = alice.social.posts(f"/conversations/{conversation}/messages", fields)
    assert (reply.status, _fits(alice, "SocialSendMessage", fields)) == (201 if is_accepted else 422, is_accepted)


@pytest.mark.parametrize(
    ("changed", "is_accepted"),
    [
        ({}, True),
        ({"username": "a-._Z9"}, True),
        ({"username": "ab"}, False),
        ({"username": "a" * 33}, False),
        ({"username": "два"}, False),
        ({"password": "x" * 7}, False),
        ({"password": "x" * 129}, False),
        ({"email": "no address"}, False),
        ({"email": "a@b.c"}, False),
        ({"name": "x" * 101}, False),
    ],
)
def test_sign_ups(alice: Person, changed: dict[str, str], is_accepted: bool) -> None:
    name = f"{alice.username[-10:]}{abs(hash(str(changed))) % 10**8}"
    body = {"username": name, "email": f"{name}@example.com", "password": "x" * 8, **changed}
    reply = alice.server.post("/api/v1/auth/signup", json=body)
    assert (reply.status in (201, 409), _fits(alice, "AccountSignUp", body)) == (is_accepted, is_accepted), reply.text


@pytest.mark.parametrize("number", [5.0, 1e3])
def test_integers_may_have_a_zero_fraction(alice: Person, number: float) -> None:
    body = {"chat_id": number, "message_ids": [number]}
    assert _fits(alice, "MarketplaceMarkRead", body)
    assert alice.puts("/messages/read", body).error == "marketplace.chatNotFound"


def test_limits_above_the_maximum_count_as_the_maximum(alice: Person) -> None:
    for number in (101, 2**53 + 1, "9" * 30):
        assert alice.gets("/messages", chat_id=0, receiver_id=alice.id + 1, limit=number).data["limit"] == 100
    refused = alice.gets("", limit=0)
    assert refused.json["details"] == {"limit": ["Must be greater than or equal to 1."]}
