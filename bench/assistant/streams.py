"""`python -m bench streams`: what other users notice of answers that a language model streams on the same worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import requests
import websocket

from bench.assistant.asking import Asked, VisitorProcess
from bench.environment import ROOT, Environment, await_health, free_port, running_environment, token_for
from bench.lag import pings
from bench.members.crowd import Crowd, Measured
from bench.members.rows import make_pairs
from bench.stats import percentile, print_errors
from deploy.embedded.privileges import dying_with_parent

RUNNING, WAITING = 20, 100  # answers that one worker makes, and questions that wait: the defaults of the settings
MANY = 200  # answers at once, reported without a goal
PAIRS, RATE = 20, 100.0  # other users, and the messages that all of them send in a second
MILLISECONDS = 50  # between two words of an answer
SLICES = 7  # of the comparison, in turn: the machine itself becomes faster and slower
SHORT_ANSWERS, SHORT_WORDS, ASKING = 1000, 20, 50
OTHERS_SHARE, RSS_MB, CLOSED_SECONDS = 1.25, 10.0, 0.5  # the goals
STOPPER = 10_001  # a user with a socket for pings
TIMEOUT = 60.0
_SETTINGS = {
    **{f"ASSISTANT_TOKENS_PER_{scope}": "1000000000000" for scope in ("DAY", "VISITOR", "SESSION")},
    **{f"LIMIT_{name}": "1000000/minute" for name in ("SESSIONS", "SESSIONS_DAY", "QUESTIONS", "QUESTIONS_ADDRESS")},
    "ASSISTANT": "openai",
    "ASSISTANT_MODEL": "words",
    "ASSISTANT_TIME": "10m",
}


@dataclass
class Phase:
    """What was measured with or without answers beside.

    Attributes:
        pairs: messages of other users.
        p99_ms: of their latencies, in each slice.
        pings: seconds from ping to pong: what the event loop is late by, and a round trip.
        first, ends: as in `Asked`.
        pieces: of answers a second.
    """

    pairs: Measured = field(default_factory=Measured)
    p99_ms: list[float] = field(default_factory=list)
    pings: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    pieces: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def streams(
    seconds: float,
    *,
    running: int = RUNNING,
    waiting: int = WAITING,
    many: int = MANY,
    slices: int = SLICES,
    short_answers: int = SHORT_ANSWERS,
    judges_time: bool = True,
) -> list[dict[str, Any]]:
    """Run in two environments of one worker: rows of latencies, then one for each goal.

    Parameters:
        seconds: duration of each slice.
        running, waiting: answers that are made at once, and questions that wait meanwhile.
        many: answers that are made at once in the second environment; 0 for none.
        slices: in how many parts the pairs are measured alone and beside answers, in turn.
        short_answers: after which the memory of the worker is measured.
        judges_time: whether times and memory above the goals count as errors. On a busy machine they mean nothing.
    """
    rows = []
    with _environment(running, waiting) as bench:
        alone, beside = _compare(bench, running, waiting, seconds, slices)
        name = f"{running} answers, {waiting} wait"
        rows += [_row("pairs alone", alone), _row(f"pairs beside {name}", beside)]
        # The median: in some slice the machine is busy with something else.
        share = median(one / other for one, other in zip(beside.p99_ms, alone.p99_ms, strict=True))
        rows += [
            _goal("p99 of pairs, of that alone: median of the slices", share, OTHERS_SHARE, judges_time),
            *_turned_away(bench, running, waiting),
            _closed(bench, running, judges_time),
            _memory(bench, min(ASKING, running + waiting), short_answers, judges_time),
        ]
    if many:
        with _environment(many, waiting) as bench:
            alone, beside = _compare(bench, many, 0, seconds, 1)
            rows += [_row(f"pairs alone, room for {many}", alone), _row(f"pairs beside {many} answers", beside)]
    return rows


@dataclass
class _Bench:
    """The servers and loads of a measurement."""

    running: Environment
    model_port: int
    visitors: VisitorProcess
    pairs: Crowd
    socket: websocket.WebSocket

    def measure(self, into: Phase, seconds: float) -> None:
        """Let the pairs write, and ping."""
        self.pairs.begin(RATE, seconds)
        into.pings += pings(self.socket, time.monotonic() + seconds)
        found = self.pairs.result()
        into.pairs.sent += found.sent
        into.pairs.latencies += found.latencies
        into.p99_ms.append(percentile(found.latencies, 0.99))
        into.pairs.lags += found.lags
        into.errors += found.errors

    def streaming(self) -> int:
        """How many answers the model streams now."""
        return int(requests.get(f"http://127.0.0.1:{self.model_port}/", timeout=TIMEOUT).text)


@contextmanager
def _environment(running: int, waiting: int) -> Iterator[_Bench]:
    model_port = free_port()
    settings: dict[str, Any] = {
        **_SETTINGS,
        "ASSISTANT_URL": f"http://127.0.0.1:{model_port}/v1",
        "ASSISTANT_CONCURRENCY": str(running),
        "ASSISTANT_QUEUE": str(waiting),
    }
    with _model(model_port), running_environment(**settings) as servers:
        assert servers.servers.postgres is not None
        two = make_pairs(servers.servers.postgres.url, PAIRS)
        address = f"ws://127.0.0.1:{servers.port}/ws/chat?token={token_for(STOPPER)}"
        socket = websocket.create_connection(address, timeout=TIMEOUT)
        visitors = max(running + waiting + 1, ASKING)
        with VisitorProcess(servers.port, visitors) as asking, Crowd(servers.ports, two) as pairs:
            yield _Bench(servers, model_port, asking, pairs, socket)
        socket.close()


@contextmanager
def _model(port: int) -> Iterator[None]:
    """The language model, a process of its own."""
    command = [*dying_with_parent("KILL"), sys.executable, "-m", "bench.language_model"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PORT": str(port)}, start_new_session=True)
    try:
        await_health(port)
        yield
    finally:
        process.kill()
        process.wait()


def _compare(bench: _Bench, running: int, waiting: int, seconds: float, slices: int) -> tuple[Phase, Phase]:
    """Measure the pairs alone and beside answers, in turn."""
    alone, beside = Phase(), Phase()
    bench.measure(Phase(), min(seconds, 2.0))  # the first messages prepare statements
    words = round((seconds + 60) * 1000 / MILLISECONDS)  # more than are said until all are stopped
    for _ in range(slices):
        bench.measure(alone, seconds)
        begun = bench.visitors.call("ask", 0, running + waiting, words, MILLISECONDS, running=running)
        started = time.monotonic()
        bench.measure(beside, seconds)
        ended = bench.visitors.call("stop")
        beside.pieces.append((ended.pieces - begun.pieces) / (time.monotonic() - started) / running)
        beside.first += begun.first
        beside.ends += ended.ends
        beside.errors += [*ended.errors, *_unexpected(ended, {"stopped": running + waiting})]
    return alone, beside


def _unexpected(asked: Asked, expected: dict[str, int]) -> list[str]:
    return [] if asked.statuses == expected else [f"answers by status: {asked.statuses} instead of {expected}"]


def _turned_away(bench: _Bench, running: int, waiting: int) -> list[dict[str, Any]]:
    """While all wait, one more question is answered at once, with the time after which to ask again."""
    words = round(TIMEOUT * 1000 / MILLISECONDS)
    bench.visitors.call("ask", 0, running + waiting, words, MILLISECONDS, running=running)
    started = time.monotonic()
    refused = bench.visitors.call("ask_one_more", running + waiting)
    seconds = time.monotonic() - started
    ended = bench.visitors.call("stop")
    errors = [*refused.errors, *_unexpected(refused, {"failed": 1}), *ended.errors]
    after = refused.retry_after[0] if refused.retry_after else 0
    if not after:
        errors.append("no retry_after")
    name = f"question {running + waiting + 1}"
    row = {"scenario": "streams", "of": f"{name}: busy after s; retry_after {after}", "value": round(seconds, 2)}
    return [{**row, "goal": "", "is_met": not errors, "errors": print_errors(name, errors)}]


def _closed(bench: _Bench, running: int, judges_time: bool) -> dict[str, Any]:
    """All answers are stopped at once: until none is streamed any more."""
    words = round(TIMEOUT * 1000 / MILLISECONDS)
    bench.visitors.call("ask", 0, running, words, MILLISECONDS, running=running)
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        stopping = pool.submit(bench.visitors.call, "stop")
        while bench.streaming():
            time.sleep(0.01)
        seconds = time.monotonic() - started
        ended = stopping.result()
    row = _goal(f"s until the model has noticed that {running} were stopped", seconds, CLOSED_SECONDS, judges_time)
    return {**row, "errors": row["errors"] + print_errors("stop", ended.errors)}


def _memory(bench: _Bench, visitors: int, answers: int, judges_time: bool) -> dict[str, Any]:
    """What the worker grows by. Parameters: visitors: who ask at once."""
    errors: list[str] = []

    def ask_all(count: int) -> None:
        for _ in range(0, count, visitors):
            bench.visitors.call("ask", 0, visitors, SHORT_WORDS, 1, running=visitors)
            asked = bench.visitors.call("finish")
            errors.extend([*asked.errors, *_unexpected(asked, {"complete": visitors})])

    ask_all(4 * visitors)
    before = bench.running.worker_rss()
    ask_all(answers)
    grown = (bench.running.worker_rss() - before) / 2**20
    row = _goal(f"MB that the worker grows by in {answers:,} answers", grown, RSS_MB, judges_time)
    return {**row, "errors": row["errors"] + print_errors("memory", errors)}


def _row(name: str, phase: Phase) -> dict[str, Any]:
    pieces = phase.pieces
    return {
        "scenario": f"streams: {name}",
        "sent": phase.pairs.sent,
        "complete": len(phase.pairs.latencies),
        "p50_ms": percentile(phase.pairs.latencies, 0.5),
        "p99_ms": percentile(phase.pairs.latencies, 0.99),
        "p99_ms_of_slices": phase.p99_ms,
        "ping_p50_ms": percentile(phase.pings, 0.5),
        "ping_p99_ms": percentile(phase.pings, 0.99),
        "lag_p99_ms": percentile(phase.pairs.lags, 0.99),
        "pieces_per_s": round(sum(pieces) / len(pieces), 1) if pieces else None,
        "first_piece_p50_ms": percentile(phase.first, 0.5) if phase.first else None,
        "stop_p99_ms": percentile(phase.ends, 0.99) if phase.ends else None,
        "errors": print_errors(name, phase.errors),
    }


def _goal(what: str, value: float, most: float, is_judged: bool) -> dict[str, Any]:
    is_met = value <= most
    return {
        "scenario": "streams",
        "of": what,
        "value": round(value, 2),
        "goal": f"≤ {most:g}",
        "is_met": is_met,
        "errors": int(is_judged and not is_met),
    }
