"""Blocks by user id, in the marketplace dialect; the social dialect shows the same blocks."""

from __future__ import annotations

import pytest

from tests.database import Database
from tests.people import Person

pytestmark = pytest.mark.usefixtures("consistent")


def status(person: Person, other: Person) -> tuple[bool, bool, bool]:
    """Whether a user blocks the other, is blocked by them, and can message them."""
    data = person.gets(f"/blocks/{other.id}").data
    return data["is_blocked"], data["is_blocked_by"], data["can_send_message"]


def test_a_block_is_listed_and_ends(alice: Person, bob: Person, carol: Person) -> None:
    assert status(alice, bob) == (False, False, True)
    for _ in range(2):  # repeating it changes nothing
        shown = alice.posts("/blocks", {"user_id": bob.id}).data
        assert (shown["id"], shown["email"]) == (bob.id, "")
    assert (status(alice, bob), status(bob, alice)) == ((True, False, False), (False, True, False))
    alice.posts("/blocks", {"user_id": carol.id})
    assert [entry["id"] for entry in alice.gets("/blocks").data] == [carol.id, bob.id]
    assert bob.gets("/blocks").data == []
    alice.unblocks(carol)
    assert alice.deletes(f"/blocks/{bob.id}").data == {"message": "marketplace.unblocked"}
    assert (alice.gets("/blocks").data, status(bob, alice)) == ([], (False, False, True))


def test_what_cannot_be_blocked(alice: Person, bob: Person, database: Database) -> None:
    before = database.counts()
    missing = alice.posts("/blocks", {"user_id": 2**40})
    assert (missing.status, missing.error) == (404, "marketplace.userNotFound")
    oneself = alice.posts("/blocks", {"user_id": alice.id})
    assert (oneself.status, list(oneself.json["details"])) == (422, ["user_id"])
    assert alice.posts("/blocks", {"user_id": "bob"}).status == 422
    for reply in (
        alice.gets(f"/blocks/{2**40}"),
        alice.deletes(f"/blocks/{2**40}"),
        alice.deletes(f"/blocks/{bob.id}"),
    ):
        assert reply.status == 404
    assert status(alice, alice) == (False, False, False)
    assert database.counts() == before
