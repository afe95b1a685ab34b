"""Refresh tokens: exchanged, retried, stolen, forged, and issued by an older release."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.database import Database
from tests.people import Person
from tests.servers import ChatServer, Reply

AUTH = "/api/v1/auth"


def refresh(server: ChatServer, token: str) -> Reply:
    return server.post(f"{AUTH}/refresh", json={"refresh_token": token})


def is_admitted(server: ChatServer, access_token: str) -> bool:
    return server.get(f"{AUTH}/me", token=access_token).status == 200


def session_of(person: Person) -> str:
    """The session id in a user's access token."""
    claims = person.token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"])


def expire_grace(database: Database, person: Person) -> None:
    """Move the last exchange of this session eleven seconds back."""
    database.change(
        "UPDATE token_families SET rotated_at = rotated_at - interval '11 seconds' WHERE id = %s", session_of(person)
    )


def test_refresh_tokens_are_exchanged_repeatedly(server: ChatServer, alice: Person) -> None:
    tokens = [alice.refresh_token]
    for _ in range(3):
        reply = refresh(server, tokens[-1])
        assert set(reply.data) == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert is_admitted(server, reply.data["access_token"])
        tokens.append(reply.data["refresh_token"])
    assert len(set(tokens)) == 4


def test_nine_concurrent_refreshes_get_the_same_successor(server: ChatServer, alice: Person) -> None:
    with ThreadPoolExecutor(9) as pool:
        replies = list(pool.map(lambda _: refresh(server, alice.refresh_token), range(9)))
    assert [reply.status for reply in replies] == [200] * 9
    assert len({reply.data["refresh_token"] for reply in replies}) == 1
    assert all(is_admitted(server, reply.data["access_token"]) for reply in replies)
    assert refresh(server, replies[0].data["refresh_token"]).status == 200


def test_repeated_refresh_does_not_extend_the_grace_period(
    server: ChatServer, database: Database, alice: Person
) -> None:
    refresh(server, alice.refresh_token)
    database.change(
        "UPDATE token_families SET rotated_at = rotated_at - interval '6 seconds' WHERE id = %s", session_of(alice)
    )
    assert refresh(server, alice.refresh_token).status == 200
    database.change(
        "UPDATE token_families SET rotated_at = rotated_at - interval '6 seconds' WHERE id = %s", session_of(alice)
    )
    assert refresh(server, alice.refresh_token).error == "auth.accessRevoked"


def assert_ended(server: ChatServer, tokens: dict[str, Any]) -> None:
    assert server.get(f"{AUTH}/me", token=tokens["access_token"]).error == "auth.accessRevoked"
    assert refresh(server, tokens["refresh_token"]).error == "auth.accessRevoked"


def test_reuse_after_the_grace_period_ends_the_session(server: ChatServer, database: Database, alice: Person) -> None:
    socket = alice.connects()
    second = refresh(server, alice.refresh_token).data
    expire_grace(database, alice)
    reused = refresh(server, alice.refresh_token)
    assert (reused.status, reused.error) == (401, "auth.accessRevoked")
    assert_ended(server, second)
    assert socket.close_code() == 4401


def test_thief_who_refreshes_twice_is_detected(server: ChatServer, alice: Person) -> None:
    second = refresh(server, alice.refresh_token).data
    third = refresh(server, second["refresh_token"]).data  # using the second token ends the grace period of the first
    assert refresh(server, alice.refresh_token).error == "auth.accessRevoked"
    assert_ended(server, third)


@pytest.mark.parametrize("secret", ["made-up-by-a-stranger", "0-made-up", "1-" + "A" * 43, "999999999-x", "٣-x"])
def test_knowing_a_session_id_cannot_end_it(server: ChatServer, alice: Person, secret: str) -> None:
    socket = alice.connects()
    made_up = refresh(server, f"{session_of(alice)}.{secret}")
    assert (made_up.status, made_up.error) == (401, "auth.tokenInvalid")
    second = refresh(server, alice.refresh_token).data
    assert refresh(server, f"{session_of(alice)}.{secret}").error == "auth.tokenInvalid"
    assert is_admitted(server, second["access_token"])
    assert socket.pings()
    assert refresh(server, second["refresh_token"]).status == 200


@pytest.mark.parametrize("token", ["x", ".", "a.b", "6bd6f86e-3335-449b-8fbe-18f2e44a3ab2.x", "{6bd6f86e33354}.x"])
def test_token_without_a_session_is_refused(server: ChatServer, token: str) -> None:
    assert refresh(server, token).error == "auth.tokenInvalid"


def test_expired_token_has_its_own_error(server: ChatServer, database: Database, alice: Person) -> None:
    database.change("UPDATE token_families SET expires_at = now() WHERE id = %s", session_of(alice))
    assert refresh(server, alice.refresh_token).error == "auth.tokenExpired"


def test_no_refresh_token_is_stored(server: ChatServer, database: Database, alice: Person) -> None:
    second = refresh(server, alice.refresh_token).data["refresh_token"]
    ((row,),) = database.rows("SELECT row::text FROM token_families row WHERE id = %s", session_of(alice))
    for token in (alice.refresh_token, second):
        secret = token.partition(".")[2]
        assert secret not in row and secret.encode().hex() not in row


class OlderRelease:
    """A process of the previous release: its secrets are random, and it knows no generations."""

    def __init__(self, database: Database, person: Person) -> None:
        self._database, self._id = database, session_of(person)

    def issues(self) -> str:
        """Exchange the newest token; returns the new one."""
        secret = secrets.token_urlsafe(32)
        self._database.change(
            "UPDATE token_families SET refresh_hash = %s, rotated_at = now() WHERE id = %s",
            hashlib.sha256(secret.encode()).digest(),
            self._id,
        )
        return f"{self._id}.{secret}"


def test_tokens_of_the_previous_release_are_accepted(server: ChatServer, database: Database, alice: Person) -> None:
    old = OlderRelease(database, alice).issues()
    second = refresh(server, old).data["refresh_token"]
    assert refresh(server, old).data["refresh_token"] == second, "its answer can be asked for again, too"
    third = refresh(server, second).data
    old = OlderRelease(database, alice).issues()  # both releases run during a deployment
    fourth = refresh(server, old).data
    assert is_admitted(server, fourth["access_token"])
    expire_grace(database, alice)
    assert refresh(server, old).error == "auth.accessRevoked"
    assert_ended(server, fourth)
    assert_ended(server, third)


def test_token_exchanged_by_an_older_process_counts_as_used(
    server: ChatServer, database: Database, alice: Person
) -> None:
    second = refresh(server, alice.refresh_token).data
    newest = OlderRelease(database, alice).issues()
    assert refresh(server, second["refresh_token"]).error == "auth.accessRevoked"
    assert refresh(server, newest).error == "auth.accessRevoked"
