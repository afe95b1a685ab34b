"""The program of `storing`: sends a message for each line of its input, in the checkout that it runs in.

Prints the CPU nanoseconds of its backend for the message before, and its own for this one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chatapp import transaction
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.bus import bus
from chatapp.events.types import Event
from chatapp.infra.postgres import database_connection, db
from chatapp.ops import runtime
from config import load

EVERY = 12  # chats, of which one is written to, by one of its members
RECORDED_AFTER = 200  # messages: those of a second


def main() -> None:
    """Answer each line of the input with a line."""
    runtime.build(load(os.environ))
    bus.publish = _publish  # type: ignore[method-assign, assignment]
    # The release before marks rows instead.
    record = getattr(transaction, "record_published" if hasattr(transaction, "record_published") else "mark_published")
    with database_connection():
        ((pid,),) = db.execute_sql("SELECT pg_backend_pid()").fetchall()
        chats = db.execute_sql("SELECT id, buyer_id FROM chats ORDER BY id").fetchall()[::EVERY]
    schedule = Path(f"/proc/{pid}/schedstat")
    before = 0
    for number, _ in enumerate(sys.stdin):
        chat_id, sender_id = chats[number % len(chats)]
        backend = int(schedule.read_text().split()[0])
        started = time.process_time_ns()
        text, key = f"message {number} {'x' * 180}", f"key-{number}"
        send_message(Actor(sender_id, "", ""), chat_id, text, idempotency_key=key, origin="socket")
        if number % RECORDED_AFTER == 0:
            record()
        print(backend - before, time.process_time_ns() - started, flush=True)
        before = backend


def _publish(events: Sequence[Event], on_published: Callable[[], None] | None = None) -> None:
    """As the only worker publishes, without sockets."""
    if on_published:
        on_published()


if __name__ == "__main__":
    main()
