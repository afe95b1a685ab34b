"""What people do with their chats: settings, drafts and search, and the titles of groups."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from chaos.load.acting import Acting, Place

# Longer than any run, also where a clock is an hour wrong.
LATER = dt.timedelta(days=1)


class _Request(NamedTuple):
    """Parameters: path: below the one of the chat. body: None for none."""

    method: str
    path: str
    body: Callable[[], dict[str, Any] | None] = lambda: None
    refusals: tuple[str, ...] = ()


def _until() -> dict[str, Any]:
    return {"until": (dt.datetime.now(dt.UTC) + LATER).isoformat()}


def _draft() -> dict[str, Any]:
    return {"content": random.choice(("", "I would like to", "Is it"))}


_SETTINGS = {
    "mute": _Request("POST", "/mute"),
    "mute until": _Request("POST", "/mute", _until),
    "unmute": _Request("POST", "/unmute"),
    "snooze": _Request("POST", "/snooze", _until),
    "unsnooze": _Request("POST", "/unsnooze"),
    "archive": _Request("POST", "/archive"),
    "unarchive": _Request("POST", "/unarchive"),
    "pin chat": _Request("POST", "/pin", refusals=("tooManyPinnedChats",)),
    "unpin chat": _Request("POST", "/unpin"),
    "mark unread": _Request("POST", "/mark-unread"),
    "save draft": _Request("PUT", "/draft", _draft),
    "read draft": _Request("GET", "/draft"),
}


class ChatActions:
    """Each action is that of a member, in a random dialect. Parameters: owners: of the groups among the chats."""

    def __init__(self, acting: Acting, owners: dict[int, int]) -> None:
        self._acting = acting
        self._owners = owners
        self._titles = itertools.count(1)

    def act(self, place: Place) -> None:
        """Change a setting or a draft, search, or give a group another title."""
        chance = random.random()
        if chance < 0.2:
            self._search(place)
        elif chance < 0.4 and place.chat in self._owners:
            self._change_title(place)
        else:
            what = random.choice(list(_SETTINGS))
            method, path, body, refusals = _SETTINGS[what]
            self._acting.ask(what, place, method, place.path + path, refusals=refusals, json=body())

    def _search(self, place: Place) -> None:
        """For the beginning of a key, which is the first word of a text; in the chat, or in all."""
        params: dict[str, Any] = {"q": str(random.randint(1, 99))}
        if random.random() < 0.5:
            params[place.name("chat_id")] = place.dialect.shown_chat_id(place.chat)
        self._acting.ask("search", place, "GET", "/search", params=params)

    def _change_title(self, place: Place) -> None:
        owner = place._replace(person=self._owners[place.chat])
        path = f"/groups/{place.dialect.shown_chat_id(place.chat)}"
        self._acting.ask("title", owner, "PATCH", path, json={"title": f"Everyone {next(self._titles)}"})
