"""Examples that older clients were written against, and how responses of today are compared with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "older_clients"
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ID_FIELDS = ("id", "chat_id", "message_id", "message_ids", "receiver_id", "sender_id", "user_id")


def example(name: str) -> Any:
    """A printed example, such as `marketplace/rest_1`."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def with_ids(printed: Any, ids: dict[int, int]) -> Any:
    """An example with the ids of this run in place of the printed ones."""
    if not isinstance(printed, dict):
        return printed
    return {
        name: _with_id(value, ids) if name in _ID_FIELDS else with_ids(value, ids) for name, value in printed.items()
    }


def differences(printed: Any, sent: Any, path: str = "$") -> list[str]:
    """Where what was sent lacks a printed field, or has it in another type. Further fields are no difference.

    An object or list that was printed empty stands for any; of a list all elements must be like the first printed one.
    """
    if isinstance(printed, bool) or not isinstance(printed, dict | list):
        return _scalar_differences(printed, sent, path)
    if type(sent) is not type(printed):
        return [f"{path}: {type(sent).__name__} instead of {type(printed).__name__}"]
    if isinstance(printed, list):
        return [
            difference
            for index, element in enumerate(sent)
            for difference in (differences(printed[0], element, f"{path}[{index}]") if printed else ())
        ]
    found = [f"{path}.{name} is missing" for name in printed if name not in sent]
    for name in printed.keys() & sent.keys():
        found += differences(printed[name], sent[name], f"{path}.{name}")
    return found


def _scalar_differences(printed: Any, sent: Any, path: str) -> list[str]:
    if type(sent) is not type(printed):
        return [f"{path}: {type(sent).__name__} instead of {type(printed).__name__}"]
    if isinstance(printed, str) and _TIMESTAMP.fullmatch(printed) and not _TIMESTAMP.fullmatch(sent):
        return [f"{path}: {sent!r} is no timestamp"]
    return []


def _with_id(value: Any, ids: dict[int, int]) -> Any:
    return [ids.get(one, one) for one in value] if isinstance(value, list) else ids.get(value, value)
