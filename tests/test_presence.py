"""Presence in Redis: who counts as online, and what remains when connections, workers or keys are gone."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

from chatapp import presence
from chatapp.infra.redis_client import redis
from chatapp.presence import TTL, Presence
from config import load
from deploy.embedded import RedisServer

ALICE, BOB = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
PHONE, LAPTOP = Presence(1, ALICE, "0001"), Presence(1, ALICE, "0002")
BOBS = Presence(2, BOB, "0003")


@pytest.fixture
def server(environment: dict[str, str], tmp_path: Path) -> Iterator[RedisServer]:
    """An empty Redis, to which this process is bound."""
    with RedisServer(tmp_path / "redis") as started:
        redis.bind(load({**environment, "REDIS_URL": started.url}))
        yield started


@pytest.fixture
def keys(server: RedisServer) -> Iterator[redis_py.Redis]:
    """A client to look with."""
    with redis_py.Redis.from_url(server.url, decode_responses=True) as client:
        yield client


def expire(keys: redis_py.Redis, connection: Presence) -> None:
    """Set the expiry of a connection into the past, as if nothing had refreshed it."""
    past = time.time() - 1
    keys.zadd("connections", {f"{connection.user_id}:{connection.uuid}:{connection.connection_id}": past})
    keys.zadd(f"connections:{connection.user_id}", {connection.connection_id: past})


@pytest.mark.usefixtures("server")
def test_the_first_connection_brings_a_user_online() -> None:
    assert presence.opened(LAPTOP) == (True, ["0002"])
    assert presence.opened(PHONE) == (False, ["0001", "0002"]), "oldest first"
    assert presence.online_among([ALICE, BOB]) == {ALICE}
    assert presence.online_among([]) == set()


def test_a_user_leaves_with_their_last_connection(keys: redis_py.Redis) -> None:
    presence.opened(PHONE)
    presence.opened(LAPTOP)
    presence.closed([PHONE])
    assert not presence.leave([PHONE.user])
    presence.closed([LAPTOP])
    assert presence.online_among([ALICE]) == {ALICE}, "until they leave"
    assert presence.leave([PHONE.user])
    assert not presence.leave([PHONE.user]), "they have left already"
    assert presence.online_among([ALICE]) == set()
    assert keys.zcard("connections") == keys.exists("connections:1", f"ws:{ALICE}") == 0


@pytest.mark.usefixtures("server")
def test_those_who_leave_are_told_from_those_who_stay() -> None:
    for connection in (PHONE, LAPTOP, BOBS):
        presence.opened(connection)
    presence.closed([PHONE, BOBS])
    assert presence.leave([PHONE.user, BOBS.user]) == [BOBS.user]
    assert presence.leave([]) == []
    assert presence.online_among([ALICE, BOB]) == {ALICE}


def test_expired_connections_are_taken_once(keys: redis_py.Redis) -> None:
    for connection in (PHONE, LAPTOP, BOBS):
        presence.opened(connection)
    for connection in (PHONE, BOBS):
        expire(keys, connection)
    assert presence.count_users() == 1
    assert {one.connection_id for one in presence.take_expired(limit=1) + presence.take_expired()} == {"0001", "0003"}
    assert presence.take_expired() == []
    assert not presence.leave([PHONE.user]), "the laptop is still connected"
    assert presence.leave([BOBS.user])


def test_an_expired_connection_keeps_nobody_online(keys: redis_py.Redis) -> None:
    presence.opened(PHONE)
    expire(keys, PHONE)
    assert presence.leave([PHONE.user])
    assert presence.opened(LAPTOP) == (True, ["0002"])


def test_a_refresh_restores_all_keys(keys: redis_py.Redis) -> None:
    many = [Presence(number, f"{number:08d}-0000-4000-8000-000000000000", f"{number:04d}") for number in range(1, 1102)]
    presence.refresh(many)
    keys.flushall()
    presence.refresh(many)
    assert sorted(presence.online_users()) == [one.user_id for one in many]
    assert presence.count_users() == len(many)
    assert presence.online_among([many[0].uuid, ALICE, many[-1].uuid]) == {many[0].uuid, many[-1].uuid}
    assert 0 < int(keys.ttl(f"online:{many[0].uuid}")) <= TTL
    assert keys.smembers(f"ws:{many[0].uuid}") == {"0001"}


@pytest.mark.usefixtures("server")
def test_a_user_with_several_connections_is_listed_once() -> None:
    presence.refresh([PHONE, LAPTOP, BOBS])
    assert sorted(presence.online_users()) == [1, 2]


def test_last_seen_is_kept_and_restored_only_where_it_is_missing(keys: redis_py.Redis) -> None:
    earlier, later = (dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2))
    presence.note_last_seen([ALICE], later)
    with redis().pipeline() as pipeline:
        for uuid in (ALICE, BOB):
            presence.restore_last_seen(pipeline, uuid, earlier)
        pipeline.execute()
    found = [keys.get(f"last_seen:{uuid}") for uuid in (ALICE, BOB)]
    assert found == [str(int(moment.timestamp())) for moment in (later, earlier)]
    assert keys.ttl(f"last_seen:{ALICE}") == -1, "it never expires"
    presence.forget_last_seen(ALICE)
    assert keys.get(f"last_seen:{ALICE}") is None


def test_without_redis_nobody_is_shown_online(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_breaker", type(presence._breaker)())
    presence.opened(PHONE)
    server.kill()
    assert presence.online_among([ALICE]) == set()
    with pytest.raises(redis_py.RedisError):
        presence.opened(LAPTOP)
