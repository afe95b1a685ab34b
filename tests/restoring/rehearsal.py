"""A service that lives, is backed up and restored, and what its people notice of it: nothing but one `full_sync`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.database import Database
from tests.people import Person, PersonMaker
from tests.servers import ROOT, ChatServer

STAMPS = "SELECT max(changed_in::text::bigint) FROM chats"
NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
VOLATILE = {"is_online", "isOnline"}  # what is no part of a backup

Catching = Callable[[Person, str], dict[str, Any]]


def release(environment: Mapping[str, str], url: str) -> str:
    """What the Procfile does before a deploy; returns what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "chatapp.ops", "migrate"],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def spend_transactions(database: Database, up_to: int) -> None:
    """Let the server's counter go on, as it does with time."""
    with database.apart() as cursor:
        cursor.execute(
            f"DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < {int(up_to)} LOOP COMMIT; END LOOP; END $$"
        )


def _over_rest(person: Person, cursor: str) -> dict[str, Any]:
    return dict(person.gets("/messages/since", cursor=cursor).data)


def _over_social_rest(person: Person, cursor: str) -> dict[str, Any]:
    return _as_marketplace(person.social.gets("/messages/since", cursor=cursor).data)


def _over_socket(person: Person, cursor: str) -> dict[str, Any]:
    return person.connects().asks({"type": "resume", "cursor": cursor}, "resumed")


def _over_social_socket(person: Person, cursor: str) -> dict[str, Any]:
    socket = person.social.connects()
    return _as_marketplace(socket.asks({"type": "resume", "payload": {"cursor": cursor}}, "resumed")["payload"])


def _as_marketplace(page: dict[str, Any]) -> dict[str, Any]:
    names = {"conversations": "chats", "hasMore": "has_more", "fullSync": "full_sync"}
    return {names.get(name, name): value for name, value in page.items()}


WAYS: tuple[Catching, ...] = (_over_rest, _over_social_rest, _over_socket, _over_social_socket)


@dataclass
class Rehearsal:
    """People of a service before and after.

    Attributes:
        seen: what each saw when the backup was taken.
        cursors: that each had kept then, and later.
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
        alice.takes_back(sent[5])
        for number in range(3):
            carol.sends(f"from carol {number}", to=bob)
        gone = carol.sends("gone", to=alice)
        carol.deletes(f"/{gone['chat_id']}")
        return cls(alice, bob, carol)

    @property
    def people(self) -> tuple[Person, ...]:
        return self.alice, self.bob, self.carol

    def keep_cursors(self) -> None:
        """Everybody keeps the cursor of now."""
        for person in self.people:
            kept = self.cursors.setdefault(person.username, [])
            kept.append(person.social.gets("/messages/since").data["cursor"])

    def look(self) -> None:
        """Everybody looks at everything, and keeps a cursor: the backup is taken after this."""
        self.keep_cursors()
        self.seen = {person.username: _seen_by(person) for person in self.people}

    def write_what_will_be_lost(self) -> None:
        """What happens after the backup, with cursors that know it."""
        for number in range(5):
            self.bob.sends(f"lost {number}", to=self.alice)
        self.keep_cursors()

    def move_to(self, server: ChatServer) -> None:
        """From now on everybody asks this server."""
        for person in self.people:
            person.server = server

    def find_all_as_it_was(self) -> dict[str, str]:
        """Whoever shows a cursor of before is sent back to read everything, once; then nothing is new.

        Returns:
            The cursor that each goes on with.
        """
        found = {}
        for person in self.people:
            for cursor in self.cursors[person.username]:
                for ask in WAYS:
                    page = ask(person, cursor)
                    assert page["full_sync"] is True
                    _assert_empty(page)
                    self.hear_nothing(person, page["cursor"])
                    found[person.username] = page["cursor"]
            for socket in person.sockets:
                socket.closes()
            person.sockets.clear()
            assert _seen_by(person) == self.seen[person.username]
        return found

    def hear_nothing(self, person: Person, cursor: str) -> None:
        """A quiet person's catch-up has one page, and nothing on it."""
        for ask in WAYS:
            page = ask(person, cursor)
            assert page["full_sync"] is False
            _assert_empty(page)

    def go_on_from(self, cursors: dict[str, str]) -> None:
        """What happens now comes by these cursors, and nothing else."""
        message = self.alice.sends("after the restore", to=self.bob)
        self.alice.edits(message, "edited after the restore")
        for ask in WAYS:
            page = ask(self.bob, cursors[self.bob.username])
            assert [new["content"] for new in page["messages"]] == ["edited after the restore"]
            assert len(page["chats"]) == 1
            assert page["has_more"] is False
        (change,) = _over_rest(self.bob, cursors[self.bob.username])["changes"]
        assert (change["type"], change["message_id"]) == ("message_edited", message["id"])
        self.hear_nothing(self.carol, cursors[self.carol.username])

    def hang_up(self) -> None:
        """Close all sockets."""
        for person in self.people:
            for socket in person.sockets:
                socket.closes()


def _assert_empty(page: dict[str, Any]) -> None:
    told = {name: page[name] for name in ("messages", "changes", "chats", "has_more")}
    assert told == {"messages": [], "changes": [], "chats": [], "has_more": False}


def _seen_by(person: Person) -> dict[str, Any]:
    """Lists, counts and every message, in both dialects."""
    chats, conversations = person.chats(limit=100), person.social.conversations()
    seen = {
        "unread": person.unread(),
        "chats": chats,
        "conversations": conversations,
        "messages": {chat["id"]: person.history(chat["id"], limit=100) for chat in chats},
        "social": {one["id"]: person.social.history(one["id"], limit=50) for one in conversations},
    }
    return dict(_settled(seen))


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_without_volatile(value))
    return [_settled(item) for item in value] if isinstance(value, list) else value


def _without_volatile(value: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for name, item in value.items():
        if name not in VOLATILE:
            yield name, _settled(item)
