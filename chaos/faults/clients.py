"""F10, F11, F13-F15: clients that read slowly, vanish, come all at once, come twice, or repeat themselves."""

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
from chaos.scenario import PATIENCE, Scene
from chaos.toxics import BlackHole, Direction, Relay

LOOK_EVERY = 0.5  # seconds; looking costs the processor that the healthy ones are served by
HEALTHY_OF_SELLER = 4  # of a busy seller's sockets
_people = itertools.count(900_001)  # apart from those of the load
RSS_PER_SLOW_MB = 1.2  # the queue's bound
CLOSED_WITHIN = 15.0
DIALECTS: tuple[Dialect, ...] = (MARKETPLACE, Social(lambda uuid: 0))  # where nobody asks who somebody is
SLOW_CODES = (4413, 1006)  # the second where the close frame found no room either, so that TCP was cut


def slow_readers(scene: Scene) -> None:
    """F10: of a busy seller's sockets half never read or read 1 kB/s; the others must not notice."""
    slow = (scene.plan["seller_devices"] - HEALTHY_OF_SELLER) // 2
    window = max(scene.seconds, CLOSED_WITHIN)
    for _ in range(scene.rounds):
        time.sleep(scene.seconds)
        begun, rss = time.time(), scene.cluster.largest_rss()
        before = scene.load.ask("now")["closes"]
        baseline = scene.load.ask("delays", since=begun - scene.seconds, until=begun)
        ports = set(scene.load.ask("hang", first=0, count=slow))
        ports |= set(scene.load.ask("hang", first=slow, count=slow, bytes_per_second=1000))
        largest = await_closed(scene, ports)
        scene.note("slow ones closed after s", time.time() - begun, most=CLOSED_WITHIN)
        scene.note("RSS of a slow socket MB", (largest - rss) / slow / 2, most=RSS_PER_SLOW_MB)
        time.sleep(max(0.0, begun + window - time.time()))
        during = scene.load.ask("delays", since=begun, until=time.time())
        scene.compare("healthy p99", baseline["p99"], during["p99"], most=1.5)
        back = time.time()
        scene.load.ask("read_again")
        scene.await_normal(back, "slow ones complete after s", within=3 * PATIENCE)  # each reads everything again
        closed = sum(scene.load.ask("now")["closes"].values()) - sum(before.values())
        scene.require(closed == 2 * slow, f"{closed} sockets were closed, {2 * slow} were slow")
    scene.require_only(*SLOW_CODES)


def await_closed(scene: Scene, ports: set[int]) -> float:
    """Wait until the servers have let go of the connections from these ports of clients.

    Returns the largest RSS of a worker meanwhile, in MB.
    """
    begun, largest = time.time(), 0.0
    while held(scene.cluster, ports) and time.time() < begun + PATIENCE:
        largest = max(largest, scene.cluster.largest_rss())
        time.sleep(LOOK_EVERY)
    return max(largest, scene.cluster.largest_rss())


def held(cluster: Cluster, ports: set[int]) -> int:
    """How many connections from these ports of clients the web servers still hold."""
    found = [connection for worker in cluster.workers() for connection in worker.net_connections("tcp4")]
    return sum(bool(connection.raddr) and connection.raddr.port in ports for connection in found)


def half_open(scene: Scene) -> None:
    """F11: the cable is cut both ways, or one way; the server finds out by its heartbeat and tells partners."""
    wait = float(scene.cluster.webs[0].environment["WS_PONG_WAIT"].removesuffix("s"))
    directions: list[Direction | None] = [None, "up", "down"]
    for direction in directions[: scene.rounds]:
        with Relay(scene.cluster.webs[0].port) as relay, _couple(scene.cluster, relay.port) as (_, watcher, heard):
            ports = _ports_of(relay) - {watcher.sock.getsockname()[1]}
            relay.poison(BlackHole(), only=direction)
            at = time.time()
            _await(watcher, lambda: "user_offline" in heard, wait + 15)
            scene.note("partner told after s", time.time() - at, most=wait + 15)
            while held(scene.cluster, ports) and time.time() - at < PATIENCE:
                time.sleep(0.05)
            scene.note("no descriptor left after s", time.time() - at, most=wait + 15)


@contextmanager
def _couple(cluster: Cluster, port: int) -> Iterator[tuple[LoadSocket, LoadSocket, Counter[str]]]:
    """Two people with a chat: one behind `port`, and a partner whose frames are counted by type."""
    lost, partner, heard = next(_people), next(_people), Counter[str]()
    begin_chat(cluster, lost, partner)
    watcher = _open(cluster.webs[0].port, partner, heard)
    with closing(watcher), closing(_open(port, lost, Counter())) as vanishing:
        _await(watcher, lambda: "user_online" in heard, PATIENCE)
        yield vanishing, watcher, heard


def _open(port: int, person: int, heard: Counter[str], query: str = "", dialect: Dialect = MARKETPLACE) -> LoadSocket:
    """A socket, past its greeting, that reads for a moment at most each time."""
    is_guest = bool(query)
    query = query or f"?token={token_for(person)}"
    sock = LoadSocket(port, query, lambda _, frame: heard.update([frame["type"]]), path=dialect.socket)
    sock.sock.settimeout(0.1)
    sock.begin()
    _await(sock, lambda: "connected" in heard or is_guest or not heard, PATIENCE)
    return sock


def _await(sock: LoadSocket, holds: Callable[[], bool], within: float) -> None:
    """Read until it holds, or for so many seconds."""
    deadline = time.time() + within
    while not holds() and time.time() < deadline:
        try:
            sock.receive()
        except TimeoutError:
            continue


def _ports_of(relay: Relay) -> set[int]:
    """Ours of the connections to the server behind a relay."""
    own = psutil.Process().net_connections("tcp4")
    return {connection.laddr.port for connection in own if connection.raddr and connection.raddr.port == relay.upstream}


def storm(scene: Scene) -> None:
    """F13: all connections break at once, and all come back and resume."""
    for _ in range(scene.rounds):
        time.sleep(1.0)
        at = time.time()
        scene.load.ask("cut")
        scene.await_normal(at, most=30.0)
        used = scene.cluster.gauges()["database connections"]
        scene.note("database connections", used, most=scene.cluster.most_connections())


def one_ticket(scene: Scene) -> None:
    """F14: a ticket is shown many times at the same moment, at the sockets of both dialects, and lets one in."""
    for number in range(scene.rounds):
        person = next(_people)
        answer = post(scene.cluster, person, {}, path="/ws-ticket", dialect=DIALECTS[number % 2])
        query, port = f"?ticket={answer.json()['data']['ticket']}", scene.cluster.webs[0].port

        def enter(way: int, port: int = port, query: str = query) -> bool:
            heard = Counter[str]()
            try:
                with closing(_open(port, 0, heard, query, DIALECTS[way % 2])) as sock:
                    _await(sock, lambda: "connected" in heard, PATIENCE)
            except Closed:
                return False
            return True

        with ThreadPoolExecutor(50) as pool:
            let_in = sum(pool.map(enter, range(100)))
        scene.require(let_in == 1, f"one ticket let {let_in} of 100 in")


def newest_wins(scene: Scene) -> None:
    """F14: with one socket a person, the newer stays and the older is closed with 4409."""
    for _ in range(scene.rounds):
        person, heard = next(_people), Counter[str]()
        with closing(_open(scene.cluster.webs[0].port, person, heard)) as older, ExitStack() as stack:
            stack.enter_context(closing(_open(scene.cluster.webs[0].port, person, Counter())))
            code = 0
            try:
                _await(older, lambda: False, 5)
            except Closed as closed:
                code = closed.code
            scene.require(code == 4409, f"the older socket was closed with {code}")


def same_key(scene: Scene) -> None:
    """F15: the same key over REST, over sockets, in both dialects and on both workers at once is one message with one
    answer."""
    ways, keys = (100, 200) if scene.seconds >= 30 else (20, 20)
    for _ in range(scene.rounds):
        one, other = next(_people), next(_people)
        chat = begin_chat(scene.cluster, one, other)
        with ThreadPoolExecutor(ways) as pool:
            for number in range(keys):
                say = partial(_say, scene.cluster, one, chat, uuid.uuid4().hex, f"number {number}")
                answers = list(pool.map(say, range(ways)))
                scene.require(len(set(answers)) == 1, f"one key was answered as {sorted(set(answers))}")
        page = _page(scene.cluster, other, chat)
        scene.require(page["total"] == keys + 1, f"{keys} keys became {page['total'] - 1} messages")


def _say(cluster: Cluster, person: int, chat: int, key: str, content: str, way: int) -> int:
    """Send by REST, every fourth way by a socket of its own, in the dialects by turns; returns the id that was
    answered."""
    dialect = DIALECTS[way // 4 % 2 if way % 4 == 0 else way % 2]
    if way % 4:
        _, path, options = dialect.sending(chat, key, content)
        answer = post(cluster, person, options["json"], path=path, dialect=dialect)
        return int(dialect.message(answer.json()["data"])["id"])
    answers: list[int] = []

    def hear(_: LoadSocket, said: dict[str, Any]) -> None:
        frame = dialect.told(said)
        if frame["type"] == "message_ack":
            answers.append(frame["message"]["id"])

    query = f"?token={token_for(person)}"
    with closing(LoadSocket(cluster.webs[0].port, query, hear, path=dialect.socket)) as sock:
        sock.sock.settimeout(0.1)
        body = {"chat_id": chat, "content": content, "client_message_id": key}
        sock.send(dialect.asked({"type": "message", **body}))
        _await(sock, lambda: bool(answers), PATIENCE)
    return answers[0] if answers else 0


def begin_chat(cluster: Cluster, one: int, other: int) -> int:
    """Send the first message of a chat; returns the chat's id. People are made when they are first seen."""
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
    """POST below a dialect's base path; raises for anything but success.

    Parameters:
        server: number of the web server; any number, they take turns.
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
