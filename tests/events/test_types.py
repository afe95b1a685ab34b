"""Events as JSON: every kind is read back; kinds and fields of a later release are skipped."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import orjson
import pytest

from chatapp.events import types
from chatapp.events.types import ChatChanged, Event, MessageDeleted, Signal, TypingChanged, UnreadCounted

TYPING = TypingChanged((1, 2), chat_id=7, version=9, user_id=1, is_typing=True, user_uuid="u")
DELETED = MessageDeleted((1, 2), chat_id=7, version=9, message_id=5, deleted_by=1, deleted_at="now")


def filled(hint: Any) -> Any:
    """A value of a type that is not a default."""
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: filled(hints[field.name]) for field in fields(hint)})  # type: ignore[operator]
    if get_origin(hint) is tuple:
        return (filled(get_args(hint)[0]),)
    if get_origin(hint) is dict:
        return {"key": [1, "Ж"]}
    if type(None) in get_args(hint):
        return filled(get_args(hint)[0])
    return {int: 2**53 - 1, str: 'text "Ж😀"\n', bool: True}[hint]


@pytest.mark.parametrize("kind", types._TRAVELLING, ids=lambda kind: kind.kind)
def test_every_kind_is_read_back(kind: type[Event]) -> None:
    event = filled(kind)
    assert types.from_json(types.to_json([event, event])) == [event, event]


@pytest.mark.parametrize("kind", types._TRAVELLING, ids=lambda kind: kind.kind)
def test_a_change_or_a_signal_travels(kind: type[Event]) -> None:
    assert issubclass(kind, ChatChanged) != issubclass(kind, Signal)


def test_a_notice_is_not_read_back() -> None:
    assert types.from_json(types.to_json([UnreadCounted((1,), 3), TYPING])) == [TYPING]


def test_a_worker_recognises_its_own_events_without_reading_them() -> None:
    data = types.encode([TYPING], "worker-1")
    assert types.origin_of(data) == "worker-1"
    assert types.decode(data) == [TYPING]


def test_kinds_and_fields_of_a_later_release_are_skipped() -> None:
    stored = orjson.loads(types.to_json([TYPING, DELETED]))
    stored[0][0] = "invented_later"
    stored[1][1]["invented_later"] = {"a": 1}
    assert types.from_json(orjson.dumps(stored)) == [DELETED]


def test_changed_events_are_stored_again_and_others_as_they_were() -> None:
    later = ["invented_later", {"a": 1}]
    text = orjson.dumps([*orjson.loads(types.to_json([TYPING, DELETED])), later]).decode()

    def redact(event: Event) -> Event:
        return replace(event, deleted_at="") if isinstance(event, MessageDeleted) else event

    changed = types.changed_json(text, redact)
    assert changed is not None
    assert types.from_json(changed) == [TYPING, replace(DELETED, deleted_at="")]
    assert orjson.loads(changed)[-1] == later


def test_nothing_is_written_where_no_event_changed() -> None:
    assert types.changed_json(types.to_json([TYPING]).decode(), lambda event: event) is None
