"""Events as JSON: every kind is read back; kinds and fields of a later release are skipped."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import orjson
import pytest

from chatapp.events import encoding
from chatapp.events.snapshots import MessageSnapshot, Person, ViewedMessage
from chatapp.events.types import (
    ChatChanged,
    Event,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    Signal,
    TypingChanged,
    UnreadCounted,
)

TYPING = TypingChanged((1, 2), chat_id=7, version=9, user_id=1, is_typing=True, user_uuid="u")
DELETED = MessageDeleted((1, 2), chat_id=7, version=9, message_id=5, deleted_by=1, deleted_at="now")


PEOPLE = [Person(id, f"uuid-{id}", f"user-{id}", "", None) for id in (1, 2)]


def filled(hint: Any) -> Any:
    """A value of a type that is not a default."""
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: filled(hints[field.name]) for field in fields(hint) if field.init})  # type: ignore[operator]
    if get_origin(hint) is tuple:
        return (filled(get_args(hint)[0]),)
    if get_origin(hint) is dict:
        return {"key": [1, "Ж"]}
    if type(None) in get_args(hint):
        return filled(get_args(hint)[0])
    return {int: 2**53 - 1, str: 'text "Ж😀"\n', bool: True}[hint]


@pytest.mark.parametrize("kind", encoding._TRAVELLING, ids=lambda kind: kind.kind)
def test_every_kind_is_read_back(kind: type[Event]) -> None:
    event = filled(kind)
    assert encoding.from_json(encoding.to_json([event, event])) == [event, event]


@pytest.mark.parametrize("kind", encoding._TRAVELLING, ids=lambda kind: kind.kind)
def test_a_change_or_a_signal_travels(kind: type[Event]) -> None:
    assert issubclass(kind, ChatChanged) != issubclass(kind, Signal)


def test_a_notice_is_not_read_back() -> None:
    assert encoding.from_json(encoding.to_json([UnreadCounted((1,), 3), TYPING])) == [TYPING]


def test_a_worker_recognises_its_own_events_without_reading_them() -> None:
    data = encoding.encode([TYPING], "worker-1")
    assert encoding.origin_of(data) == "worker-1"
    assert encoding.decode(data) == [TYPING]


def test_kinds_and_fields_of_a_later_release_are_skipped() -> None:
    stored = orjson.loads(encoding.to_json([TYPING, DELETED]))
    stored[0][0] = "invented_later"
    stored[1][1]["invented_later"] = {"a": 1}
    assert encoding.from_json(orjson.dumps(stored)) == [DELETED]


SENT = MessageSent(
    (1, 2),
    chat_id=7,
    version=9,
    message=MessageSnapshot(5, 7, 9, 9, *PEOPLE, "text", "Hi", None, "key", "now", "now"),
)


def test_the_release_before_finds_the_counterpart_under_its_former_name() -> None:
    ((_, stored),) = orjson.loads(encoding.to_json([SENT]))
    assert stored["message"]["receiver"] == stored["message"]["counterpart"] == asdict(PEOPLE[1])
    assert "is_read" not in stored["message"], "it defaults to unread"


def test_events_of_the_release_before_are_read() -> None:
    stored = orjson.loads(encoding.to_json([SENT]))
    message = stored[0][1]["message"]
    del message["counterpart"]
    for is_read in (False, True):
        message["is_read"] = is_read
        (event,) = encoding.from_json(orjson.dumps(stored))
        assert isinstance(event, MessageSent)
        assert (event.message.counterpart, event.message.is_read) == (PEOPLE[1], is_read)
    del message["receiver"], message["is_read"]
    (event,) = encoding.from_json(orjson.dumps(stored))
    assert isinstance(event, MessageSent) and event.message.counterpart is None, "of a larger chat"


def test_an_edited_message_stays_read() -> None:
    values = {field.name: getattr(SENT.message, field.name) for field in fields(SENT.message) if field.init}
    edited = MessageEdited((1, 2), chat_id=7, version=10, message=ViewedMessage(**values, is_read=True))
    ((_, stored),) = orjson.loads(encoding.to_json([edited]))
    assert stored["message"]["is_read"] is True
    assert encoding.from_json(encoding.to_json([edited])) == [edited]


def test_changed_events_are_stored_again_and_others_as_they_were() -> None:
    later = ["invented_later", {"a": 1}]
    text = orjson.dumps([*orjson.loads(encoding.to_json([TYPING, DELETED])), later]).decode()

    def redact(event: Event) -> Event:
        return replace(event, deleted_at="") if isinstance(event, MessageDeleted) else event

    changed = encoding.changed_json(text, redact)
    assert changed is not None
    assert encoding.from_json(changed) == [TYPING, replace(DELETED, deleted_at="")]
    assert orjson.loads(changed)[-1] == later


def test_nothing_is_written_where_no_event_changed() -> None:
    assert encoding.changed_json(encoding.to_json([TYPING]).decode(), lambda event: event) is None
