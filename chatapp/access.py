"""Fetching with permission: actions get rows of chats, messages and files only from here.

Non-members get the same `NotFound` as for an id that does not exist, after the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, NotFound
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.infra.refreshed_value import RefreshedValue
from chatapp.models import Attachment, Chat, ChatMember, Message
from chatapp.models.base import Table
from chatapp.models.messages import SYSTEM

Row = TypeVar("Row", bound=Table)

hides_blocked: Bound[bool] = Bound("Blocks in larger chats", lambda settings: settings.blocked_in_groups == "hidden")


@dataclass(frozen=True, slots=True)
class ShadowBans:
    """Ids of users.

    Attributes:
        banned: they are shadow-banned: what they write now, no one else sees.
        authors: they are, or were once: they may see what no one else does.
    """

    banned: frozenset[int]
    authors: frozenset[int]


def _read_shadow_bans() -> ShadowBans:
    banned = db.execute_sql("SELECT user_id FROM bans WHERE is_shadow").fetchall()
    authors = db.execute_sql("SELECT user_id FROM shadow_authors").fetchall()
    return ShadowBans(frozenset(id for (id,) in banned), frozenset(id for (id,) in authors))


shadow_bans: RefreshedValue[ShadowBans] = RefreshedValue("Shadow bans", _read_shadow_bans)
"""In memory, because every write and every page asks for it."""


def is_shadow_banned(user_id: int) -> bool:
    """Whether no one else may see what a user writes now, who must not notice it. All writes ask here.

    Raises:
        Unavailable: Postgres is away, at the first call of a process.
    """
    return user_id in shadow_bans().banned


def sees_own_shadow(user_id: int) -> bool:
    """Whether a user may have written what no one else sees. All reads ask here.

    Raises:
        Unavailable: as in `is_shadow_banned`.
    """
    return user_id in shadow_bans().authors


@dataclass(frozen=True, slots=True)
class Membership:
    """A chat as one of its members sees it.

    Attributes:
        hidden_senders: ids of the users whose messages the member does not see here.
    """

    chat: Chat
    member: ChatMember
    hidden_senders: frozenset[int] = frozenset()

    @property
    def hides_some(self) -> bool:
        """Whether there may be messages that the member does not see: of hidden senders, or hidden one by one."""
        return bool(self.hidden_senders) or bool(self.member.has_hidden)


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message that the actor wrote, and its chat.

    Attributes:
        file_count: its attachments, including those in quarantine.
    """

    message: Message
    chat: Chat
    file_count: int


class _Columns(Generic[Row]):
    """The columns of a model, for queries in SQL: Peewee takes longer to build a query than Postgres to run it.

    Attributes:
        sql: the select list.
    """

    def __init__(self, model: type[Row], alias: str, *, without: str = "") -> None:
        fields = [field for field in model._meta.sorted_fields if field.name != without]
        self.sql = ", ".join(f"{alias}.{field.column_name}" for field in fields)
        self._model = model
        self._names = tuple(field.name for field in fields)

    def take(self, values: Iterator[Any]) -> Row:
        """Build a model from the next values of a row, as many as there are columns."""
        return self._model(**dict(zip(self._names, values, strict=False)))


_CHAT = _Columns(Chat, "c", without="changed_in")
_MEMBER = _Columns(ChatMember, "m", without="changed_in")
_MESSAGE = _Columns(Message, "message", without="created_in")
_ATTACHMENT = _Columns(Attachment, "a")


def blocked_in(chat: str, user: str) -> str:
    """SQL: the ids of those that a user blocks, for `hidden_senders`; NULL in a chat of two, which a block closes.

    Parameters:
        chat: alias of a row of `chats`.
        user: SQL of the id of a member.
    """
    return f"CASE WHEN {chat}.pair_key IS NULL THEN ARRAY(SELECT blocked_id FROM blocks WHERE blocker_id = {user}) END"


def hidden_senders(blocked: Sequence[int] | None) -> frozenset[int]:
    """The users whose messages a member does not see: in a larger chat, those that the member blocks.

    Parameters:
        blocked: the value of `blocked_in`.
    """
    return frozenset(blocked) if blocked and hides_blocked() else frozenset()


def is_hidden_by(user: str, message: str) -> str:
    """SQL: whether a user has hidden a message from oneself. It is asked only of members with `has_hidden`.

    Parameters:
        user, message: SQL of their ids.
    """
    # OFFSET 0: looked up for each message.
    return f"""EXISTS (
        SELECT FROM message_marks WHERE user_id = {user} AND message_id = {message} AND hidden_at IS NOT NULL OFFSET 0
    )"""


def _is_hidden(message: str) -> str:
    return f"m.has_hidden AND {is_hidden_by('m.user_id', message)}"


def access_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> Membership:
    """The chat and the actor's membership.

    Parameters:
        lock: hold the chat's row until the transaction ends. Required to move `seq` or `version`.

    Raises:
        NotFound: there is no such chat for this actor.
    """
    return _fetch_chat(_LOCK_AND_GET_CHAT if lock else _GET_CHAT, actor, chat_id)


def access_chats(actor: Actor, chat_ids: Sequence[int]) -> list[Chat]:
    """Several chats of the actor, in any order.

    Parameters:
        chat_ids: distinct.

    Raises:
        NotFound: one of them is not a chat of the actor.
    """
    rows = db.run(_GET_CHATS, {"user": actor.id, "chats": list(chat_ids)}).fetchall()
    if len(rows) < len(chat_ids):
        raise NotFound("chat_not_found")
    return [_CHAT.take(iter(row)) for row in rows]


def access_chat_to_read(actor: Actor, chat_id: int) -> Membership:
    """The chat and the actor's membership, in order to move the read pointer; a chat of two is locked.

    A larger chat is not: a thousand members may read a message at the same moment, and the next one must not wait for
    them. There, nothing but their own membership depends on the pointer.

    Raises:
        NotFound: there is no such chat for this actor.
    """
    return _fetch_chat(_LOCK_PAIR_AND_GET_CHAT, actor, chat_id)


def _fetch_chat(statement: Statement | Batch, actor: Actor, chat_id: int) -> Membership:
    row = db.run(statement, {"user": actor.id, "chat": chat_id}).fetchone()
    if row is None:
        raise NotFound("chat_not_found")
    return _membership(iter(row))


def _membership(columns: Iterator[Any]) -> Membership:
    return Membership(_CHAT.take(columns), _MEMBER.take(columns), hidden_senders(next(columns)))


_MEMBERSHIP = f"{_CHAT.sql}, {_MEMBER.sql}, {blocked_in('c', 'm.user_id')}"
_GET_CHAT = Statement(f"""
SELECT {_MEMBERSHIP} FROM chat_members m JOIN chats c ON c.id = m.chat_id
WHERE m.user_id = %(user)s AND m.chat_id = %(chat)s
""")
_GET_CHATS = Statement(f"""
SELECT {_CHAT.sql} FROM unnest(%(chats)s::bigint[]) AS wanted (id)
JOIN chat_members m ON m.user_id = %(user)s AND m.chat_id = wanted.id JOIN chats c ON c.id = m.chat_id
""")
# Only members can lock a chat.
_LOCK = """
SELECT FROM chats WHERE id = %(chat)s AND {condition}
    AND EXISTS (SELECT FROM chat_members WHERE user_id = %(user)s AND chat_id = %(chat)s) FOR NO KEY UPDATE
"""
_LOCK_CHAT = Statement(_LOCK.format(condition="true"))
_LOCK_PAIR = Statement(_LOCK.format(condition="pair_key IS NOT NULL"))
# One round trip and two snapshots: the second statement reads what was committed while the first waited for the lock.
_LOCK_AND_GET_CHAT = Batch(_LOCK_CHAT, _GET_CHAT)
_LOCK_PAIR_AND_GET_CHAT = Batch(_LOCK_PAIR, _GET_CHAT)


def access_message(
    actor: Actor, message_id: int, *, lock: bool = False, with_own_hidden: bool = False
) -> tuple[Message, Membership]:
    """A message of one of the actor's chats, and the chat.

    Parameters:
        lock: hold the chat's row until the transaction ends. Required to change what all members see of the message.
        with_own_hidden: also one that the actor has hidden.

    Raises:
        NotFound: there is no such message for this actor, or it is hidden.
    """
    values = {"user": actor.id, "message": message_id}
    row = db.run(_LOCK_AND_GET_MESSAGE if lock else _GET_MESSAGE, values).fetchone()
    if row is None:
        raise NotFound("message_not_found")
    columns = iter(row)
    message, membership, is_hidden = _MESSAGE.take(columns), _membership(columns), next(columns)
    is_visible = message.seq > membership.member.visible_floor and message.sender_id not in membership.hidden_senders
    if not is_visible or (is_hidden and not with_own_hidden):
        raise NotFound("message_not_found")
    return message, membership


# With the chat and the membership in one query, a message of another chat takes as long to refuse as a missing one.
_FROM_MESSAGE = """
FROM messages message
JOIN chat_members m ON m.user_id = %(user)s AND m.chat_id = message.chat_id JOIN chats c ON c.id = m.chat_id
WHERE message.retention IN (0, 1) AND message.id = %(message)s AND message.seq > greatest(m.cleared_seq, m.joined_seq)
"""
_GET_MESSAGE = Statement(f"SELECT {_MESSAGE.sql}, {_MEMBERSHIP}, {_is_hidden('message.id')} {_FROM_MESSAGE}")
# Only a member can lock the chat in this way.
_LOCK_CHAT_OF_MESSAGE = Statement(f"SELECT FROM chats WHERE id = (SELECT c.id {_FROM_MESSAGE}) FOR NO KEY UPDATE")
_LOCK_AND_GET_MESSAGE = Batch(_LOCK_CHAT_OF_MESSAGE, _GET_MESSAGE)


def access_own_message(actor: Actor, message_id: int, *, lock: bool = True) -> OwnMessage:
    """A message that the actor wrote, and its chat.

    Parameters:
        lock: hold the chat's row until the transaction ends. Required to change the message.

    Raises:
        NotFound: there is no such message for this actor, or the actor has hidden it.
        Forbidden: `not_author`; `system_message`: it records what the actor did, and stays as it is.
    """
    values = {"user": actor.id, "message": message_id}
    row = db.run(_LOCK_AND_GET_OWN_MESSAGE if lock else _GET_OWN_MESSAGE, values).fetchone()
    if row is None:
        raise NotFound("message_not_found")
    columns = iter(row)
    found = OwnMessage(_MESSAGE.take(columns), _CHAT.take(columns), next(columns))
    if next(columns):
        raise NotFound("message_not_found")
    if found.message.sender_id != actor.id:
        raise Forbidden("not_author")
    if found.message.message_type == SYSTEM:
        raise Forbidden("system_message")
    return found


_GET_OWN_MESSAGE = Statement(f"""
SELECT {_MESSAGE.sql}, {_CHAT.sql}, (SELECT count(*) FROM attachments WHERE message_id = message.id),
    {_is_hidden("message.id")} {_FROM_MESSAGE}
""")
# Only the author can lock the chat in this way.
_LOCK_CHAT_OF_OWN_MESSAGE = Statement(f"""
SELECT FROM chats WHERE id = (SELECT c.id {_FROM_MESSAGE} AND message.sender_id = %(user)s) FOR NO KEY UPDATE
""")
_LOCK_AND_GET_OWN_MESSAGE = Batch(_LOCK_CHAT_OF_OWN_MESSAGE, _GET_OWN_MESSAGE)


def access_attachment(actor: Actor, attachment_id: int, *, lock: bool = False) -> Attachment:
    """A file of one of the actor's chats, or one that the actor uploaded and has not sent yet.

    Only the uploader gets a file that is still being uploaded or is in quarantine. Expired files do not exist, nor do
    those of hidden messages.

    Parameters:
        lock: hold its row until the transaction ends, if the actor uploaded it.

    Raises:
        NotFound: there is no such attachment for this actor.
    """
    values = {"user": actor.id, "attachment": attachment_id}
    row = db.run(_LOCK_AND_GET_ATTACHMENT if lock else _GET_ATTACHMENT, values).fetchone()
    if row is None:
        raise NotFound("attachment_not_found")
    columns = iter(row)
    attachment = _ATTACHMENT.take(columns)
    if attachment.uploader_id in hidden_senders(next(columns)) or next(columns):
        raise NotFound("attachment_not_found")
    return attachment


_GET_ATTACHMENT = Statement(f"""
SELECT {_ATTACHMENT.sql}, (SELECT {blocked_in("c", "%(user)s")} FROM chats c WHERE c.id = a.chat_id),
    {_is_hidden("a.message_id")}
FROM attachments a
LEFT JOIN chat_members m ON m.user_id = %(user)s AND m.chat_id = a.chat_id
WHERE a.id = %(attachment)s AND (a.expires_at IS NULL OR a.expires_at > now())
    AND (a.uploader_id = %(user)s OR a.state = 'ready')
    AND CASE WHEN a.message_id IS NULL THEN a.uploader_id = %(user)s ELSE a.message_id > m.joined_message_id END
""")
# Only the uploader can lock it.
_LOCK_OWN_ATTACHMENT = Statement("""
SELECT FROM attachments WHERE id = %(attachment)s AND uploader_id = %(user)s FOR UPDATE
""")
_LOCK_AND_GET_ATTACHMENT = Batch(_LOCK_OWN_ATTACHMENT, _GET_ATTACHMENT)
