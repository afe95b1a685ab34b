"""People as moderators find them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, NamedTuple

from chatapp.ids.snowflake import MAX_ID
from chatapp.infra.postgres import db
from chatapp.queries.rows import named, select_list


class FoundPerson(NamedTuple):
    """A user with their ban; without one, the fields of the ban are None."""

    id: int
    uuid: str
    username: str
    name: str
    email: str | None
    picture_url: str | None
    is_moderator: bool
    created_at: dt.datetime
    is_shadow: bool | None
    ban_reason: str | None
    ban_until: dt.datetime | None
    banned_at: dt.datetime | None


_COLUMNS = {name: f"u.{name}" for name in FoundPerson._fields} | {
    "uuid": "u.uuid::text",
    "is_shadow": "b.is_shadow",
    "ban_reason": "b.reason",
    "ban_until": "b.until",
    "banned_at": "b.created_at",
}
_SELECT = f"SELECT {select_list(FoundPerson, _COLUMNS)} FROM"

# Each branch is read from an index of its own, and stops at the limit.
_MATCHES = f"""
{_SELECT} (
    (SELECT id FROM users WHERE id = %(id)s)
    UNION
    (SELECT id FROM users WHERE uuid = %(uuid)s::uuid)
    UNION
    (SELECT id FROM users WHERE lower(email) = %(text)s AND password_hash IS NOT NULL)
    UNION
    (SELECT id FROM users WHERE lower(username) LIKE %(prefix)s LIMIT %(limit)s)
    UNION
    (SELECT id FROM users WHERE lower(name) LIKE %(prefix)s LIMIT %(limit)s)
) found JOIN users u ON u.id = found.id LEFT JOIN bans b ON b.user_id = u.id
WHERE u.erased_at IS NULL
ORDER BY lower(u.username) <> %(text)s, lower(u.username), u.id
LIMIT %(limit)s
"""
_BANNED = f"""
{_SELECT} bans b JOIN users u ON u.id = b.user_id
WHERE u.erased_at IS NULL
ORDER BY b.created_at DESC, u.id
LIMIT %(limit)s
"""
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LIKE_SPECIAL = re.compile(r"([\\%_])")


def search(text: str, *, limit: int) -> tuple[list[FoundPerson], bool]:
    """People whose id, UUID or email address is this text, or whose username or name begins with it, and whether
    there are more. For an empty text, those who are banned, the newest ban first.
    """
    wanted = text.strip().lower()
    values: dict[str, Any] = {"limit": limit + 1}
    if not wanted:
        rows = db.execute_sql(_BANNED, values).fetchall()
    else:
        is_id = wanted.isascii() and wanted.isdigit() and len(wanted) <= 16 and int(wanted) <= MAX_ID
        values |= {
            "text": wanted,
            "id": int(wanted) if is_id else None,
            "uuid": wanted if _UUID.fullmatch(wanted) else None,
            "prefix": _LIKE_SPECIAL.sub(r"\\\1", wanted) + "%",
        }
        rows = db.execute_sql(_MATCHES, values).fetchall()
    return named(FoundPerson, rows[:limit]), len(rows) > limit
