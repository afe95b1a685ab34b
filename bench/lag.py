"""Delay of the event loop during uploads and log-ins, measured as the time from ping to pong."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import requests
import websocket

from bench.environment import running_environment
from bench.files import CHAT, noisy_picture
from bench.stats import percentile, print_errors, spread

CONCURRENCY = 20  # uploads, and as many log-ins
PICTURE = 1 << 20  # bytes; a photo as applications send it
PASSWORD = "a-password-of-the-benchmarks"
BETWEEN_PINGS = 0.01  # seconds
LAG_P99_MS = 50.0  # the goal
TIMEOUT = 120.0

Person = dict[str, Any]


def lag(seconds: float) -> list[dict[str, Any]]:
    """Run in a separate environment with built-in accounts: without load, then with it.

    Parameters:
        seconds: duration of each part.
    """
    with running_environment(AUTH_MODE="builtin") as running:
        people = [_sign_up(running.url, number) for number in range(CONCURRENCY)]
        address = f"ws://127.0.0.1:{running.port}/ws/chat"
        socket = websocket.create_connection(
            address, subprotocols=["access_token", people[0]["token"]], timeout=TIMEOUT
        )
        alone = pings(socket, time.monotonic() + seconds)
        # The clients run in a separate process: their threads would delay the pings.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as clients:
            working = clients.submit(work_for, running.url, people, seconds + 2)
            time.sleep(1.0)  # until the load is running
            during = pings(socket, time.monotonic() + seconds)
            uploads, log_ins, errors = working.result()
        socket.close()
    return [
        {
            "scenario": f"{CONCURRENCY} uploads and {CONCURRENCY} log-ins at once",
            "uploads": uploads,
            "log_ins": log_ins,
            "alone_p99_ms": percentile(alone, 0.99),
            **spread(during),
            "goal": f"p99 ≤ {LAG_P99_MS:g} ms",
            "is_met": percentile(during, 0.99) <= LAG_P99_MS,
            "errors": print_errors("lag", errors),
        }
    ]


def work_for(url: str, people: list[Person], seconds: float) -> tuple[int, int, list[str]]:
    """Keep uploads and log-ins running for some seconds; returns how many were done, and errors."""
    picture, until, errors = noisy_picture(PICTURE), time.monotonic() + seconds, list[str]()

    def repeat(act: Callable[[int], requests.Response], number: int) -> int:
        count = 0
        while time.monotonic() < until:
            answer = act(number)
            if answer.status_code != 200:
                errors.append(f"{answer.status_code}: {answer.text[:200]}")
            count += 1
        return count

    def upload(number: int) -> requests.Response:
        # One message each: a user may have at most a hundred unsent files.
        token, other = people[number]["token"], people[number - 1]["id"]
        sent = _post(url, "/messages", token, json={"receiver_id": other, "content": "look"})
        path = f"/messages/{sent.json()['data']['id']}/attachments"
        return _post(url, path, token, files={"files": ("a.jpg", picture)})

    def log_in(number: int) -> requests.Response:
        body = {"login": people[number]["username"], "password": PASSWORD}
        return requests.post(f"{url}/api/v1/auth/login", json=body, timeout=TIMEOUT)

    with ThreadPoolExecutor(2 * CONCURRENCY) as several:
        acts = [several.submit(repeat, act, number) for act in (upload, log_in) for number in range(CONCURRENCY)]
        counts = [act.result() for act in acts]
    return sum(counts[:CONCURRENCY]), sum(counts[CONCURRENCY:]), errors


def pings(socket: websocket.WebSocket, until: float) -> list[float]:
    """Send pings one after the other; returns the seconds until each pong."""
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
    answer = requests.post(f"{url}/api/v1/auth/signup", json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    data = answer.json()["data"]
    return {"token": data["access_token"], **data["user"]}


def _post(url: str, path: str, token: str, **options: Any) -> requests.Response:
    return requests.post(f"{url}{CHAT}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT, **options)
