"""A search finds exactly what a scan over the messages finds that its user can read.

Chats of two and larger ones, members who joined late, left, cleared a chat or block others, deleted and edited
messages, in four languages. What a form of a word is, is written here, not computed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chatapp.access import access_chat
from chatapp.actions import blocking, editing, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.snapshots import ViewedMessage
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.queries import messages as message_queries
from chatapp.queries import search_index
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.searching import Indexer, messages_found

WORLDS, CASES = 4, 250  # a case is a user and a query

# Spellings of one word, then its other forms. No word is a form of another.
ENGLISH = [[["bicycle"], ["bicycles"]], [["garden"], ["gardens"]], [["repair"], ["repaired", "repairs"]]]
RUSSIAN = [[["велосипед", "velosiped"], ["велосипеды", "велосипедом"]], [["лампа"], ["лампы", "лампу"]]]
SERBIAN = [[["бицикл", "bicikl"], ["бицикла", "bicikla"]], [["фотеља", "fotelja"], ["фотеље", "fotelje"]]]
THAI = ["จักรยาน", "รองเท้า", "ราคา"]
WORDS = [*ENGLISH, *RUSSIAN, *SERBIAN]


@dataclass(frozen=True)
class Condition:
    """A part of a query, and the texts in which it is true: those with one of these words, or this Thai text."""

    text: str
    words: frozenset[str] = frozenset()
    thai: str = ""
    is_negated: bool = False

    def holds(self, text: str) -> bool:
        is_in = self.thai in text if self.thai else bool(self.words & set(text.split()))
        return is_in != self.is_negated


def condition(choose: random.Random) -> Condition:
    kind = choose.randrange(5)
    if kind == 0:
        thai = choose.choice(THAI)
        start = choose.randrange(len(thai) - 2)
        part = thai[start : start + choose.randint(2, 7)]
        return Condition(part, thai=part)
    same, others = choose.choice(WORDS)
    if kind == 1:
        return Condition(f'"{choose.choice(same)}"', frozenset(same))
    if kind == 2:
        return Condition(f"-{choose.choice(same)}", frozenset(same), is_negated=True)
    return Condition(choose.choice([*same, *others]), frozenset([*same, *others]))


def text(choose: random.Random) -> str:
    words = [choose.choice(choose.choice(choose.choice(WORDS))) for _ in range(choose.randint(1, 4))]
    if choose.random() < 0.5:
        words.append("".join(choose.choice(THAI) for _ in range(choose.randint(1, 3))))
    choose.shuffle(words)
    return " ".join(words)


class World:
    """Six users and their chats."""

    def __init__(self, database: Database, choose: random.Random) -> None:
        self._database, self._choose = database, choose
        with database_connection():
            for name in "abcdef":
                User.create(subject=name, username=f"user-{name}")
            users = list(User.select().order_by(User.id))
        self.actors = [Actor(user.id, str(user.uuid), user.username, False, None) for user in users]
        self.chats = [find_or_create_chat(self.actors[0], other_id=other.id) for other in self.actors[1:4]]
        self.chats.append(make_larger_chat(database, [actor.id for actor in self.actors[:5]]))
        self.chats.append(make_larger_chat(database, [actor.id for actor in self.actors[1:]]))

    def happens(self) -> None:
        """Messages, edits and deletions; some members join late, leave, clear a chat, or block another."""
        sent: list[tuple[Actor, int]] = []
        for _ in range(60):
            chat_id = self._choose.choice(self.chats)
            sender = self._choose.choice(self._members(chat_id))
            sent.append((sender, sending.send_message(sender, chat_id, text(self._choose)).id))
        for sender, id in self._choose.sample(sent, 12):
            if self._choose.random() < 0.5:
                editing.delete_message(sender, id)
            else:
                editing.edit_message(sender, id, text(self._choose))
        change = self._database.change
        larger = self.chats[-1]
        change("UPDATE chat_members SET joined_seq = 5 WHERE user_id = %s AND chat_id = %s", self.actors[2].id, larger)
        change("DELETE FROM chat_members WHERE user_id = %s AND chat_id = %s", self.actors[3].id, larger)
        change("UPDATE chat_members SET cleared_seq = 4 WHERE user_id = %s AND chat_id = ANY(%s)",
               self.actors[0].id, self.chats[:2])  # fmt: skip
        blocking.block(self.actors[1], self.actors[2].username)
        blocking.block(self.actors[0], self.actors[1].username)

    def _members(self, chat_id: int) -> list[Actor]:
        rows = self._database.rows("SELECT user_id FROM chat_members WHERE chat_id = %s", chat_id)
        return [actor for actor in self.actors if (actor.id,) in rows]

    def readable(self, actor: Actor) -> Iterator[ViewedMessage]:
        """What `GET messages` shows."""
        for chat_id in self.chats:
            with database_connection():
                try:
                    membership = access_chat(actor, chat_id)
                except NotFound:
                    continue
                yield from message_queries.page(membership, limit=100).messages


@pytest.mark.parametrize("number", range(WORLDS))
def test_search_equals_a_scan(core: Database, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "FEW", -1 if number % 2 else 2000)
    choose = random.Random(number)
    world = World(core, choose)
    indexer = Indexer()
    # The index is either complete, or older than edits, deletions and blocks.
    world.happens()
    indexer.run()
    readable = {actor.id: list(world.readable(actor)) for actor in world.actors}
    found_some = 0
    for _ in range(CASES):
        actor = choose.choice(world.actors)
        conditions = [condition(choose) for _ in range(choose.randint(1, 2))]
        if all(each.is_negated for each in conditions):
            continue
        query = " ".join(each.text for each in conditions)
        expected = {
            message.id
            for message in readable[actor.id]
            if not message.is_deleted and all(each.holds(message.content) for each in conditions)
        }
        found = messages_found(actor, query, by_time=choose.random() < 0.5, limit=choose.choice([1, 7, 50]))
        assert {message.id for message in found} == expected, (actor.username, query)
        assert len(found) == len(expected)
        found_some += bool(expected)
    assert found_some > CASES / 5
