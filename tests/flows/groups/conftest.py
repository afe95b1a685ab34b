"""People, and a group of the first three."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from chatapp.ids.public import encode_chat
from tests.people import Person, PersonMaker


class Group(NamedTuple):
    """A group that alice owns, with bob and carol. Dave is a stranger."""

    id: int
    alice: Person
    bob: Person
    carol: Person
    dave: Person

    @property
    def path(self) -> str:
        """Its path in the marketplace dialect."""
        return f"/groups/{self.id}"

    @property
    def social_path(self) -> str:
        """Its path in the social dialect."""
        return f"/groups/{self.uuid}"

    @property
    def uuid(self) -> str:
        """Its id in the social dialect."""
        return encode_chat(self.id)

    def adds(self, *people: Person) -> None:
        """Alice adds people."""
        reply = self.alice.posts(f"{self.path}/members", {"user_ids": [person.id for person in people]})
        assert reply.status == 200, reply.text

    def removes(self, person: Person) -> None:
        """Alice removes a member."""
        reply = self.alice.deletes(f"{self.path}/members/{person.id}")
        assert reply.status == 200, reply.text

    def says(self, content: str, by: Person | None = None) -> dict[str, Any]:
        """A member sends a message."""
        return (by or self.alice).sends(content, chat_id=self.id)


@pytest.fixture
def dave(make_person: PersonMaker) -> Person:
    """A stranger."""
    return make_person("dave")


@pytest.fixture
def group(alice: Person, bob: Person, carol: Person, dave: Person) -> Group:
    """The group."""
    made = alice.posts("/groups", {"title": "Neighbours", "member_ids": [bob.id, carol.id]})
    assert made.status == 200, made.text
    return Group(made.data["id"], alice, bob, carol, dave)
