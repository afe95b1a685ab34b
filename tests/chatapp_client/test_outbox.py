"""What is not answered is sent again under its key, and the next of its lane waits for it."""

from __future__ import annotations

import pytest

from chatapp_client import ClientError, Pace, Refused
from chatapp_client.outbox import Outbox

PACE = Pace(answer_wait=10, retry_first=0, retry_most=0)


def ready(outbox: Outbox, now: float) -> list[str]:
    """Keys of what is to be sent now."""
    return [command.key for command in outbox.take_ready(now, over_socket=True)]


def test_a_lane_sends_one_at_a_time_and_lanes_do_not_wait_for_each_other() -> None:
    outbox = Outbox(PACE)
    for key, lane in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        outbox.put("message", key, (lane,), {})
    assert ready(outbox, 0) == ["a1", "b1"]
    assert ready(outbox, 1) == []
    outbox.answered("a1", {})
    assert ready(outbox, 1) == ["a2"]


def test_without_an_answer_it_is_sent_again_under_its_key() -> None:
    outbox = Outbox(PACE)
    pending = outbox.put("message", "key", ("a",), {})
    assert ready(outbox, 0) == ["key"]
    assert outbox.next_event(4) == 6
    assert ready(outbox, 9.9) == []
    assert ready(outbox, 10) == ["key"]
    assert not pending.is_done


def test_what_was_on_its_way_over_a_lost_socket_is_ready_at_once() -> None:
    outbox = Outbox(PACE)
    outbox.put("message", "key", ("a",), {})
    ready(outbox, 0)
    outbox.socket_lost()
    assert ready(outbox, 0.1) == ["key"]


def test_not_now_waits_as_long_as_the_server_asks() -> None:
    outbox = Outbox(PACE)
    outbox.put("message", "key", ("a",), {})
    ready(outbox, 0)
    outbox.unknown("key", 1, retry_after=30)
    assert ready(outbox, 30.9) == []
    assert ready(outbox, 31) == ["key"]


def test_a_refusal_ends_one_and_lets_the_next_go() -> None:
    outbox = Outbox(PACE)
    first = outbox.put("message", "1", ("a",), {})
    outbox.put("message", "2", ("a",), {})
    ready(outbox, 0)
    outbox.refused("1", Refused("marketplace.notAllowed"))
    with pytest.raises(Refused):
        first.wait(0)
    assert ready(outbox, 0) == ["2"]


def test_the_same_key_is_the_same_command() -> None:
    outbox = Outbox(PACE)
    assert outbox.put("message", "key", ("a",), {}) is outbox.put("message", "key", ("a",), {})
    assert len(outbox) == 1


def test_answers_that_come_twice_or_too_late_change_nothing() -> None:
    outbox = Outbox(PACE)
    pending = outbox.put("message", "key", ("a",), {})
    assert outbox.answered("key", {"id": 1})
    assert not outbox.answered("key", {"id": 2})
    outbox.unknown("key", 0)
    assert pending.wait(0) == {"id": 1}
    assert outbox.next_event(0) is None


def test_whoever_waits_hears_of_the_end() -> None:
    outbox = Outbox(PACE)
    pending = outbox.put("message", "key", ("a",), {})
    with pytest.raises(TimeoutError):
        pending.wait(0)
    outbox.give_up(ClientError("closed"))
    with pytest.raises(ClientError, match="closed"):
        pending.wait(0)
