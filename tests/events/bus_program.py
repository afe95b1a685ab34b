"""A worker's bus in a process of its own: reads commands as JSON lines, and prints what happens in it.

Events are `TypingChanged`, distinguished by their chat ids.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import gevent

from chatapp.errors import Unavailable
from chatapp.events import types
from chatapp.events.bus import Bus
from chatapp.infra.redis_client import redis
from config import load

DEFECT = 666  # id of a chat whose events the listener fails on
MISSED = 900  # id of the chat of the event that `read_recent` returns


def say(**what: Any) -> None:
    """Print one line."""
    print(json.dumps(what), flush=True)


def event(chat_id: int, *recipients: int) -> types.Event:
    """An event about a chat."""
    return types.TypingChanged(recipients=recipients, chat_id=chat_id, version=1, user_id=1, is_typing=True)


def receive(received: types.Event, via: int | None) -> None:
    """The listener."""
    assert isinstance(received, types.TypingChanged)
    if received.chat_id == DEFECT:
        raise ZeroDivisionError
    say(event=received.chat_id, via=via)


def read_recent(seconds: float) -> list[types.Event]:
    """What was committed lately."""
    say(replayed_seconds=seconds)
    if "postgres is away" in sys.argv:
        raise Unavailable("database")
    return [event(MISSED, 1)]


def main() -> None:
    redis.bind(load(os.environ))
    bus = Bus()
    if "publishing only" in sys.argv:
        bus.start_publishing()
    else:
        bus.start(receive, read_recent)
    say(started=bus.is_connected)
    # In a thread of the loop's pool, so that greenlets run while no command comes.
    for line in iter(lambda: gevent.get_hub().threadpool.apply(sys.stdin.readline), ""):
        command, *arguments = json.loads(line)
        if command == "subscribe":
            bus.subscribe(*arguments)
        elif command == "unsubscribe":
            bus.unsubscribe(*arguments)
        elif command == "publish":
            for chat_id, *recipients in arguments:
                bus.publish([event(chat_id, *recipients)], lambda chat_id=chat_id: say(published=chat_id))
        elif command == "publish together":
            bus.publish([event(chat_id, *recipients) for chat_id, *recipients in arguments])
        elif command == "pause":  # other greenlets run
            gevent.sleep(*arguments)
        watch = bus.sole_worker
        say(done=command, is_connected=bus.is_connected, is_sole=watch.is_sole, sole_since=watch.sole_since)
