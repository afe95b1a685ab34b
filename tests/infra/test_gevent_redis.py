"""Pooled connections to Redis are checked before use, without an iteration of the event loop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis as redis_py
from redis.exceptions import ConnectionError as RedisConnectionError

from chatapp.infra.redis_client import redis_pool
from config import load
from deploy.embedded import RedisServer
from tests.servers import ROOT, await_true

GREENLETS = """
from gevent import monkey
monkey.patch_all()
import os
import sys
import gevent
from chatapp.infra.redis_client import redis_pool
from config import load
pool = redis_pool(load(os.environ), connections=2, seconds=1.0)
pool.release(pool.get_connection())
ran = []
gevent.spawn(ran.append, "another greenlet")
pool.get_connection()
sys.exit(len(ran))
"""


@pytest.fixture
def pool(environment: dict[str, str]) -> Iterator[redis_py.BlockingConnectionPool]:
    """A pool like that of the application."""
    made = redis_pool(load(environment), connections=1, seconds=2.0)
    yield made
    made.disconnect()


def test_a_connection_without_unread_data_is_reused(pool: redis_py.BlockingConnectionPool) -> None:
    client = redis_py.Redis(connection_pool=pool)
    first = client.client_id()
    assert client.client_id() == first


def test_unread_data_and_the_end_of_a_connection_are_noticed(
    pool: redis_py.BlockingConnectionPool, redis_server: RedisServer
) -> None:
    connection = pool.get_connection()
    assert connection.can_read() is False
    connection.send_command("PING")
    await_true(connection.can_read)
    assert connection.read_response() == b"PONG"
    assert connection.can_read() is False
    connection.send_command("CLIENT", "ID")
    number = connection.read_response()
    redis_py.Redis.from_url(redis_server.url).client_kill_filter(_id=str(number))

    def has_ended() -> bool:
        try:
            return bool(connection.can_read())
        except RedisConnectionError:
            return True

    await_true(has_ended)
    pool.release(connection)


def test_a_closed_connection_is_replaced(pool: redis_py.BlockingConnectionPool, redis_server: RedisServer) -> None:
    client = redis_py.Redis(connection_pool=pool)
    first = client.client_id()
    redis_py.Redis.from_url(redis_server.url).client_kill_filter(_id=str(first))
    assert client.client_id() != first


def test_no_other_greenlet_runs_while_a_connection_is_checked(environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", GREENLETS], cwd=ROOT, env=environment, timeout=60)
    assert done.returncode == 0
