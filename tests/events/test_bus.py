"""The bus: events reach the workers that subscribed, in order and once, also after Redis was away."""

from __future__ import annotations

import redis

from chatapp.events.bus import COMMIT_MARGIN, channels_of
from chatapp.events.types import PresenceChanged, UnreadCounted
from deploy.embedded import RedisServer
from tests.events.bus_program import DEFECT, MISSED
from tests.events.conftest import StartWorker
from tests.servers import await_true

ALICE, BOB = 1, 2


def publishes(server: RedisServer) -> int:
    """How many PUBLISH commands Redis has run."""
    with redis.Redis.from_url(server.url) as client:
        stats = client.info("commandstats")
    return int(stats.get("cmdstat_publish", {"calls": 0})["calls"])


def test_events_reach_subscribers_of_other_workers_alone(start_worker: StartWorker) -> None:
    sender, receiver = start_worker(), start_worker()
    receiver.do("subscribe", BOB)
    sender.do("publish", [10, ALICE], [11, ALICE, BOB])
    assert receiver.events(until=11) == [(11, BOB)]
    receiver.do("unsubscribe", BOB)
    receiver.do("subscribe", ALICE)
    sender.do("publish", [12, BOB], [13, ALICE])
    assert receiver.events(until=13) == [(13, ALICE)]


def test_notices_have_no_channel() -> None:
    assert len(channels_of(PresenceChanged((ALICE, BOB), 3, True, None))) == 2
    assert channels_of(UnreadCounted((ALICE,), 3)) == []


def test_a_worker_delivers_its_own_events_once(start_worker: StartWorker) -> None:
    worker, other = start_worker(), start_worker()
    for one in (worker, other):
        one.do("subscribe", BOB)
    worker.do("publish", [10, BOB])
    assert other.events(until=10) == [(10, BOB)]
    other.do("publish", [11, BOB])
    # By then Redis has sent the worker its own event, too.
    assert worker.events(until=11) == [(10, None), (11, BOB)]


def test_order_is_kept(start_worker: StartWorker) -> None:
    sender, receiver = start_worker(), start_worker()
    receiver.do("subscribe", BOB)
    sender.do("publish", *([chat_id, BOB] for chat_id in range(1, 601)))
    assert receiver.events(until=600) == [(chat_id, BOB) for chat_id in range(1, 601)]


def test_a_chat_within_one_worker_costs_no_publish(start_worker: StartWorker, own_redis: RedisServer) -> None:
    worker, other = start_worker(), start_worker()
    for user_id in (ALICE, BOB):
        worker.do("subscribe", user_id)
    other.do("subscribe", 3)
    worker.do("publish", [10, ALICE, BOB])
    assert worker.next("published") == {"published": 10}
    assert publishes(own_redis) == 0
    worker.do("publish", [11, 3])
    other.events(until=11)
    assert publishes(own_redis) == 1


def test_a_worker_without_others_publishes_nothing_until_another_starts(
    start_worker: StartWorker, own_redis: RedisServer
) -> None:
    first = start_worker()
    for chat_id in (10, 11):
        first.do("publish", [chat_id, BOB])
        assert first.next("published") == {"published": chat_id}
    assert publishes(own_redis) == 0
    second = start_worker()
    second.do("subscribe", BOB)
    first.do("publish", [12, BOB])
    assert second.events(until=12) == [(12, BOB)]


def test_many_messages_to_a_larger_chat_are_one_publish_whatever_its_members(
    start_worker: StartWorker, own_redis: RedisServer
) -> None:
    sender, *receivers = (start_worker() for _ in range(3))
    chat_id, last = 10, 11
    for first, receiver in enumerate(receivers):
        for user_id in range(first, 40, 2):
            receiver.do("subscribe", user_id, [chat_id, last])
    sender.do("publish together", *[[chat_id]] * 256)
    sender.do("publish", [last])
    for receiver in receivers:
        assert receiver.events(until=last) == [(chat_id, None)] * 256 + [(last, None)]
    assert publishes(own_redis) == 2, "one for each chat"


def test_a_worker_leaves_a_larger_chat_with_its_last_member(start_worker: StartWorker, own_redis: RedisServer) -> None:
    sender, receiver = start_worker(), start_worker()
    receiver.do("subscribe", ALICE, [10, 11])
    receiver.do("subscribe", BOB, [10])
    receiver.do("unsubscribe", ALICE, [11])
    sender.do("publish", [11], [10])
    assert receiver.events(until=10) == [(10, None)]


def test_a_process_that_only_publishes_reaches_workers(start_worker: StartWorker) -> None:
    publisher, receiver = start_worker("publishing only"), start_worker()
    receiver.do("subscribe", BOB)
    publisher.do("publish", [10, BOB])
    assert receiver.events(until=10) == [(10, BOB)]
    assert publisher.next("published") == {"published": 10}


def test_a_defect_of_the_listener_stops_nothing(start_worker: StartWorker) -> None:
    sender, receiver = start_worker(), start_worker()
    receiver.do("subscribe", BOB)
    sender.do("publish together", [DEFECT, BOB], [10, BOB])
    assert sender.events(until=10) == [(10, None)]
    assert receiver.events(until=10) == [(10, BOB)]
    assert "event not delivered" in receiver.log


def test_without_redis_events_stay_local_and_are_left_to_the_relay(
    start_worker: StartWorker, own_redis: RedisServer
) -> None:
    worker = start_worker()
    own_redis.kill()
    await_true(lambda: not worker.do("pause", 0.01)["is_connected"])
    worker.begin("publish", [10, BOB])
    assert worker.events(until=10) == [(10, None)]
    await_true(lambda: "left to the relay" in worker.log)
    own_redis.start()
    await_true(lambda: worker.do("pause", 0.01)["is_connected"])
    worker.begin("publish", [11, BOB])
    assert worker.next("published") == {"published": 11}, "10 was not"


def test_a_worker_starts_without_redis(start_worker: StartWorker, own_redis: RedisServer) -> None:
    own_redis.kill()
    worker = start_worker()
    assert not worker.started_connected
    own_redis.start()
    await_true(lambda: worker.do("pause", 0.01)["is_connected"])
    assert worker.events(until=MISSED) == [(MISSED, None)], "others may have published before"


def test_a_worker_replays_what_it_missed(start_worker: StartWorker, own_redis: RedisServer) -> None:
    sender, receiver = start_worker(), start_worker()
    receiver.do("subscribe", BOB)
    sender.do("publish", [10, BOB])
    receiver.events(until=10)
    own_redis.restart()
    assert receiver.next("replayed_seconds")["replayed_seconds"] > COMMIT_MARGIN
    assert receiver.events(until=MISSED) == [(MISSED, None)]
    sender.next("replayed_seconds")
    sender.do("publish", [11, BOB])
    assert receiver.events(until=11) == [(11, BOB)], "the subscription is back"


def test_without_postgres_nothing_is_replayed_and_the_bus_goes_on(
    start_worker: StartWorker, own_redis: RedisServer
) -> None:
    sender, receiver = start_worker(), start_worker("postgres is away")
    receiver.do("subscribe", BOB)
    own_redis.restart()
    receiver.next("replayed_seconds")
    sender.next("replayed_seconds")
    sender.do("publish", [10, BOB])
    assert receiver.events(until=10) == [(10, BOB)]
    assert "missed events not replayed" in receiver.log
