"""F7, F8: Redis restarts, sleeps, hangs, drops its subscribers or loses its data."""

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
from chaos.machine import suspended
from chaos.scenario import TIMEOUT, Scenario
from chatapp.presence import TTL

LONGEST_REPLY = 2.0  # seconds that a Redis fault may delay a request
IN_TIME = 0.95  # share of sends that must be acknowledged in time
SLEEP = 5  # seconds of DEBUG SLEEP


def restart_redis(scenario: Scenario) -> None:
    """F7: it is killed, stays down, and restarts empty; in every second round while the load is silent.

    Rate limits without Redis are tested in `tests/flows/input/test_limits_without_redis.py`: a load needs them off.
    """
    begun = healed = time.time()
    for number in range(scenario.rounds):
        time.sleep(max(1.0, scenario.seconds / 4))
        normal = _sends(scenario, healed, time.time())
        down = time.time()
        scenario.cluster.redis.kill()
        time.sleep(scenario.seconds)
        up = time.time()
        _recover(scenario, number, scenario.cluster.redis.start)
        _require_sends(scenario, normal, down, up)
        healed = time.time()
    _require_quick_replies(scenario, begun)
    scenario.require_close_codes()


def _sends(scenario: Scenario, since: float, until: float) -> dict[str, float]:
    found: dict[str, float] = scenario.load.call("sends", since=since, until=until, within=LONGEST_REPLY)
    return found


def _require_sends(scenario: Scenario, normal: dict[str, float], since: float, until: float) -> None:
    """Sends without Redis were acknowledged about as fast, and pushed to the sockets of the same worker."""
    during = _sends(scenario, since, until)
    if scenario.judges_time:
        scenario.require(during["offered"] >= 0.8 * scenario.rate * (until - since), f"too few sends: {during}")
        scenario.require(during["share"] >= IN_TIME, f"only {during['share']:.1%} acknowledged in time")
    if normal["count"] and during["count"]:  # on a busy machine there may be none, which is judged above
        scenario.compare("ack p95", normal["p95"], during["p95"], most=2.0)
    pushes = scenario.load.call("own_pushes", since=since, until=until)
    scenario.require(pushes["received"] >= IN_TIME * pushes["acknowledged"], f"pushes by the same worker: {pushes}")


def _require_quick_replies(scenario: Scenario, since: float) -> None:
    responses = scenario.load.call("responses", since=since, until=time.time())
    scenario.record("slowest reply s", responses.get("max", 0.0), most=LONGEST_REPLY)


def kill_redis(scenario: Scenario) -> None:
    """show-2: kill it, and restart it at once."""
    for number in range(scenario.rounds):
        time.sleep(1.0)
        scenario.cluster.redis.kill()
        _recover(scenario, number, scenario.cluster.redis.start)
    scenario.require_close_codes()


def _recover(scenario: Scenario, number: int, repair: Callable[[], object]) -> None:
    """In every second round silence the load first: the last lost messages have no successor that reveals the gap."""
    is_silent = number % 2 == 1
    if is_silent:
        time.sleep(random.uniform(0, 0.2))
        scenario.load.call("set_rate", per_second=0)
    at = time.time()
    repair()
    scenario.await_normal(at, most=5.0)
    deadline = at + TIMEOUT
    while is_silent and scenario.load.call("count_missing") and time.time() < deadline:
        time.sleep(0.05)
    if is_silent:
        scenario.record("missed pushes replayed after s", time.time() - at, most=5.0)
    scenario.load.call("set_rate", per_second=scenario.rate)


def flush_redis(scenario: Scenario) -> None:
    """F8 and show-2: FLUSHALL; subscriptions survive."""
    for _ in range(scenario.rounds):
        time.sleep(1.0)
        at = time.time()
        _execute(scenario, "FLUSHALL")
        scenario.await_normal(at, most=5.0)
    _require_right_state_after_flush(scenario)
    scenario.require_close_codes()


def _require_right_state_after_flush(scenario: Scenario) -> None:
    """Unread counts are right at once, since Postgres holds them; presence is after the next heartbeat of a worker."""
    scenario.load.call("drain")
    _execute(scenario, "FLUSHALL")
    at = time.time()
    people = scenario.load.call("members")
    wrong = {
        person for pair in people for person in pair if _unread(scenario, person) != _stored_unread(scenario, person)
    }
    scenario.require(not wrong, f"unread counts of {sorted(wrong)[:5]} are wrong after FLUSHALL")
    while (away := _seen_offline(scenario, people)) and time.time() - at < TTL + 1:
        time.sleep(0.5)
    scenario.record("presence right again after s", time.time() - at, most=5.0)
    scenario.require(not away, f"{away} of {len(people)} connected people are shown as offline")
    scenario.load.call("set_rate", per_second=scenario.rate)


def _unread(scenario: Scenario, person: int) -> int:
    found: int = _get(scenario, person, "/unread-count")["count"]
    return found


def _stored_unread(scenario: Scenario, person: int) -> int:
    """Unread messages counted row by row, unlike in the application."""
    found = scenario.cluster.sql(
        "SELECT count(*) FROM chat_members me JOIN messages m ON m.chat_id = me.chat_id"
        " WHERE me.user_id = %s AND m.seq > greatest(me.last_read_seq, me.cleared_seq, me.joined_seq) AND NOT EXISTS"
        " (SELECT FROM message_marks WHERE user_id = me.user_id AND message_id = m.id AND hidden_at IS NOT NULL)",
        person,
    )
    return int(found[0][0])


def _seen_offline(scenario: Scenario, people: list[list[int]]) -> int:
    """Count the connected users that a partner sees as offline."""
    return sum(
        not chat["other_user"]["is_online"]
        for viewer, other in people
        for chat in _get(scenario, viewer, "")
        if chat["other_user"]["id"] == other
    )


def _get(scenario: Scenario, person: int, path: str) -> Any:
    url = f"http://127.0.0.1:{scenario.cluster.webs[0].port}{CHAT}{path}"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token_for(person)}"}, timeout=15)
    answer.raise_for_status()
    return answer.json()["data"]


def disturb_redis(scenario: Scenario) -> None:
    """F8: its subscribers are disconnected, it sleeps, it hangs."""
    begun = time.time()
    for number in range(scenario.rounds):
        time.sleep(0.5)
        _recover(scenario, number, lambda: _execute(scenario, "CLIENT", "KILL", "TYPE", "pubsub"))
        _sleep(scenario)
        scenario.await_normal(time.time(), most=5.0)
        with suspended(scenario.cluster.redis):
            time.sleep(scenario.seconds)
        scenario.await_normal(time.time(), most=5.0)
    _require_quick_replies(scenario, begun)
    scenario.require_close_codes()


def _sleep(scenario: Scenario) -> None:
    """Redis 7 refuses DEBUG unless configured; to clients a suspended process looks the same."""
    try:
        _execute(scenario, "DEBUG", "SLEEP", str(SLEEP))
    except ResponseError as refusal:
        scenario.report.measurements["DEBUG SLEEP"] = f"suspended instead: {refusal}"
        with suspended(scenario.cluster.redis):
            time.sleep(SLEEP)


def _execute(scenario: Scenario, *words: str) -> None:
    with contextlib.closing(scenario.cluster.redis_client()) as client:
        client.execute_command(*words)
