"""F7, F8: a Redis that ends, sleeps, hangs, cuts its subscribers or forgets everything."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from typing import Any

import requests
from redis.exceptions import ResponseError

from bench.environment import token_for
from chaos.load.state import CHAT
from chaos.machine import standing_still
from chaos.scenario import PATIENCE, Scene
from chatapp.presence import TTL

LONGEST_REPLY = 2.0  # seconds: what Redis may cost a request
IN_TIME = 0.95  # share of sends that must go on as if nothing were
SLEEP = 5  # seconds of DEBUG SLEEP


def restart_redis(scene: Scene) -> None:
    """F7: it ends without saving, stays away, and comes back with nothing; half the times nobody speaks then.

    `tests/flows/input/test_limits_without_redis.py` shows the limits: a load needs them out of its way.
    """
    begun = healed = time.time()
    for number in range(scene.rounds):
        time.sleep(max(1.0, scene.seconds / 4))
        normal = _sends(scene, healed, time.time())
        down = time.time()
        scene.cluster.redis.kill()
        time.sleep(scene.seconds)
        up = time.time()
        _return_quietly(scene, number, scene.cluster.redis.start)
        _require_sends(scene, normal, down, up)
        healed = time.time()
    _require_quick_replies(scene, begun)
    scene.require_only()


def _sends(scene: Scene, since: float, until: float) -> dict[str, float]:
    found: dict[str, float] = scene.load.ask("sends", since=since, until=until, within=LONGEST_REPLY)
    return found


def _require_sends(scene: Scene, normal: dict[str, float], since: float, until: float) -> None:
    """What was sent without Redis was acknowledged, about as soon, and pushed to the sockets of the same worker."""
    during = _sends(scene, since, until)
    if scene.judges_time:
        scene.require(during["offered"] >= 0.8 * scene.rate * (until - since), f"too little was sent: {during}")
        scene.require(during["share"] >= IN_TIME, f"only {during['share']:.1%} acknowledged in time")
    scene.compare("ack p95", normal["p95"], during["p95"], most=2.0)
    pushes = scene.load.ask("own_pushes", since=since, until=until)
    scene.require(pushes["heard"] >= IN_TIME * pushes["acknowledged"], f"pushes of the own worker: {pushes}")


def _require_quick_replies(scene: Scene, since: float) -> None:
    replies = scene.load.ask("replies", since=since, until=time.time())
    scene.note("slowest reply s", replies.get("max", 0.0), most=LONGEST_REPLY)


def kill_redis(scene: Scene) -> None:
    """Shows 2: killed, and started again at once."""
    for number in range(scene.rounds):
        time.sleep(1.0)
        scene.cluster.redis.kill()
        _return_quietly(scene, number, scene.cluster.redis.start)
    scene.require_only()


def _return_quietly(scene: Scene, number: int, come_back: Callable[[], object]) -> None:
    """Messages that come just before the return have no follower that would show the gap: the hardest to make up."""
    is_quiet = number % 2 == 1
    if is_quiet:
        time.sleep(random.uniform(0, 0.2))
        scene.load.ask("rate", per_second=0)
    at = time.time()
    come_back()
    scene.await_normal(at, most=5.0)
    deadline = at + PATIENCE
    while is_quiet and scene.load.ask("missing") and time.time() < deadline:
        time.sleep(0.05)
    if is_quiet:
        scene.note("missed pushes made up after s", time.time() - at, most=5.0)
    scene.load.ask("rate", per_second=scene.rate)


def flush_redis(scene: Scene) -> None:
    """F8 and shows 2: it forgets everything but who is subscribed."""
    for _ in range(scene.rounds):
        time.sleep(1.0)
        at = time.time()
        _order(scene, "FLUSHALL")
        scene.await_normal(at, most=5.0)
    _require_truth_after_flush(scene)
    scene.require_only()


def _require_truth_after_flush(scene: Scene) -> None:
    """Unread counts are right at once, for they are Postgres's; presence is, once a worker saw itself forgotten."""
    scene.load.ask("settle")
    _order(scene, "FLUSHALL")
    at = time.time()
    people = scene.load.ask("people")
    wrong = {person for pair in people for person in pair if _unread(scene, person) != _stored_unread(scene, person)}
    scene.require(not wrong, f"unread counts of {sorted(wrong)[:5]} are wrong after FLUSHALL")
    while (away := _seen_offline(scene, people)) and time.time() - at < TTL + 1:
        time.sleep(0.5)
    scene.note("presence right again after s", time.time() - at, most=5.0)
    scene.require(not away, f"{away} of {len(people)} people who are there are shown as offline")
    scene.load.ask("rate", per_second=scene.rate)


def _unread(scene: Scene, person: int) -> int:
    found: int = _get(scene, person, "/unread-count")["count"]
    return found


def _stored_unread(scene: Scene, person: int) -> int:
    """Counted one by one, and not as the application counts."""
    found = scene.cluster.sql(
        "SELECT count(*) FROM chat_members me JOIN messages m ON m.chat_id = me.chat_id"
        " WHERE me.user_id = %s AND m.seq > greatest(me.last_read_seq, me.cleared_seq, me.joined_seq)",
        person,
    )
    return int(found[0][0])


def _seen_offline(scene: Scene, people: list[list[int]]) -> int:
    """How many of those who are connected somebody who shares a chat with them sees as offline."""
    return sum(
        not chat["other_user"]["is_online"]
        for viewer, other in people
        for chat in _get(scene, viewer, "")
        if chat["other_user"]["id"] == other
    )


def _get(scene: Scene, person: int, path: str) -> Any:
    url = f"http://127.0.0.1:{scene.cluster.webs[0].port}{CHAT}{path}"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token_for(person)}"}, timeout=15)
    answer.raise_for_status()
    return answer.json()["data"]


def disturb_redis(scene: Scene) -> None:
    """F8: cutting its subscribers, asleep, hanging."""
    begun = time.time()
    for number in range(scene.rounds):
        time.sleep(0.5)
        _return_quietly(scene, number, lambda: _order(scene, "CLIENT", "KILL", "TYPE", "pubsub"))
        _sleep(scene)
        scene.await_normal(time.time(), most=5.0)
        with standing_still(scene.cluster.redis):
            time.sleep(scene.seconds)
        scene.await_normal(time.time(), most=5.0)
    _require_quick_replies(scene, begun)
    scene.require_only()


def _sleep(scene: Scene) -> None:
    """Redis 7 refuses DEBUG unless it is configured to take it; to its clients standing still is the same."""
    try:
        _order(scene, "DEBUG", "SLEEP", str(SLEEP))
    except ResponseError as refusal:
        scene.report.numbers["DEBUG SLEEP"] = f"stopped instead: {refusal}"
        with standing_still(scene.cluster.redis):
            time.sleep(SLEEP)


def _order(scene: Scene, *words: str) -> None:
    with contextlib.closing(scene.cluster.redis_client()) as client:
        client.execute_command(*words)
