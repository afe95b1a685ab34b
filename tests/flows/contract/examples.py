"""Examples that older clients were written against, and how current responses are compared with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "older_clients"
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ID_FIELDS = ("id", "chat_id", "message_id", "message_ids", "receiver_id", "sender_id", "user_id")


def example(name: str) -> Any:
    """A recorded example, such as `marketplace/rest_1`."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def with_ids(recorded: Any, ids: dict[int, int]) -> Any:
    """An example with the recorded ids replaced by those of this run."""
    if not isinstance(recorded, dict):
        return recorded
    return {
        name: _with_id(value, ids) if name in _ID_FIELDS else with_ids(value, ids) for name, value in recorded.items()
    }


def differences(recorded: Any, sent: Any, path: str = "$") -> list[str]:
    """Where `sent` lacks a recorded field, or has it in another type. Additional fields are not a difference.

    An empty object or list matches any; all elements of a list must match the first recorded one.
    """
    if isinstance(recorded, bool) or not isinstance(recorded, dict | list):
        return _scalar_differences(recorded, sent, path)
    if type(sent) is not type(recorded):
        return [f"{path}: {type(sent).__name__} instead of {type(recorded).__name__}"]
    if isinstance(recorded, list):
        return [
            difference
            for index, element in enumerate(sent)
            for difference in (differences(recorded[0], element, f"{path}[{index}]") if recorded else ())
        ]
    found = [f"{path}.{name} is missing" for name in recorded if name not in sent]
    for name in recorded.keys() & sent.keys():
        found += differences(recorded[name], sent[name], f"{path}.{name}")
    return found


def _scalar_differences(recorded: Any, sent: Any, path: str) -> list[str]:
    if type(sent) is not type(recorded):
        return [f"{path}: {type(sent).__name__} instead of {type(recorded).__name__}"]
    if isinstance(recorded, str) and _TIMESTAMP.fullmatch(recorded) and not _TIMESTAMP.fullmatch(sent):
        return [f"{path}: {sent!r} is not a timestamp"]
    return []


def _with_id(value: Any, ids: dict[int, int]) -> Any:
    return [ids.get(one, one) for one in value] if isinstance(value, list) else ids.get(value, value)
