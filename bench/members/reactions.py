"""Reactions of many members at once: how many frames each socket gets for them, and whether these cover all changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import requests

from bench.environment import token_for
from bench.members.rows import Chat

REACTING = 100  # members
EMOJI = ("👍", "❤️", "😂", "🎉", "😮")  # each of them reacts with
AT_ONCE = 20  # requests
PREFIX = b'{"type":"reaction'  # of frames
_BASE = "/api/v1/marketplace/chat"


class ReactionFrame(NamedTuple):
    """A frame about reactions: when it arrived, and the first and last version that it stands for."""

    at: float
    from_version: int
    version: int


def read_frame(text: bytes, at: float) -> ReactionFrame:
    """Parse a frame of the social dialect. Parameters: at: when it arrived, in seconds."""
    payload = json.loads(text)["payload"]
    return ReactionFrame(at, payload.get("fromVersion", payload["version"]), payload["version"])


def react(url: str, chat: Chat) -> int:
    """Let members react to the newest message of a chat; returns the number of reactions.

    Raises:
        requests.HTTPError: one was refused.
    """
    newest = _asked("GET", f"{url}{_BASE}/messages?chat_id={chat.id}&limit=1", chat.people[0])["messages"][0]["id"]
    path = f"{url}{_BASE}/messages/{newest}/reactions"
    wanted = [(person, emoji) for emoji in EMOJI for person in chat.people[:REACTING]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda pair: _asked("POST", path, pair[0], {"emoji": pair[1]}), wanted))
    return len(wanted)


def _asked(method: str, url: str, person: int, body: object = None) -> dict[str, list[dict[str, int]]]:
    headers = {"Authorization": f"Bearer {token_for(person)}"}
    response = requests.request(method, url, json=body, headers=headers, timeout=60)
    response.raise_for_status()
    data: dict[str, list[dict[str, int]]] = response.json()["data"]
    return data


def frames_a_second(received: Mapping[int, Sequence[ReactionFrame]]) -> float:
    """The most that one socket got, counted from its first frame on."""
    rates = [
        (len(frames) - 1) / (frames[-1].at - frames[0].at)
        for frames in received.values()
        if len(frames) > 1 and frames[-1].at > frames[0].at
    ]
    return max(rates, default=0.0)


def incomplete(received: Mapping[int, Sequence[ReactionFrame]], people: Sequence[int], reactions: int) -> list[str]:
    """Which people did not get every change exactly once, in order."""
    errors = []
    for person in people:
        frames = received.get(person, ())
        covered = sum(frame.version - frame.from_version + 1 for frame in frames)
        has_gap = any(frame.from_version != last.version + 1 for last, frame in pairwise(frames))
        if covered != reactions or has_gap:
            errors.append(f"person {person}: {covered} of {reactions} changes" + ", with a gap" * has_gap)
    return errors
