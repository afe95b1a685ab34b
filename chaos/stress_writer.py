"""One of the processes of `chaos.stress`: writes to chats through the actions, as a web worker does.

Reads a plan as JSON from standard input; prints what was acknowledged as JSON at the end.
"""

from gevent import monkey

monkey.patch_all()  # before anything that it replaces is imported

# ruff: noqa: E402
import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import gevent

from chatapp.actions import blocking, editing, group_commit, one_trip, reading, removal, sending
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError
from chatapp.infra.gevent_psycopg import patch_psycopg
from chatapp.infra.postgres import database_connection, db
from chatapp.ops import runtime
from config import load

GREENLETS = 8
BLOCKED_FOR = 0.05  # seconds
TIMEOUT = 30.0  # seconds for a statement


@dataclass
class Plan:
    """What a process does.

    Attributes:
        chats: id, and the ids of both members.
        doomed: the chat that is deleted halfway, and the user who does it; None for a process that deletes none.
        two_trips: whether to store messages as the release before.
    """

    number: int
    sends: int
    chats: list[tuple[int, int, int]]
    doomed: tuple[int, int] | None
    two_trips: bool


@dataclass
class Writer:
    """Sends until the plan is fulfilled, and writes everything else in between.

    Attributes:
        acks: sender, key, chat, id and seq of each acknowledged send.
        blocks: chat, begin and end of blocks, in milliseconds of the database's clock.
        refusals: number by code.
    """

    plan: Plan
    acks: list[tuple[int, str, int, int, int]] = field(default_factory=list)
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)
    _sent: int = 0
    _blocked: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Run all greenlets to their end."""
        greenlets = [gevent.spawn(self._write, random.Random(f"{self.plan.number}-{n}")) for n in range(GREENLETS)]
        gevent.joinall(greenlets, raise_error=True)

    def _write(self, chance: random.Random) -> None:
        while self._sent < self.plan.sends:
            if self.plan.doomed is not None and self._sent >= self.plan.sends / 2:
                (chat_id, member), self.plan.doomed = self.plan.doomed, None
                self._attempt(removal.delete_chat, _actor(member), chat_id)
            chat_id, *members = chance.choice(self.plan.chats)
            member = chance.choice(members)
            kind = chance.random()
            if kind < 0.75:
                self._attempt(self._send, chance, member, chat_id)
            elif kind < 0.87:
                self._attempt(reading.mark_read, _actor(member), chat_id)
            elif kind < 0.99:
                self._attempt(self._change, chance)
            else:
                self._attempt(self._block, *members, chat_id)

    def _send(self, chance: random.Random, sender: int, chat_id: int) -> None:
        self._sent += 1
        key = f"{self.plan.number}-{self._sent}"
        if self._sent % 10 == 0:  # the other process sends the same, at about the same time
            key = f"shared-{self._sent}"
            chat_id, sender, _ = self.plan.chats[self._sent % len(self.plan.chats)]
        elif self._sent % 20 == 1:  # the other process uses the key in the sender's other chat
            key, sender = f"crossed-{self._sent}", self.plan.chats[1][2]
            chat_id = self.plan.chats[1 + self.plan.number][0]
        elif self.acks and chance.random() < 0.1:  # again, whatever has happened to the message since
            sender, key, chat_id, *_ = chance.choice(self.acks[-50:])
        message = sending.send_message(_actor(sender), chat_id, f"message {key}", idempotency_key=key)
        self.acks.append((sender, key, chat_id, message.id, message.seq))

    def _change(self, chance: random.Random) -> None:
        if self.acks:
            sender, key, _, message_id, _ = chance.choice(self.acks[-50:])
            if chance.random() < 0.7:
                editing.edit_message(_actor(sender), message_id, f"edited {key} {chance.random()}")
            else:
                editing.delete_message(_actor(sender), message_id)

    def _block(self, first: int, second: int, chat_id: int) -> None:
        """Block the other for a moment: one process as the first member, one as the second.

        One block of a chat at a time: the end of another one would end this one, too.
        """
        if chat_id in self._blocked:
            return
        self._blocked.add(chat_id)
        blocker, blocked = (first, second) if self.plan.number else (second, first)
        try:
            blocking.block(_actor(blocker), str(blocked))
            begin = _clock_ms()
            gevent.sleep(BLOCKED_FOR)
            end = _clock_ms()
            blocking.unblock(_actor(blocker), str(blocked))
            self.blocks.append((chat_id, begin, end))
        finally:
            self._blocked.discard(chat_id)

    def _attempt(self, write: Callable[..., object], *arguments: object) -> None:
        try:
            write(*arguments)
        except ChatError as refused:
            self.refusals[refused.code] = self.refusals.get(refused.code, 0) + 1


def _actor(user_id: int) -> Actor:
    return Actor(user_id, "", str(user_id), False, None)


def _clock_ms() -> int:
    with database_connection():
        row = db.execute_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").fetchone()
    return int(row[0])


def main() -> None:
    """Run the plan."""
    plan = Plan(**json.load(sys.stdin))
    patch_psycopg(TIMEOUT)
    runtime.build(load(os.environ))
    if plan.two_trips:
        one_trip.commit = group_commit.commit
    writer = Writer(plan)
    writer.run()
    json.dump({"acks": writer.acks, "blocks": writer.blocks, "refusals": writer.refusals}, sys.stdout)


if __name__ == "__main__":
    main()
