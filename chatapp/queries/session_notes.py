"""What a message in a session is, as its row stores it in `extra`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from chatapp.events.snapshots import SessionNote


def note_of(stored: Mapping[str, Any] | None) -> SessionNote | None:
    """A note as it is stored; None for None. What else is stored beside it is not for clients."""
    if stored is None:
        return None
    values = {field.name: stored[field.name] for field in fields(SessionNote) if field.name in stored}
    return SessionNote(**values | {"parts": tuple(values.get("parts", ()))})


def stored_form(note: SessionNote, **beside: Any) -> dict[str, Any]:
    """The JSON that is stored of a note.

    Parameters:
        beside: what else to store; None is left out.
    """
    values = {field.name: getattr(note, field.name) for field in fields(SessionNote)} | beside
    return {name: value for name, value in values.items() if value is not None and value != ()}
