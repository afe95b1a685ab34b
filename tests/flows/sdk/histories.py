"""Random histories of a chat as steps that two clients carry out, and what the Python client shows afterwards."""

from __future__ import annotations

import random
from typing import Any

from chatapp_client import ChatState
from tests.chatapp_client.histories import ACTS, CHAT, EMOJI, ME, OTHER, History

MOST_ACTIONS = 25
Step = dict[str, Any]
_OWN = ("chat_settings_updated", "draft_updated")
_SETTINGS = ("is_archived", "is_muted", "is_pinned", "is_marked_unread")


class OwnHistory(History):
    """A history with my own settings and drafts."""

    settings_version = 0

    def change_settings(self, chance: random.Random) -> None:
        """Change my settings of the chat."""
        self.settings_version += 1
        settings: dict[str, Any] = {name: chance.random() < 0.5 for name in _SETTINGS}
        settings |= {"muted_until": None, "snoozed_until": chance.choice([None, "2090-01-01T00:00:00Z"])}
        self._emit("chat_settings_updated", settings=settings, settings_version=self.settings_version,
                   seq=len(self.messages))  # fmt: skip

    def write_draft(self, chance: random.Random) -> None:
        """Write a draft, or remove it."""
        self.settings_version += 1
        content = chance.choice(["", f"draft {self.settings_version}"])
        self._emit("draft_updated", content=content, settings_version=self.settings_version, seq=len(self.messages))

    def page(self, after: int, *, cursor: str = "end") -> dict[str, Any]:
        """The catch-up after a version; settings and drafts are in entries of the list, which these histories lack."""
        frames, self.frames = self.frames, [frame for frame in self.frames if frame["type"] not in _OWN]
        found = super().page(after, cursor=cursor)
        self.frames = frames
        return found


def random_history(chance: random.Random) -> OwnHistory:
    """Any sequence of actions of two users in a chat."""
    history = OwnHistory()
    history.send(chance.choice([ME, OTHER]))
    for _ in range(chance.randint(0, MOST_ACTIONS)):
        act, person = chance.choice([*ACTS, "settings", "draft"]), chance.choice([ME, OTHER])
        index = chance.randrange(len(history.messages))
        if act == "send":
            history.send(person)
        elif act == "react":
            history.react(index, person, chance.choice(EMOJI))
        elif act == "read":
            history.mark_read(person, index)
        elif act == "settings":
            history.change_settings(chance)
        elif act == "draft":
            history.write_draft(chance)
        else:
            getattr(history, act)(index)
    return history


def cases(seed: int) -> list[dict[str, Any]]:
    """One history in each order in which it can arrive, with the Python client's view of it."""
    chance = random.Random(seed)
    history = random_history(chance)
    orders = [_live(history), _fresh(history), _shuffled(history, chance), _with_losses(history, chance)]
    return [{"seed": seed, "steps": steps, "expected": _view_after(steps)} for steps in orders]


def _live(history: History) -> list[Step]:
    return [{"do": "frame", "frame": frame} for frame in history.frames]


def _fresh(history: History) -> list[Step]:
    return [{"do": "message", "message": message} for message in history.as_read()]


def _shuffled(history: History, chance: random.Random) -> list[Step]:
    steps = _live(history) + chance.choices(_live(history), k=len(history.frames))
    chance.shuffle(steps)
    if chance.random() < 0.1:
        deletion = {"type": "chat_deleted", "chat_id": CHAT, "deleted_by": OTHER, "version": history.version + 1}
        steps.insert(chance.randrange(len(steps)), {"do": "frame", "frame": deletion})
    return steps


def _with_losses(history: History, chance: random.Random) -> list[Step]:
    """Frames up to a cursor, then some of those after it, with the page of a catch-up among them."""
    before = chance.randint(0, len(history.frames))
    after = max((frame.get("version", 0) for frame in history.frames[:before]), default=0)
    late = [step for step in _live(history)[before:] if chance.random() < 0.5]
    cut = chance.randint(0, len(late))
    page: Step = {"do": "page", "page": history.page(after), "cursor": "begin"}
    return [{"do": "cursor", "cursor": "begin"}, *_live(history)[:before], *late[:cut], page, *late[cut:]]


def _view_after(steps: list[Step]) -> dict[str, Any]:
    state = ChatState(ME)
    for step in steps:
        if step["do"] == "frame":
            state.apply(step["frame"])
        elif step["do"] == "message":
            state.apply_message(step["message"])
        elif step["do"] == "cursor":
            state.cursor = step["cursor"]
        else:
            state.begin_catch_up()
            state.apply_page(step["page"], step["cursor"])
    return {
        "messages": state.messages(CHAT),
        "unread": state.unread(CHAT),
        "pinned": state.pinned(CHAT),
        "starred": state.starred(CHAT),
        "settings": state.settings(CHAT),
        "is_deleted": CHAT in state.deleted,
        "needs_resume": state.needs_resume,
        "cursor": state.cursor,
    }
