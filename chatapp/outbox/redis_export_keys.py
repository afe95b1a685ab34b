"""The names and forms of the mirror's keys.

`unread:{user}` and `unread:{user}:{chat}` are numbers, `last_msg:{chat}` is a hash of id, sender_id, content and
created_at, where {user} and {chat} are UUIDs. `redis_export` says how far a rebuild came; it is lost with all others,
and its absence is how their loss is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from redis.client import Pipeline

from chatapp import clock, presence
from chatapp.ids import public
from chatapp.infra import clients
from chatapp.infra.batching import in_batches
from chatapp.queries.redis_export import LastMessage, Person, Place

LIFE = 7 * 86400  # seconds after its last change that a key is kept
WHOLE = "whole"  # the state when nothing is missing; until then it is the second since 1970 of the rebuild
_STATE = "mirror"
_CHUNK = 500  # values written by one pipeline
_SCANNED = 1000  # keys that Redis looks at for one answer: less than a millisecond

T = TypeVar("T")


def state() -> str | None:
    """How far the mirror is; None when Redis has lost it."""
    found = clients.redis.get(_STATE)
    return None if found is None else found.decode()  # type: ignore[union-attr]


def set_state(value: str) -> None:
    """Note how far the mirror is."""
    clients.redis.set(_STATE, value)


def write_people(people: Iterable[Person]) -> None:
    """Unread messages over all chats; and when somebody was last seen, where Redis lost that."""

    def write(pipeline: Pipeline, person: Person) -> None:
        if person.is_erased:
            return
        pipeline.set(f"unread:{person.uuid}", person.unread, ex=LIFE)
        if person.last_seen is not None:
            presence.restore_last_seen(pipeline, person.uuid, person.last_seen)

    _write(people, write)


def write_places(places: Iterable[Place]) -> None:
    """Unread messages of one person in one chat."""

    def write(pipeline: Pipeline, place: Place) -> None:
        pipeline.set(_place_key(place.user_uuid, place.chat_id), place.unread, ex=LIFE)

    _write(places, write)


def write_last_messages(messages: Iterable[LastMessage]) -> None:
    """The newest message of a chat."""

    def write(pipeline: Pipeline, message: LastMessage) -> None:
        key = _last_message_key(message.chat_id)
        fields: dict[Any, Any] = {
            "id": public.encode_message(message.id),
            "sender_id": message.sender_uuid,
            "content": message.content,
            "created_at": clock.rfc3339(message.created_at),
        }
        pipeline.hset(key, mapping=fields)
        pipeline.expire(key, LIFE)

    _write(messages, write)


def forget_chats(members: Mapping[int, Iterable[str]]) -> None:
    """Remove the keys of chats that are gone; `members` are the UUIDs of who was in them."""

    def write(pipeline: Pipeline, gone: tuple[int, Iterable[str]]) -> None:
        chat_id, uuids = gone
        pipeline.delete(_last_message_key(chat_id), *(_place_key(uuid, chat_id) for uuid in uuids))

    _write(members.items(), write)


def forget_person(uuid: str, chat_ids: Iterable[int]) -> None:
    """Remove what is kept of an erased person."""
    keys = [f"unread:{uuid}", *(_place_key(uuid, chat_id) for chat_id in chat_ids)]
    _write(keys, lambda pipeline, key: pipeline.unlink(key))
    presence.forget_last_seen(uuid)


def forget_all() -> None:
    """Remove every key of the mirror but its state."""
    for pattern in ("unread:*", "last_msg:*"):
        keys = clients.redis.scan_iter(match=pattern, count=_SCANNED)
        _write(keys, lambda pipeline, key: pipeline.unlink(key))


def _write(values: Iterable[T], write: Callable[[Pipeline, T], object]) -> None:
    for chunk in in_batches(values, _CHUNK):
        with clients.redis.pipeline(transaction=False) as pipeline:
            for value in chunk:
                write(pipeline, value)
            pipeline.execute()


def _place_key(user_uuid: str, chat_id: int) -> str:
    return f"unread:{user_uuid}:{public.encode_chat(chat_id)}"


def _last_message_key(chat_id: int) -> str:
    return f"last_msg:{public.encode_chat(chat_id)}"
