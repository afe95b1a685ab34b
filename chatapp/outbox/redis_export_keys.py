"""Names and formats of the keys of the Redis export.

`unread:{user}` and `unread:{user}:{chat}` are numbers, `last_msg:{chat}` is a hash of id, sender_id, content and
created_at; {user} and {chat} are UUIDs. `mirror` is the state of the export. It is lost together with all other keys:
its absence reveals the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from redis.client import Pipeline

from chatapp import clock, presence
from chatapp.ids import public
from chatapp.infra.batching import in_batches
from chatapp.infra.redis_client import redis
from chatapp.queries.redis_export import ChatUnread, LastMessage, UserState

LIFE = 7 * 86400  # seconds after the last change until a key expires
# The state when no key is missing. After a rebuild it is the time of that, in seconds since 1970, until the users who
# are online are added.
COMPLETE = "whole"
_STATE = "mirror"
_CHUNK = 500  # values written by one pipeline
_SCANNED = 1000  # keys that Redis scans per answer: less than a millisecond

T = TypeVar("T")


def state() -> str | None:
    """The state of the export; None if Redis lost it."""
    found = redis().get(_STATE)
    return None if found is None else found.decode()  # type: ignore[union-attr]


def set_state(value: str) -> None:
    """Set the state of the export."""
    redis().set(_STATE, value)


def write_users(users: Iterable[UserState]) -> None:
    """Write unread messages over all chats, and `last_seen` where Redis lost it."""

    def write(pipeline: Pipeline, user: UserState) -> None:
        if user.is_erased:
            return
        pipeline.set(f"unread:{user.uuid}", user.unread, ex=LIFE)
        if user.hides_last_seen:
            pipeline.delete(presence.last_seen_key(user.uuid))
        elif user.last_seen is not None:
            presence.restore_last_seen(pipeline, user.uuid, user.last_seen)

    _write(users, write)


def write_unread(entries: Iterable[ChatUnread]) -> None:
    """Write unread messages of members in their chats."""

    def write(pipeline: Pipeline, entry: ChatUnread) -> None:
        pipeline.set(_unread_key(entry.user_uuid, entry.chat_id), entry.unread, ex=LIFE)

    _write(entries, write)


def write_last_messages(messages: Iterable[LastMessage]) -> None:
    """Write the newest messages of chats."""

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
    """Remove the keys of deleted chats.

    Parameters:
        members: UUIDs of the former members, by chat id.
    """

    def write(pipeline: Pipeline, deleted: tuple[int, Iterable[str]]) -> None:
        chat_id, uuids = deleted
        pipeline.delete(_last_message_key(chat_id), *(_unread_key(uuid, chat_id) for uuid in uuids))

    _write(members.items(), write)


def forget_unread(memberships: Iterable[tuple[str, int]]) -> None:
    """Remove what is unread of users who have left groups.

    Parameters:
        memberships: pairs of a user's UUID and a chat id.
    """
    keys = [_unread_key(uuid, chat_id) for uuid, chat_id in memberships]
    _write(keys, lambda pipeline, key: pipeline.unlink(key))


def forget_person(uuid: str, chat_ids: Iterable[int]) -> None:
    """Remove the keys of an erased user."""
    keys = [f"unread:{uuid}", *(_unread_key(uuid, chat_id) for chat_id in chat_ids)]
    _write(keys, lambda pipeline, key: pipeline.unlink(key))
    presence.forget_last_seen(uuid)


def forget_all() -> None:
    """Remove every key of the export but its state."""
    for pattern in ("unread:*", "last_msg:*"):
        keys = redis().scan_iter(match=pattern, count=_SCANNED)
        _write(keys, lambda pipeline, key: pipeline.unlink(key))


def _write(values: Iterable[T], write: Callable[[Pipeline, T], object]) -> None:
    for chunk in in_batches(values, _CHUNK):
        with redis().pipeline(transaction=False) as pipeline:
            for value in chunk:
                write(pipeline, value)
            pipeline.execute()


def _unread_key(user_uuid: str, chat_id: int) -> str:
    return f"unread:{user_uuid}:{public.encode_chat(chat_id)}"


def _last_message_key(chat_id: int) -> str:
    return f"last_msg:{public.encode_chat(chat_id)}"
