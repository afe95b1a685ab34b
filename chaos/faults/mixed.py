"""A mixed load for minutes: people chat, look around and lose their connections while processes are killed in turn."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

from chaos.cluster import Cluster
from chaos.faults.postgres import kill_postgres
from chaos.scenario import Scene

REQUESTS_PER_MINUTE = 300.0  # over REST, beside the messages
LOST_SHARE = 0.01  # of the connections each second
PAUSE = (2.0, 6.0)  # seconds between two kills: some come before everybody is back from the one before
FIRST_OK = 10.0  # seconds after a kill; Postgres recovers meanwhile


def kill_everything_in_turn(scene: Scene) -> None:
    """Kill a web worker, Postgres and Redis in turn until `seconds` have passed, each at least once.

    The invariants are what is judged: in particular no version goes back on any socket.
    """
    begun = time.time()
    scene.load.ask("browse", per_minute=REQUESTS_PER_MINUTE)
    scene.load.ask("lose", share=LOST_SHARE)
    for number, kill in enumerate(itertools.cycle(_KILLS)):
        if number >= len(_KILLS) and time.time() - begun > scene.seconds:
            break
        time.sleep(random.uniform(*PAUSE))
        kill(scene.cluster)
        scene.await_first_ok(time.time(), most=FIRST_OK)
        scene.note("kills", number + 1)
    scene.load.ask("lose", share=0)
    scene.await_normal(time.time())
    scene.require_only(1006)


def _kill_web(cluster: Cluster) -> None:
    random.choice(cluster.workers()).kill()


def _kill_postgres(cluster: Cluster) -> None:
    kill_postgres(cluster)
    cluster.postgres.start()


def _kill_redis(cluster: Cluster) -> None:
    cluster.redis.kill()
    cluster.redis.start()


_KILLS: tuple[Callable[[Cluster], None], ...] = (_kill_web, _kill_postgres, _kill_redis)
