"""The routes of the host's services."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest

from tests.database import Database
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, Reply, await_true

INTERNAL = "/api/v1/internal"


def fresh_id() -> int:
    return random.randrange(10**7, 10**12)


def put(server: ChatServer, token: str, path: str, **body: Any) -> Reply:
    return server.put(INTERNAL + path, token=token, json=body)


def test_routes_require_the_service_token(server: ChatServer, alice: Person, service_token: str) -> None:
    for token in (None, alice.token, service_token[:-1], service_token + "x", "é"):
        headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
        reply = server.get(f"{INTERNAL}/chat/ws/stats", headers=headers)
        assert reply.status == 401, token
    assert server.get(f"{INTERNAL}/chat/ws/stats", token=service_token).status == 200


def test_routes_are_closed_without_a_configured_token(start_server: Any) -> None:
    closed = start_server(SERVICE_TOKEN="")
    assert closed.get(f"{INTERNAL}/chat/ws/stats", token="").status == 401


def test_an_id_that_the_host_chose_is_in_nobodys_way(
    server: ChatServer, service_token: str, database: Database, make_person: PersonMaker
) -> None:
    ((newest,),) = database.rows("SELECT max(id) FROM users WHERE id < (1::bigint << 52)")
    database.rows("SELECT setval('users_id_seq', %s)", newest)
    assert put(server, service_token, f"/users/{newest + 1}", username=f"h-{uuid.uuid4().hex[:8]}").status == 200
    assert make_person("alice").id == newest + 2


def test_profile_is_created_and_updated(server: ChatServer, service_token: str) -> None:
    id, name = fresh_id(), f"h-{uuid.uuid4().hex[:8]}"
    created = put(server, service_token, f"/users/{id}", username=name, name="Ana", verified=True).data
    assert (created["id"], created["username"], created["verified"], created["email"]) == (id, name, True, None)
    changed = put(server, service_token, f"/users/{id}", email="ana@example.com", name="").data
    assert (changed["username"], changed["name"], changed["email"]) == (name, "", "ana@example.com")
    by_uuid = put(server, service_token, f"/users/{created['uuid']}", picture_url="https://e.com/a.png").data
    assert (by_uuid["id"], by_uuid["picture_url"]) == (id, "https://e.com/a.png")


def test_user_can_be_referenced_by_uuid(server: ChatServer, service_token: str) -> None:
    name = str(uuid.uuid4())
    assert put(server, service_token, f"/users/{name}").data["uuid"] == name


def test_taken_username_is_a_conflict(server: ChatServer, service_token: str, alice: Person) -> None:
    for id in (fresh_id(), put(server, service_token, f"/users/{fresh_id()}").data["id"]):
        reply = put(server, service_token, f"/users/{id}", username=alice.username.upper())
        assert (reply.status, reply.error) == (409, "internal.username_taken")


@pytest.mark.parametrize("reference", ["0", "-1", "x", str(2**53), "9" * 30, "c7a995d9", "1.5", "%00"])
def test_invalid_user_reference_is_404(server: ChatServer, service_token: str, reference: str) -> None:
    assert put(server, service_token, f"/users/{reference}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"username": "a b"},
        {"username": ""},
        {"email": "x"},
        {"picture_url": "javascript:x"},
        {"verified": 1},
        {"id": 1},
    ],
)
def test_invalid_profile_is_422(server: ChatServer, service_token: str, body: dict[str, Any]) -> None:
    reply = put(server, service_token, f"/users/{fresh_id()}", **body)
    assert (reply.status, list(reply.json["details"])) == (422, list(body))


def test_erasure_clears_the_profile_and_ends_all_sessions(
    server: ChatServer, service_token: str, alice: Person
) -> None:
    socket = alice.connects()
    erased = server.delete(f"{INTERNAL}/users/{alice.id}", token=service_token).data
    assert erased["username"].startswith(f"deleted-{alice.id}-")
    assert (erased["email"], erased["is_erased"]) == (None, True)
    assert server.delete(f"{INTERNAL}/users/{alice.id}", token=service_token).data == erased, "again changes nothing"
    assert socket.close_code() == 4401
    assert alice.gets("").status == 401
    login = {"login": alice.username, "password": alice.password}
    assert server.post("/api/v1/auth/login", json=login).status == 401
    assert put(server, service_token, f"/users/{alice.id}", name="Back").error == "internal.user_erased"
    assert server.delete(f"{INTERNAL}/users/{fresh_id()}", token=service_token).status == 404


def test_taking_the_erased_name_does_not_prevent_erasure(server: ChatServer, service_token: str, alice: Person) -> None:
    body = {"username": f"deleted-{alice.id}", "email": f"squatter-{alice.id}@example.com", "password": alice.password}
    assert server.post("/api/v1/auth/signup", json=body).status == 201
    assert server.delete(f"{INTERNAL}/users/{alice.id}", token=service_token).data["is_erased"] is True


def test_subject_of_another_user_is_no_reference(server: ChatServer, service_token: str, database: Database) -> None:
    reference = fresh_id()
    database.change("INSERT INTO users (subject, username) VALUES (%s, %s)", str(reference), f"other-{reference}")
    assert put(server, service_token, f"/users/{reference}", name="Who").error == "internal.user_not_found"


@pytest.mark.parametrize("kind", ["listing", "storefront_product"])
def test_item_is_created_updated_and_deleted(server: ChatServer, service_token: str, alice: Person, kind: str) -> None:
    path = f"/items/{kind}/{fresh_id()}"
    body = {"title": "Bicikl", "image_url": "https://e.com/b.jpg", "price": 199.99, "currency": "EUR"}
    created = put(server, service_token, path, **body, seller_id=alice.id).data
    assert (created["title"], created["price"], created["seller_id"]) == ("Bicikl", 199.99, alice.id)
    by_uuid = put(server, service_token, path, title="Bike", seller_id=alice.uuid).data
    assert (by_uuid["seller_id"], by_uuid["price"], by_uuid["image_url"]) == (alice.id, None, None)
    assert server.delete(INTERNAL + path, token=service_token).data["is_deleted"] is True
    assert put(server, service_token, path, title="Bike").data["is_deleted"] is False


def test_item_has_what_the_host_knows(server: ChatServer, service_token: str) -> None:
    path = f"/items/listing/{fresh_id()}"
    known = {
        "description": "x" * 10_000,
        "category": "Sofas",
        "attributes": {"colour": "grey", "seats": 3, "width": 1.5},
        "url": "https://shop.example/items/1",
        "is_available": False,
    }
    created = put(server, service_token, path, title="Sofa", **known).data
    assert {name: created[name] for name in known} == known
    replaced = put(server, service_token, path, title="Sofa").data
    assert [replaced[name] for name in known] == ["", None, None, None, True]


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"title": "a\x00"}, "title"),
        ({"title": "a", "price": -1}, "price"),
        ({"title": "a", "price": "5"}, "price"),
        ({"title": "a", "price": 1e16}, "price"),
        ({"title": "a", "currency": "euro"}, "currency"),
        ({"title": "a", "seller_id": 2**50}, "seller_id"),
        ({"title": "a", "seller_id": True}, "seller_id"),
        ({"title": "a", "image_url": "ftp://x"}, "image_url"),
        ({"title": "a", "colour": "red"}, "colour"),
        ({"title": "a", "description": "x" * 10_001}, "description"),
        ({"title": "a", "description": None}, "description"),
        ({"title": "a", "category": "x" * 201}, "category"),
        ({"title": "a", "url": "javascript:x"}, "url"),
        ({"title": "a", "is_available": 1}, "is_available"),
        ({"title": "a", "attributes": []}, "attributes"),
        ({"title": "a", "attributes": {"": 1}}, "attributes"),
        ({"title": "a", "attributes": {"a": None}}, "attributes"),
        ({"title": "a", "attributes": {"a": True}}, "attributes"),
        ({"title": "a", "attributes": {"a": {"b": 1}}}, "attributes"),
        ({"title": "a", "attributes": {"a": "x" * 201}}, "attributes"),
        ({"title": "a", "attributes": {"a": "\x00"}}, "attributes"),
        ({"title": "a", "attributes": {"a": 1e16}}, "attributes"),
        ({"title": "a", "attributes": {str(number): 1 for number in range(51)}}, "attributes"),
    ],
)
def test_invalid_item_is_422(server: ChatServer, service_token: str, body: dict[str, Any], field: str) -> None:
    reply = put(server, service_token, f"/items/listing/{fresh_id()}", **body)
    assert (reply.status, list(reply.json["details"])) == (422, [field])


def test_unknown_item_is_404(server: ChatServer, service_token: str) -> None:
    assert put(server, service_token, "/items/boat/1", title="x").status == 404
    assert put(server, service_token, "/items/listing/0", title="x").status == 404
    assert server.delete(f"{INTERNAL}/items/listing/{fresh_id()}", token=service_token).status == 404


def test_stats_count_open_sockets(server: ChatServer, service_token: str, alice: Person) -> None:
    def stats() -> dict[str, Any]:
        return dict(server.get(f"{INTERNAL}/chat/ws/stats", token=service_token).data)

    alice.connects()
    await_true(lambda: stats()["connections"] >= 1, what=stats)
    statistics = stats()
    assert statistics["users"] >= 1
    assert sum(worker["connections"] for worker in statistics["workers"]) == statistics["connections"]
