"""How late the event loop is while pictures are taken in and passwords are checked: how long a pong takes."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import requests
import websocket

from bench.environment import stage
from bench.files import CHAT, noisy_picture
from bench.stats import percentile, spread, tell_wrongs

AT_ONCE = 20  # uploads, and as many log-ins beside them
PICTURE = 1 << 20  # bytes; as applications send what a telephone took
PASSWORD = "a-password-of-a-bench"
BETWEEN_PINGS = 0.01  # seconds
LAG_P99_MS = 50.0  # the goal
PATIENCE = 120.0

Person = dict[str, Any]


def lag(seconds: float) -> list[dict[str, Any]]:
    """On a stage of its own, with built-in accounts: alone, then with the work.

    Parameters:
        seconds: of each.
    """
    with stage(AUTH_MODE="builtin") as running:
        people = [_sign_up(running.url, number) for number in range(AT_ONCE)]
        address = f"ws://127.0.0.1:{running.port}/ws/chat"
        socket = websocket.create_connection(
            address, subprotocols=["access_token", people[0]["token"]], timeout=PATIENCE
        )
        alone = _pings(socket, time.monotonic() + seconds)
        # Clients are a process apart, or the pings would wait for their threads.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as clients:
            working = clients.submit(work_for, running.url, people, seconds + 2)
            time.sleep(1.0)  # until they are under way
            pings = _pings(socket, time.monotonic() + seconds)
            uploads, log_ins, wrong = working.result()
        socket.close()
    return [
        {
            "scenario": f"{AT_ONCE} uploads and {AT_ONCE} log-ins at once",
            "uploads": uploads,
            "log_ins": log_ins,
            "alone_p99_ms": percentile(alone, 0.99),
            **spread(pings),
            "goal": f"p99 ≤ {LAG_P99_MS:g} ms",
            "is_met": percentile(pings, 0.99) <= LAG_P99_MS,
            "wrong": tell_wrongs("lag", wrong),
        }
    ]


def work_for(url: str, people: list[Person], seconds: float) -> tuple[int, int, list[str]]:
    """So many uploads and log-ins always under way; how many were done, and what went wrong."""
    picture, until, wrong = noisy_picture(PICTURE), time.monotonic() + seconds, list[str]()

    def repeat(act: Callable[[int], requests.Response], number: int) -> int:
        count = 0
        while time.monotonic() < until:
            answer = act(number)
            if answer.status_code != 200:
                wrong.append(f"{answer.status_code}: {answer.text[:200]}")
            count += 1
        return count

    def upload(number: int) -> requests.Response:
        # Each with a message of its own: a person may keep a hundred unsent files.
        token, other = people[number]["token"], people[number - 1]["id"]
        sent = _post(url, "/messages", token, json={"receiver_id": other, "content": "look"})
        path = f"/messages/{sent.json()['data']['id']}/attachments"
        return _post(url, path, token, files={"files": ("a.jpg", picture)})

    def log_in(number: int) -> requests.Response:
        body = {"login": people[number]["username"], "password": PASSWORD}
        return requests.post(f"{url}/api/v1/auth/login", json=body, timeout=PATIENCE)

    with ThreadPoolExecutor(2 * AT_ONCE) as several:
        acts = [several.submit(repeat, act, number) for act in (upload, log_in) for number in range(AT_ONCE)]
        counts = [act.result() for act in acts]
    return sum(counts[:AT_ONCE]), sum(counts[AT_ONCE:]), wrong


def _pings(socket: websocket.WebSocket, until: float) -> list[float]:
    """Seconds from ping to pong, one after the other."""
    taken = []
    while time.monotonic() < until:
        began = time.perf_counter()
        socket.send('{"type":"ping"}')
        while json.loads(socket.recv())["type"] != "pong":
            continue
        taken.append(time.perf_counter() - began)
        time.sleep(BETWEEN_PINGS)
    return taken


def _sign_up(url: str, number: int) -> Person:
    body = {"username": f"person{number}", "email": f"person{number}@example.com", "password": PASSWORD}
    answer = requests.post(f"{url}/api/v1/auth/signup", json=body, timeout=PATIENCE)
    answer.raise_for_status()
    data = answer.json()["data"]
    return {"token": data["access_token"], **data["user"]}


def _post(url: str, path: str, token: str, **options: Any) -> requests.Response:
    return requests.post(
        f"{url}{CHAT}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE, **options
    )
