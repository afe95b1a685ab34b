"""A mixed load for minutes: sends, REST requests and dropped connections while processes are killed in turn."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

from chaos.cluster import Cluster
from chaos.faults.postgres import kill_postgres
from chaos.scenario import Scenario

REQUESTS_PER_MINUTE = 300.0  # over REST, beside the messages
LOST_SHARE = 0.01  # of the connections each second
PAUSE = (2.0, 6.0)  # seconds between kills: some happen before the recovery from the previous one
FIRST_OK = 10.0  # seconds after a kill, including the recovery of Postgres


def kill_everything_in_turn(scenario: Scenario) -> None:
    """Kill a web worker, Postgres and Redis in turn until `seconds` have passed, each at least once.

    Only the invariants are judged, J4 above all: no version decreases on any socket.
    """
    begun = time.time()
    scenario.load.call("set_browse_rate", per_minute=REQUESTS_PER_MINUTE)
    scenario.load.call("set_drop_share", share=LOST_SHARE)
    for number, kill in enumerate(itertools.cycle(_KILLS)):
        if number >= len(_KILLS) and time.time() - begun > scenario.seconds:
            break
        time.sleep(random.uniform(*PAUSE))
        kill(scenario.cluster)
        scenario.await_first_ok(time.time(), most=FIRST_OK)
        scenario.record("kills", number + 1)
    scenario.load.call("set_drop_share", share=0)
    scenario.await_normal(time.time())
    scenario.require_close_codes(1006)


def _kill_web(cluster: Cluster) -> None:
    random.choice(cluster.workers()).kill()


def _kill_postgres(cluster: Cluster) -> None:
    kill_postgres(cluster)
    cluster.postgres.start()


def _kill_redis(cluster: Cluster) -> None:
    cluster.redis.kill()
    cluster.redis.start()


_KILLS: tuple[Callable[[Cluster], None], ...] = (_kill_web, _kill_postgres, _kill_redis)
