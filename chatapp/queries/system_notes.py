"""What system messages say, as rows of their messages or chats.

Stored are the ids of users only: their names are read with the message, so that they are current, and erased with the
users.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chatapp.events.snapshots import Person, SystemNote

USERS_SHOWN = 10  # of those that a system message is about, as of the users of a reaction


def system_users(note: str) -> str:
    """SQL: the users of a note as a JSON list of the values of `Person`.

    Parameters:
        note: SQL of a `system` value that is not NULL.
    """
    # OFFSET 0: users are looked up.
    return f"""(
        SELECT json_agg(json_build_array(u.id, u.uuid, u.username, u.name, u.picture_url))
        FROM jsonb_array_elements_text({note} -> 'user_ids') noted (id)
        CROSS JOIN LATERAL (SELECT * FROM users WHERE id = noted.id::bigint OFFSET 0) u
    )"""


def people_of(rows: Iterable[Iterable[Any]] | None) -> dict[int, Person]:
    """The users that `system_users` has read, by id."""
    people = [Person(*row) for row in rows or ()]
    return {person.id: person for person in people}


def user_ids(stored: Mapping[str, Any] | None) -> list[int]:
    """Ids of the users of a note as it is stored; none without a note."""
    return [] if stored is None else stored["user_ids"]


def note_of(stored: Mapping[str, Any] | None, people: Mapping[int, Person]) -> SystemNote | None:
    """A note as it is stored; None for None.

    Parameters:
        people: its users, by id.
    """
    if stored is None:
        return None
    return SystemNote(
        event=stored["event"],
        users=tuple(people[id] for id in user_ids(stored) if id in people),
        count=stored["count"],
        member_count=stored.get("member_count"),
        title=stored.get("title"),
        role=stored.get("role"),
    )


def stored_form(note: SystemNote) -> dict[str, Any]:
    """The JSON that is stored of a note."""
    values = {"member_count": note.member_count, "title": note.title, "role": note.role}
    return {
        "event": note.event,
        "user_ids": [user.id for user in note.users[:USERS_SHOWN]],
        "count": note.count,
        **{name: value for name, value in values.items() if value is not None},
    }
