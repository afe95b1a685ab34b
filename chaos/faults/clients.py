"""F10, F11, F13-F15: slow readers, half-open connections, reconnect storms, reused tickets and keys."""

from __future__ import annotations

import itertools
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import psutil
import requests

from bench.environment import token_for
from bench.sockets import Closed, LoadSocket
from chaos.cluster import Cluster
from chaos.load.dialects import MARKETPLACE, Dialect, Social
from chaos.scenario import TIMEOUT, Scenario
from chaos.toxics import BlackHole, Direction, Relay

LOOK_EVERY = 0.5  # seconds; polling uses CPU time that the healthy sockets need
HEALTHY_OF_SELLER = 4  # sockets of the busy seller
_people = itertools.count(900_001)  # outside the ids of the load
RSS_PER_SLOW_MB = 1.2  # bound of the outgoing queue
CLOSED_WITHIN = 15.0
DIALECTS: tuple[Dialect, ...] = (MARKETPLACE, Social(lambda uuid: 0))  # senders are not checked here
SLOW_CODES = (4413, 1006)  # 1006 where not even the close frame fit, so that the connection was cut


def slow_readers(scenario: Scenario) -> None:
    """F10: half of a busy seller's sockets never read or read 1 kB/s; the others must not be affected."""
    slow = (scenario.plan["seller_devices"] - HEALTHY_OF_SELLER) // 2
    window = max(scenario.seconds, CLOSED_WITHIN)
    for _ in range(scenario.rounds):
        time.sleep(scenario.seconds)
        begun, rss = time.time(), scenario.cluster.largest_rss()
        healthy = scenario.load.call("ports_from", first=2 * slow)
        baseline = scenario.load.call("delays", since=begun - scenario.seconds, until=begun)
        ports = set(scenario.load.call("slow_down", first=0, count=slow))
        ports |= set(scenario.load.call("slow_down", first=slow, count=slow, bytes_per_second=1000))
        largest = await_closed(scenario, ports)
        scenario.record("slow readers closed after s", time.time() - begun, most=CLOSED_WITHIN)
        scenario.record("RSS of a slow socket MB", (largest - rss) / slow / 2, most=RSS_PER_SLOW_MB)
        time.sleep(max(0.0, begun + window - time.time()))
        during = scenario.load.call("delays", since=begun, until=time.time())
        scenario.compare("healthy p99", baseline["p99"], during["p99"], most=1.5)
        back = time.time()
        scenario.load.call("resume_reading")
        scenario.await_normal(back, "slow readers complete after s", within=3 * TIMEOUT)  # each reads everything again
        scenario.require(scenario.load.call("ports_from", first=2 * slow) == healthy, "healthy sockets were closed")
    scenario.require_close_codes(*SLOW_CODES)


def stalled_reader(scenario: Scenario) -> None:
    """show-4: one of a busy seller's sockets is never read; delays of the others and memory stay the same."""
    time.sleep(scenario.seconds)
    at = time.time()
    baseline = scenario.load.call("delays", since=at - scenario.seconds, until=at)
    rss = scenario.cluster.largest_rss()
    ports = set(scenario.load.call("slow_down", first=0, count=1))
    largest = await_closed(scenario, ports)
    scenario.record("closed after s", time.time() - at, most=CLOSED_WITHIN)
    time.sleep(max(0.0, at + scenario.seconds - time.time()))
    until = time.time()
    scenario.record("RSS growth MB", max(largest, scenario.cluster.largest_rss()) - rss, most=5.0)
    during = scenario.load.call("delays", since=at, until=until)
    scenario.compare("p99", baseline["p99"], during["p99"], most=1.2)
    scenario.record_rate(at - scenario.seconds, until)
    scenario.load.call("resume_reading")
    scenario.await_normal(until, "stalled reader complete after s")
    closes = scenario.load.call("snapshot")["closes"]
    scenario.require(sum(closes.values()) == 1, f"other sockets were closed as well: {closes}")
    scenario.require_close_codes(*SLOW_CODES)


def await_closed(scenario: Scenario, ports: set[int]) -> float:
    """Wait until the servers have closed the connections from these client ports.

    Returns the largest RSS of a worker during the wait, in MB.
    """
    begun, largest = time.time(), 0.0
    while count_open(scenario.cluster, ports) and time.time() < begun + TIMEOUT:
        largest = max(largest, scenario.cluster.largest_rss())
        time.sleep(LOOK_EVERY)
    return max(largest, scenario.cluster.largest_rss())


def count_open(cluster: Cluster, ports: set[int]) -> int:
    """Count the connections from these client ports that the web servers hold."""
    found = [connection for worker in cluster.workers() for connection in worker.net_connections("tcp4")]
    return sum(bool(connection.raddr) and connection.raddr.port in ports for connection in found)


def half_open(scenario: Scenario) -> None:
    """F11: a cable is cut in both directions or in one; the heartbeat detects it, and partners are notified."""
    wait = float(scenario.cluster.webs[0].environment["WS_PONG_WAIT"].removesuffix("s"))
    directions: list[Direction | None] = [None, "up", "down"]
    for direction in directions[: scenario.rounds]:
        with (
            Relay(scenario.cluster.webs[0].port) as relay,
            _two_members(scenario.cluster, relay.port) as (_, watcher, received),
        ):
            ports = _ports_of(relay) - {watcher.sock.getsockname()[1]}
            relay.poison(BlackHole(), only=direction)
            at = time.time()
            _await(watcher, lambda: "user_offline" in received, wait + 15)
            scenario.record("partner notified after s", time.time() - at, most=wait + 15)
            while count_open(scenario.cluster, ports) and time.time() - at < TIMEOUT:
                time.sleep(0.05)
            scenario.record("no descriptor left after s", time.time() - at, most=wait + 15)


@contextmanager
def _two_members(cluster: Cluster, port: int) -> Iterator[tuple[LoadSocket, LoadSocket, Counter[str]]]:
    """Connect two members of a chat: one through `port`, and a partner whose frames are counted by type."""
    vanishing_person, partner, received = next(_people), next(_people), Counter[str]()
    begin_chat(cluster, vanishing_person, partner)
    watcher = _open(cluster.webs[0].port, partner, received)
    with closing(watcher), closing(_open(port, vanishing_person, Counter())) as vanishing:
        _await(watcher, lambda: "user_online" in received, TIMEOUT)
        yield vanishing, watcher, received


def _open(
    port: int, person: int, received: Counter[str], query: str = "", dialect: Dialect = MARKETPLACE
) -> LoadSocket:
    """Open a socket and wait for its greeting; its reads time out after 0.1 s."""
    is_guest = bool(query)
    query = query or f"?token={token_for(person)}"
    sock = LoadSocket(port, query, lambda _, frame: received.update([frame["type"]]), path=dialect.socket)
    sock.sock.settimeout(0.1)
    sock.begin()
    _await(sock, lambda: "connected" in received or is_guest or not received, TIMEOUT)
    return sock


def _await(sock: LoadSocket, holds: Callable[[], bool], within: float) -> None:
    """Read until the condition holds, at most `within` seconds."""
    deadline = time.time() + within
    while not holds() and time.time() < deadline:
        try:
            sock.receive()
        except TimeoutError:
            continue


def _ports_of(relay: Relay) -> set[int]:
    """Local ports of the connections from a relay to its server."""
    own = psutil.Process().net_connections("tcp4")
    return {connection.laddr.port for connection in own if connection.raddr and connection.raddr.port == relay.upstream}


def reconnect_storm(scenario: Scenario) -> None:
    """F13: all connections break at once, reconnect and resume."""
    for _ in range(scenario.rounds):
        time.sleep(1.0)
        at = time.time()
        scenario.load.call("drop_connections")
        scenario.await_normal(at, most=30.0)
        used = scenario.cluster.gauges()["database connections"]
        scenario.record("database connections", used, most=scenario.cluster.max_connections())


def one_ticket(scenario: Scenario) -> None:
    """F14: one ticket is used many times at once, in both dialects, and opens one socket."""
    for number in range(scenario.rounds):
        person = next(_people)
        answer = post(scenario.cluster, person, {}, path="/ws-ticket", dialect=DIALECTS[number % 2])
        query, port = f"?ticket={answer.json()['data']['ticket']}", scenario.cluster.webs[0].port

        def enter(way: int, port: int = port, query: str = query) -> bool:
            received = Counter[str]()
            try:
                with closing(_open(port, 0, received, query, DIALECTS[way % 2])) as sock:
                    _await(sock, lambda: "connected" in received, TIMEOUT)
            except Closed:
                return False
            return True

        with ThreadPoolExecutor(50) as pool:
            admitted = sum(pool.map(enter, range(100)))
        scenario.require(admitted == 1, f"one ticket opened {admitted} of 100 sockets")


def newest_wins(scenario: Scenario) -> None:
    """F14: with one socket per person, the newer stays and the older is closed with 4409."""
    for _ in range(scenario.rounds):
        person, received = next(_people), Counter[str]()
        with closing(_open(scenario.cluster.webs[0].port, person, received)) as older, ExitStack() as stack:
            stack.enter_context(closing(_open(scenario.cluster.webs[0].port, person, Counter())))
            code = 0
            try:
                _await(older, lambda: False, 5)
            except Closed as closed:
                code = closed.code
            scenario.require(code == 4409, f"the older socket was closed with {code}")


def same_key(scenario: Scenario) -> None:
    """F15: one key over REST and sockets, in both dialects and on both workers at once, yields one message."""
    ways, keys = (100, 200) if scenario.seconds >= 30 else (20, 20)
    for _ in range(scenario.rounds):
        one, other = next(_people), next(_people)
        chat = begin_chat(scenario.cluster, one, other)
        with ThreadPoolExecutor(ways) as pool:
            for number in range(keys):
                say = partial(_send, scenario.cluster, one, chat, uuid.uuid4().hex, f"number {number}")
                answers = list(pool.map(say, range(ways)))
                scenario.require(len(set(answers)) == 1, f"one key returned ids {sorted(set(answers))}")
        page = _page(scenario.cluster, other, chat)
        scenario.require(page["total"] == keys + 1, f"{keys} keys created {page['total'] - 1} messages")


def _send(cluster: Cluster, person: int, chat: int, key: str, content: str, way: int) -> int:
    """Send over REST, or every fourth time over a new socket, alternating dialects; returns the acknowledged id."""
    dialect = DIALECTS[way // 4 % 2 if way % 4 == 0 else way % 2]
    if way % 4:
        _, path, options = dialect.send_request(chat, key, content)
        answer = post(cluster, person, options["json"], path=path, dialect=dialect)
        return int(dialect.message(answer.json()["data"])["id"])
    answers: list[int] = []

    def saw_live(_: LoadSocket, payload: dict[str, Any]) -> None:
        frame = dialect.decode(payload)
        if frame["type"] == "message_ack":
            answers.append(frame["message"]["id"])

    query = f"?token={token_for(person)}"
    with closing(LoadSocket(cluster.webs[0].port, query, saw_live, path=dialect.socket)) as sock:
        sock.sock.settimeout(0.1)
        body = {"chat_id": chat, "content": content, "client_message_id": key}
        sock.send(dialect.encode({"type": "message", **body}))
        _await(sock, lambda: bool(answers), TIMEOUT)
    return answers[0] if answers else 0


def begin_chat(cluster: Cluster, one: int, other: int) -> int:
    """Send the first message of a chat; returns the chat's id. Users are created on their first request."""
    post(cluster, other, {}, path="/ws-ticket")
    found: int = post(cluster, one, {"receiver_id": other, "content": "hello"}).json()["data"]["chat_id"]
    return found


def post(
    cluster: Cluster,
    person: int,
    body: dict[str, Any],
    *,
    path: str = "/messages",
    server: int = 0,
    dialect: Dialect = MARKETPLACE,
) -> requests.Response:
    """POST below a dialect's base path; raises requests.HTTPError on failure.

    Parameters:
        server: index of the web server, modulo their number.
    """
    answer = requests.post(
        f"http://127.0.0.1:{cluster.webs[server % len(cluster.webs)].port}{dialect.base}{path}",
        json=body,
        headers={"Authorization": f"Bearer {token_for(person)}"},
        timeout=15,
    )
    answer.raise_for_status()
    return answer


def _page(cluster: Cluster, person: int, chat: int) -> dict[str, Any]:
    answer = requests.get(
        f"http://127.0.0.1:{cluster.webs[0].port}{MARKETPLACE.base}/messages",
        params={"chat_id": chat, "limit": 1},
        headers={"Authorization": f"Bearer {token_for(person)}"},
        timeout=15,
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()["data"]
    return found
