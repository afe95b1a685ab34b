"""Unanswered commands are retried with their key, and block their lane."""

from __future__ import annotations

import pytest

from chatapp_client import ClientError, Refused, Timings
from chatapp_client.outbox import Outbox

TIMINGS = Timings(answer_wait=10, retry_first=0, retry_most=0)


def ready(outbox: Outbox, now: float) -> list[str]:
    """Keys of the commands to send now."""
    return [command.key for command in outbox.take_ready(now, over_socket=True)]


def test_lanes_are_sequential_and_independent() -> None:
    outbox = Outbox(TIMINGS)
    for key, lane in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        outbox.put("message", key, (lane,), {})
    assert ready(outbox, 0) == ["a1", "b1"]
    assert ready(outbox, 1) == []
    outbox.answered("a1", {})
    assert ready(outbox, 1) == ["a2"]


def test_unanswered_command_is_retried_with_its_key() -> None:
    outbox = Outbox(TIMINGS)
    pending = outbox.put("message", "key", ("a",), {})
    assert ready(outbox, 0) == ["key"]
    assert outbox.next_event(4) == 6
    assert ready(outbox, 9.9) == []
    assert ready(outbox, 10) == ["key"]
    assert not pending.is_done


def test_commands_in_flight_on_a_lost_socket_are_ready_at_once() -> None:
    outbox = Outbox(TIMINGS)
    outbox.put("message", "key", ("a",), {})
    ready(outbox, 0)
    outbox.socket_lost()
    assert ready(outbox, 0.1) == ["key"]


def test_retry_waits_as_long_as_the_server_asks() -> None:
    outbox = Outbox(TIMINGS)
    outbox.put("message", "key", ("a",), {})
    ready(outbox, 0)
    outbox.unknown("key", 1, retry_after=30)
    assert ready(outbox, 30.9) == []
    assert ready(outbox, 31) == ["key"]


def test_refused_command_frees_its_lane() -> None:
    outbox = Outbox(TIMINGS)
    first = outbox.put("message", "1", ("a",), {})
    outbox.put("message", "2", ("a",), {})
    ready(outbox, 0)
    outbox.refused("1", Refused("marketplace.notAllowed"))
    with pytest.raises(Refused):
        first.wait(0)
    assert ready(outbox, 0) == ["2"]


def test_repeated_key_returns_the_same_command() -> None:
    outbox = Outbox(TIMINGS)
    assert outbox.put("message", "key", ("a",), {}) is outbox.put("message", "key", ("a",), {})
    assert len(outbox) == 1


def test_duplicate_and_late_answers_are_ignored() -> None:
    outbox = Outbox(TIMINGS)
    pending = outbox.put("message", "key", ("a",), {})
    assert outbox.answered("key", {"id": 1})
    assert not outbox.answered("key", {"id": 2})
    outbox.unknown("key", 0)
    assert pending.wait(0) == {"id": 1}
    assert outbox.next_event(0) is None


def test_pending_commands_fail_when_the_client_stops() -> None:
    outbox = Outbox(TIMINGS)
    pending = outbox.put("message", "key", ("a",), {})
    with pytest.raises(TimeoutError):
        pending.wait(0)
    outbox.give_up(ClientError("closed"))
    with pytest.raises(ClientError, match="closed"):
        pending.wait(0)
