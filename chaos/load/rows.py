"""What a client learns from frames and responses, as rows and marks of the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chaos.history import Mark, Row
from chatapp.ids import snowflake

REACTIONS = ("reaction_added", "reaction_removed", "reactions_updated")
PINS = ("message_pinned", "message_unpinned")
MARKS = (*REACTIONS, *PINS)
"""Changes that have a version, and leave the text of a message as it is."""

DELETED = "[deleted]"  # the content of a deleted message in every dialect


def row_of(message: dict[str, Any]) -> Row:
    """Convert a message to a row of the history. The messages of the release before have no reactions."""
    key = message["client_message_id"] or ""
    ids = (message["seq"], message["id"], message["version"], message["sender_id"])
    return Row(*ids, key, _digest(message), reactions_digest(message.get("reactions", ())))


def _digest(message: dict[str, Any]) -> int:
    """A hash of what a client shows; 0 of a deleted message, of which a change may carry nothing else."""
    if message["is_deleted"] and message["content"] == DELETED:
        return 0
    files = tuple(sorted((file["file_name"], file["file_size"]) for file in message["attachments"]))
    return hash((message["content"], message["is_edited"], message["is_deleted"], message["created_at"], files))


def reactions_digest(kinds: Iterable[dict[str, Any]]) -> int:
    """A hash of the reactions of a message; 0 if there are none."""
    shown = tuple((kind["emoji"], kind["count"], *kind["user_ids"]) for kind in kinds)
    return hash(shown) if shown else 0


def rows_of(page: dict[str, Any]) -> dict[int, list[Row]]:
    """Convert a page of a catch-up to rows, by chat."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for message in page["messages"]:
        rows[message["chat_id"]].append(row_of(message))
    for change in page["changes"]:
        if change["type"] in ("message_edited", "attachments_updated"):
            rows[change["chat_id"]].append(row_of(change["message"])._replace(version=change["version"]))
        elif change["type"] == "message_deleted":
            rows[change["chat_id"]].append(Row(0, change["message_id"], change["version"], 0, ""))
    return rows


def marks_of(frame: dict[str, Any], device: int) -> list[Mark]:
    """Convert a live frame, or a change of a catch-up, to what it says about reactions and pins."""
    kind, chat = frame["type"], frame.get("chat_id", 0)
    if kind in PINS:
        is_pinned = kind == "message_pinned"
        return [Mark(device, chat, frame["message_id"], frame["version"], is_pinned=is_pinned)]
    if kind not in REACTIONS:
        return []
    changed = frame["messages"] if kind == "reactions_updated" else [frame]
    return [
        Mark(device, chat, each["message_id"], each["version"], reactions=reactions_digest(each["reactions"]))
        for each in changed
    ]


def complete_versions(page: dict[str, Any]) -> dict[int, int]:
    """The version up to which nothing is missing of each chat on a page of a catch-up.

    The release before does not say it: there it is that of the last change.
    """
    if "complete" in page:
        return {entry["chat_id"]: entry["version"] for entry in page["complete"]}
    kinds = {"chat_advanced", *MARKS}
    found = {chat: max(row.version for row in rows) for chat, rows in rows_of(page).items()}
    for change in page["changes"]:
        if change["type"] in kinds:
            found[change["chat_id"]] = max(change["version"], found.get(change["chat_id"], 0))
    return found


def stored_at(message_id: int) -> float:
    """Wall-clock seconds at which a message got its id."""
    return snowflake.moment_of(message_id).timestamp()
