"""`python -m bench members`: what a message to a thousand members costs, and what others notice of it.

Members of the larger chat and of the pairs have their sockets on two web processes, so every message crosses the bus.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from bench.environment import Environment, running_environment
from bench.members import reactions
from bench.members.crowd import Crowd, Measured
from bench.members.queues import has_grown, queued_bytes
from bench.members.rows import Chat, WrittenRows, make_chats
from bench.stats import percentile, print_errors

MEMBERS, SOCKETS, PAIRS = 1000, 500, 20
SLOW, FAST, PAIR_RATE = 5.0, 20.0, 20.0  # messages a second: of the larger chat twice, and of all pairs together
SLICES = 3  # of the comparison with and without the larger chat, in turn: the machine itself becomes faster and slower
WARM_UP = 2.0  # seconds; the first messages set the unread flags of all members
SAMPLE_SECONDS = 0.25
GATHERED_WITHIN = 1.5  # seconds; reactions are gathered for one
FRAME_BYTES = 1000  # of one message on one socket, roughly
LAST_SOCKET_MS, ROWS_SHARE, OTHERS_SHARE, REACTIONS_A_SECOND = 150.0, 2.0, 1.2, 1.0  # the goals


@dataclass
class Phase:
    """What was measured while the loads ran at the same rates.

    Attributes:
        group, pairs: of the two loads.
        queued: bytes between servers and clients, several times a second.
        rows: that Postgres wrote.
    """

    group: Measured = field(default_factory=Measured)
    pairs: Measured = field(default_factory=Measured)
    queued: list[int] = field(default_factory=list)
    rows: int = 0


@dataclass
class _Loads:
    """Both loads, and the servers that they use."""

    running: Environment
    group: Crowd
    pairs: Crowd
    rows: WrittenRows

    def measure(self, into: Phase, group_rate: float, seconds: float) -> None:
        """Add a measurement to a phase. Parameters: group_rate: messages a second of the larger chat, or 0."""
        self.pairs.begin(PAIR_RATE, seconds)
        self.group.begin(group_rate, seconds)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(SAMPLE_SECONDS)
            into.queued.append(queued_bytes(self.running.ports))
        group, pairs = self.group.result(), self.pairs.result()
        _add(group, into.group)
        _add(pairs, into.pairs)
        into.rows += self.rows.since_last(group.sent + pairs.sent)

    def warm_up(self) -> list[str]:
        """Send for some seconds; returns errors."""
        unmeasured = Phase()
        self.measure(unmeasured, SLOW, WARM_UP)
        return [*unmeasured.group.errors, *unmeasured.pairs.errors]


def _add(found: Measured, into: Measured) -> None:
    into.sent += found.sent
    into.latencies += found.latencies
    into.lags += found.lags
    into.in_flight += found.in_flight
    into.errors += found.errors


def members(
    seconds: float,
    *,
    size: int = MEMBERS,
    sockets: int = SOCKETS,
    pairs: int = PAIRS,
    slices: int = SLICES,
    judges_time: bool = True,
) -> list[dict[str, Any]]:
    """Run in a separate environment of two web processes: rows of latencies, then one for each goal.

    Parameters:
        seconds: duration of each measurement.
        size: members of the larger chat.
        slices: in how many parts the pairs are measured alone and beside the larger chat, in turn.
        judges_time: whether latencies above the goals count as errors. On a busy machine they mean nothing.
    """
    with running_environment(webs=2) as running:
        assert running.servers.postgres is not None
        url = running.servers.postgres.url
        larger, two = make_chats(running, members=size, sockets=sockets, pairs=pairs)
        with Crowd(running.ports, [larger]) as group, Crowd(running.ports, two) as others:
            loads = _Loads(running, group, others, WrittenRows(url))
            alone, slow, fast = Phase(), Phase(), Phase()
            errors = loads.warm_up()
            for _ in range(slices):
                loads.measure(alone, 0.0, seconds / slices)
                loads.measure(slow, SLOW, seconds / slices)
            loads.measure(fast, FAST, seconds)
            of_reactions = _measure_reactions(loads, larger, judges_time)
    slow.group.errors += errors
    name = f"{size:,} members, {sockets} sockets"
    return [
        _row(f"{name}, {SLOW:g} a second", seconds, slow.group),
        _row(f"{name}, {FAST:g} a second", seconds, fast.group),
        _row(f"{pairs} pairs, {PAIR_RATE:g} a second, alone", seconds, alone.pairs),
        _row(f"{pairs} pairs, beside {SLOW:g} a second", seconds, slow.pairs),
        _row(f"{pairs} pairs, beside {FAST:g} a second", seconds, fast.pairs),
        *_judged(alone, slow, fast, sockets, judges_time),
        of_reactions,
    ]


def _measure_reactions(loads: _Loads, larger: Chat, judges_time: bool) -> dict[str, Any]:
    """Let members react at once; then send, so that every socket has all frames about that."""
    count = reactions.react(loads.running.url, larger)
    time.sleep(GATHERED_WITHIN)  # a message would take along what is gathered, before its second is over
    loads.group.begin(SLOW, WARM_UP)
    found = loads.group.result()
    name = f"{min(reactions.REACTING, len(larger.people))} members react at once"
    errors = found.errors + reactions.incomplete(found.reactions, larger.people, count)
    # Frames leave a second apart; arrivals vary by milliseconds.
    rate = round(reactions.frames_a_second(found.reactions), 1)
    row = _goal(f"frames a second and socket, {count} reactions", rate, REACTIONS_A_SECOND, judges_time)
    return {**row, "errors": row["errors"] + print_errors(name, errors)}


def _row(name: str, seconds: float, found: Measured) -> dict[str, Any]:
    return {
        "scenario": name,
        "seconds": seconds,
        "sent": found.sent,
        "complete": len(found.latencies),
        "p50_ms": percentile(found.latencies, 0.5),
        "p99_ms": percentile(found.latencies, 0.99),
        "lag_p50_ms": percentile(found.lags, 0.5),
        "lag_p99_ms": percentile(found.lags, 0.99),
        "errors": print_errors(name, found.errors),
    }


def _judged(alone: Phase, slow: Phase, fast: Phase, sockets: int, judges_time: bool) -> list[dict[str, Any]]:
    of_pair = alone.rows / max(1, alone.pairs.sent)
    of_group = (fast.rows - of_pair * fast.pairs.sent) / max(1, fast.group.sent)
    last_socket = percentile(slow.group.latencies, 0.99)
    others = percentile(slow.pairs.latencies, 0.99) / percentile(alone.pairs.latencies, 0.99)
    queues = {
        "bytes": has_grown(fast.queued, slack=sockets * FRAME_BYTES),
        "messages": has_grown(fast.group.in_flight, slack=1),
    }
    return [
        _goal("p99 to the last socket, ms", last_socket, LAST_SOCKET_MS, judges_time),
        _goal("p99 of pairs, of that alone", others, OTHERS_SHARE, judges_time),
        _goal("rows of a message to a pair", of_pair, None),
        _goal("rows of a message to the larger chat", of_group, None),
        _goal("rows of a message, of those to a pair", of_group / max(1.0, of_pair), ROWS_SHARE),
        *(
            _goal(f"queues that grow at {FAST:g} a second: {what}", int(grew), 0, judges_time)
            for what, grew in queues.items()
        ),
    ]


def _goal(what: str, value: float, most: float | None, is_judged: bool = True) -> dict[str, Any]:
    is_met = most is None or value <= most
    return {
        "scenario": "members",
        "of": what,
        "value": round(value, 2),
        "goal": "" if most is None else f"≤ {most:g}",
        "is_met": is_met,
        "errors": int(is_judged and not is_met),
    }
