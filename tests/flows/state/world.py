"""A chat in which things happen: of two, or of three."""

from __future__ import annotations

from typing import Any

from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.state.known import Translator
from tests.flows.state.viewer import Viewer
from tests.host import Host
from tests.people import Person
from tests.servers import Reply

Json = dict[str, Any]


class World:
    """Alice and bob, and carol in a larger chat. Alice owns that one; she sells the item that the chat of two is about.

    Attributes:
        older: bob's message, which alice has read.
        message: alice's, the newest but one.
        newest: bob's, unread by alice.
    """

    def __init__(self, people: tuple[Person, Person, Person], host: Host, database: Database, *, is_larger: bool):
        self.alice, self.bob, self.carol = people
        self.database = database
        self.members = [self.alice, self.bob, *([self.carol] if is_larger else [])]
        if is_larger:
            self.chat_id = make_larger_chat(database, [person.id for person in self.members])
            self.older = self.bob.sends("older", chat_id=self.chat_id)
        else:
            listing_id = host.lists("a lamp", seller=self.alice)
            self.older = self.bob.sends("older", listing_id=listing_id)
            self.chat_id = self.older["chat_id"]
        self.message = self.alice.sends("mine", chat_id=self.chat_id)
        self.newest = self.bob.sends("newest", chat_id=self.chat_id)
        self.conversation = encode_chat(self.chat_id)

    def path(self, message: Json) -> str:
        """The path of a message in the marketplace."""
        return f"/messages/{message['id']}"

    def social_path(self, message: Json) -> str:
        """The path of a message in the social dialect."""
        return f"/messages/{encode_message(message['id'])}"

    def viewers(self) -> list[Viewer]:
        """A device of each member in each dialect."""
        translator = Translator({person.uuid: person.id for person in self.members})
        return [Viewer(person, dialect, self.chat_id) for person in self.members for dialect in (None, translator)]


def done(reply: Reply) -> Any:
    """The data of a request that succeeded."""
    assert reply.status < 300, reply.text
    return reply.data
