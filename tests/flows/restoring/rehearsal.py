"""People of a service that is backed up and restored: all that they may notice is one `full_sync`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatapp.ops import runtime
from tests.commands import ops_here
from tests.database import Database
from tests.people import Person, PersonMaker
from tests.servers import ChatServer

STAMPS = "SELECT max(changed_in::text::bigint) FROM chats"
NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"

Catching = Callable[[Person, str], dict[str, Any]]


def release(environment: Mapping[str, str], url: str) -> str:
    """Run the command of the Procfile's release; returns its output."""
    done = ops_here({**environment, "DATABASE_URL": url}, "migrate")
    runtime.close()
    assert done.code == 0, done.err
    return done.out


def spend_transactions(database: Database, up_to: int) -> None:
    """Advance the server's transaction counter, as time does."""
    with database.autocommitting() as cursor:
        cursor.execute(
            f"DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < {int(up_to)} LOOP COMMIT; END LOOP; END $$"
        )


def _over_rest(person: Person, cursor: str) -> dict[str, Any]:
    return dict(person.gets("/messages/since", cursor=cursor).data)


def _over_social_rest(person: Person, cursor: str) -> dict[str, Any]:
    return _as_marketplace(person.social.gets("/messages/since", cursor=cursor).data)


def _over_socket(person: Person, cursor: str) -> dict[str, Any]:
    return person.connects().requests({"type": "resume", "cursor": cursor}, "resumed")


def _over_social_socket(person: Person, cursor: str) -> dict[str, Any]:
    socket = person.social.connects()
    return _as_marketplace(socket.requests({"type": "resume", "payload": {"cursor": cursor}}, "resumed")["payload"])


def _as_marketplace(page: dict[str, Any]) -> dict[str, Any]:
    names = {"conversations": "chats", "hasMore": "has_more", "fullSync": "full_sync"}
    return {names.get(name, name): value for name, value in page.items()}


WAYS: tuple[Catching, ...] = (_over_rest, _over_social_rest, _over_socket, _over_social_socket)


@dataclass
class Rehearsal:
    """Three people, before and after a restore.

    Attributes:
        seen: what each saw when the backup was taken, by username.
        cursors: that each had kept, then and later.
    """

    alice: Person
    bob: Person
    carol: Person
    seen: dict[str, Any] = field(default_factory=dict)
    cursors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def begins(cls, server: ChatServer) -> Rehearsal:
        """Three people who have written, read, edited and deleted."""
        make = PersonMaker(server)
        alice, bob, carol = (make(name) for name in ("alice", "bob", "carol"))
        sent = [alice.sends(f"number {number}", to=bob) for number in range(30)]
        bob.reads(sent[9])
        alice.edits(sent[3], "edited")
        alice.deletes_message(sent[5])
        for number in range(3):
            carol.sends(f"from carol {number}", to=bob)
        gone = carol.sends("gone", to=alice)
        carol.deletes(f"/{gone['chat_id']}")
        return cls(alice, bob, carol)

    @property
    def people(self) -> tuple[Person, ...]:
        return self.alice, self.bob, self.carol

    def keep_cursors(self) -> None:
        """Each keeps the current cursor."""
        for person in self.people:
            kept = self.cursors.setdefault(person.username, [])
            kept.append(person.social.gets("/messages/since").data["cursor"])

    def look(self) -> None:
        """Each reads everything and keeps a cursor: the backup must contain exactly this."""
        self.keep_cursors()
        self.seen = {person.username: _view_of(person) for person in self.people}

    def write_after_the_backup(self) -> None:
        """Write messages that the backup does not contain, and keep cursors that cover them."""
        for number in range(5):
            self.bob.sends(f"lost {number}", to=self.alice)
        self.keep_cursors()

    def move_to(self, server: ChatServer) -> None:
        """All send their requests to this server from now on."""
        for person in self.people:
            person.server = server

    def expect_one_full_sync_and_the_same_data(self) -> dict[str, str]:
        """Every cursor from before the restore gets one `full_sync` in each dialect; then there is nothing new.

        Returns:
            The cursor that each continues with, by username.
        """
        # Before any socket is opened: when people were last seen is part of what others see.
        assert {person.username: _view_of(person) for person in self.people} == self.seen
        found = {}
        for person in self.people:
            for cursor in self.cursors[person.username]:
                for ask in WAYS:
                    page = ask(person, cursor)
                    assert page["full_sync"] is True
                    _assert_empty(page)
                    self.expect_empty_catch_up(person, page["cursor"])
                    found[person.username] = page["cursor"]
        return found

    def expect_empty_catch_up(self, person: Person, cursor: str) -> None:
        """The catch-up of a user without changes is one empty page."""
        for ask in WAYS:
            page = ask(person, cursor)
            assert page["full_sync"] is False
            _assert_empty(page)

    def expect_only_what_is_new(self, cursors: dict[str, str]) -> None:
        """These cursors find what is written now, and nothing else."""
        message = self.alice.sends("after the restore", to=self.bob)
        self.alice.edits(message, "edited after the restore")
        for ask in WAYS:
            page = ask(self.bob, cursors[self.bob.username])
            assert [new["content"] for new in page["messages"]] == ["edited after the restore"]
            assert len(page["chats"]) == 1
            assert page["has_more"] is False
        changes = _over_rest(self.bob, cursors[self.bob.username])["changes"]
        # Sending may move a member's row without a read, and reads are then repeated.
        edited = [change["message_id"] for change in changes if change["type"] != "message_read"]
        assert edited == [message["id"]]
        self.expect_empty_catch_up(self.carol, cursors[self.carol.username])

    def close_sockets(self) -> None:
        """Close all sockets."""
        for person in self.people:
            for socket in person.sockets:
                socket.closes()


def _assert_empty(page: dict[str, Any]) -> None:
    changed = {name: page[name] for name in ("messages", "changes", "chats", "has_more")}
    assert changed == {"messages": [], "changes": [], "chats": [], "has_more": False}


def _view_of(person: Person) -> dict[str, Any]:
    """Lists, counts and every message, in both dialects."""
    chats, conversations = person.chats(limit=100), person.social.conversations()
    return {
        "unread": person.unread(),
        "chats": chats,
        "conversations": conversations,
        "messages": {chat["id"]: person.history(chat["id"], limit=100) for chat in chats},
        "social": {one["id"]: person.social.history(one["id"], limit=50) for one in conversations},
    }
