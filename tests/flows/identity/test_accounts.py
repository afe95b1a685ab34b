"""Sign-up, log-in, sessions and log-out."""

from __future__ import annotations

import statistics
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.people import Person, Socket
from tests.servers import ChatServer, Reply

AUTH = "/api/v1/auth"


def sign_up(server: ChatServer, **fields: Any) -> Reply:
    name = f"u{uuid.uuid4().hex[:12]}"
    body = {"username": name, "email": f"{name}@example.com", "password": "long enough", **fields}
    return server.post(f"{AUTH}/signup", json={key: value for key, value in body.items() if value is not ...})


def test_sign_up_returns_tokens_and_the_user(server: ChatServer) -> None:
    reply = sign_up(server, name="Анна")
    assert reply.status == 201
    assert set(reply.data) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert set(reply.data["user"]) == {"id", "uuid", "username", "name", "email", "picture_url"}
    assert (reply.data["token_type"], reply.data["expires_in"], reply.data["user"]["name"]) == ("Bearer", 900, "Анна")
    assert server.get(f"{AUTH}/me", token=reply.data["access_token"]).data == reply.data["user"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("username", "ab"),
        ("username", "a" * 33),
        ("username", "аlice"),  # a Cyrillic letter
        ("username", "al ice"),
        ("username", "al@ice"),
        ("username", "alice\n"),
        ("username", 5),
        ("username", None),
        ("username", ...),
        ("email", "alice"),
        ("email", "a@b"),
        ("email", "a b@example.com"),
        ("email", "a@@example.com"),
        ("email", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.com"),
        ("email", "a@exa\x00mple.com"),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "nul\x00nul\x00nul"),
        ("name", "x" * 101),
        ("name", ["x"]),
        ("is_verified", True),
    ],
)
def test_invalid_field_is_named(server: ChatServer, field: str, value: Any) -> None:
    reply = sign_up(server, **{field: value})
    assert (reply.status, reply.error, list(reply.json["details"])) == (422, "auth.validationFailed", [field])


def test_usernames_and_emails_are_case_insensitive(server: ChatServer, alice: Person) -> None:
    assert sign_up(server, username=alice.username.upper()).error == "auth.usernameTaken"
    taken = sign_up(server, email=f"{alice.username.upper()}@EXAMPLE.com")
    assert (taken.status, taken.error) == (409, "auth.emailTaken")


def test_concurrent_sign_ups_with_one_name_create_one_user(server: ChatServer) -> None:
    name = f"race-{uuid.uuid4().hex[:10]}"
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(reply.status for reply in pool.map(lambda _: sign_up(server, username=name), range(8)))
    assert statuses == [201] + [409] * 7


@pytest.mark.parametrize(
    "spelled", [str, str.upper, lambda name: f"{name}@example.com", lambda name: f"{name}@EXAMPLE.COM"]
)
def test_log_in_by_username_or_email(server: ChatServer, alice: Person, spelled: Any) -> None:
    body = {"login": spelled(alice.username), "password": alice.password}
    reply = server.post(f"{AUTH}/login", json=body)
    assert reply.status == 200 and reply.data["user"]["id"] == alice.id


def test_unknown_login_is_indistinguishable_from_a_wrong_password(server: ChatServer, alice: Person) -> None:
    worker = psutil.Process(server.process.pid).children()[0]

    def attempt(login: str) -> tuple[float, Any]:
        before = sum(worker.cpu_times()[:2])
        reply = server.post(f"{AUTH}/login", json={"login": login, "password": "wrong password"})
        reply.json.pop("request_id")
        return sum(worker.cpu_times()[:2]) - before, (reply.status, reply.json)

    known, unknown = [], []
    for _ in range(12):
        known.append(attempt(alice.username))
        unknown.append(attempt("no-account-of-this-name"))
    assert known[0][1] == unknown[0][1]
    assert known[0][1][0] == 401
    # CPU time: it is mostly password hashing, which is done for unknown names, too.
    ratio = statistics.median(t for t, _ in known) / statistics.median(t for t, _ in unknown)
    assert 0.5 < ratio < 2


def test_log_out_ends_only_its_session_and_sockets(server: ChatServer, alice: Person) -> None:
    login = server.post(f"{AUTH}/login", json={"login": alice.username, "password": alice.password}).data
    here, there = alice.connects(), alice.connects()
    assert server.post(f"{AUTH}/logout", token=login["access_token"]).data == {"message": "auth.loggedOut"}
    assert server.get(f"{AUTH}/me", token=login["access_token"]).error == "auth.accessRevoked"
    assert here.requests({"type": "ping"}, "pong")
    assert server.post(f"{AUTH}/logout", token=alice.token).status == 200
    assert (here.close_code(), there.close_code()) == (4401, 4401)
    assert server.post(f"{AUTH}/refresh", json={"refresh_token": alice.refresh_token}).status == 401


def test_ticket_ends_with_its_session(server: ChatServer, alice: Person) -> None:
    ticket = alice.ticket()
    server.post(f"{AUTH}/logout", token=alice.token)
    assert Socket(server, query=f"?ticket={ticket}").close_code() == 4401
