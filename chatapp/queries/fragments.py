"""SQL that several queries share: rules about a member's view of a chat, and the end of a chat since a transaction.

Parameters named `member` and `chat` are aliases of rows of `chat_members` and `chats`.

A message in a chat of two writes into both members' rows what lists and counts look for: the bucket, the flags. In a
larger chat it writes only its sender's row, so the queries visit all larger chats of a user, who is in few of them.
"""

from __future__ import annotations


def counterpart_id(chat: str, user: str) -> str:
    """The id of the other member of a chat of two; NULL for a larger chat. In Python `ids.pair_key.members_of`.

    Parameters:
        user: SQL of the id of one member.
    """
    return f"counterpart_id({chat}.pair_key, {user})"


def is_in_larger_chat(member: str) -> str:
    """Whether a membership may be of a chat of more than two members; these have an index of their own."""
    return f"{member}.role IN ('owner', 'admin', 'member')"


def is_listed(member: str) -> str:
    """Whether a member's lists show the chat: not if it is empty, of two, and the other member opened it."""
    return f"({member}.active_bucket > 0 OR {is_in_larger_chat(member)})"


def is_archived(chat: str, member: str) -> str:
    """Whether a member has archived the chat, and no message followed.

    A message in a chat of two clears `is_archived` of both members. In a larger chat the flag stays, and `archived_seq`
    shows that it is over.
    """
    return f"({member}.is_archived AND coalesce({member}.archived_seq >= {chat}.last_seq, true))"


def is_snoozed(last_seq: str, member: str) -> str:
    """Whether a member has snoozed a chat, the time has not come, and no message followed.

    A message writes nothing for it: `snoozed_seq` shows that the snooze is over.

    Parameters:
        last_seq: SQL of the last `seq` of the chat. If it is a subquery, it runs for snoozed chats only.
    """
    return f"CASE WHEN {member}.snoozed_until > now() THEN {member}.snoozed_seq >= {last_seq} ELSE false END"


def is_marked_unread(member: str) -> str:
    """Whether a member has marked a chat as unread, and has neither read it nor written in it since.

    In Python `ChatMember.is_marked_unread`.
    """
    return f"coalesce({member}.unread_mark_seq = {member}.last_read_seq, false)"


def has_draft(member: str) -> str:
    """Whether a member has a draft, and has not sent a message since.

    Reading moves `draft_seq` with the read pointer. Sending moves only the pointer: so it clears the draft, and costs
    nothing for it.
    """
    return f"({member}.draft_seq = {member}.last_read_seq)"


def may_have_unread(users: str) -> str:
    """A subquery of the memberships in which users may have unread messages.

    Parameters:
        users: SQL of an array of ids.
    """
    return f"""(
    SELECT * FROM chat_members m WHERE user_id = ANY({users}) AND has_unread AND NOT {is_in_larger_chat("m")}
    UNION ALL
    SELECT * FROM chat_members m WHERE user_id = ANY({users}) AND {is_in_larger_chat("m")}
)"""


def shows_presence(chat: str, one: str, other: str) -> str:
    """Whether the two members of a chat see each other's presence: online, and last seen. Every query asks this.

    Not before the first message, nor during a block. Nor if one of them hides it: who hides it sees none.

    Parameters:
        one, other: aliases of rows of `users`.
    """
    return f"({chat}.last_seq > 0 AND NOT {chat}.blocked AND NOT {hides_presence(one, other)})"


def hides_presence(one: str, other: str) -> str:
    """Whether one of two users hides presence: then neither sees that of the other."""
    return f"({one}.hide_last_seen OR {other}.hide_last_seen)"


def visible_floor(member: str) -> str:
    """The `seq` up to which messages are hidden from a member; in Python `ChatMember.visible_floor`."""
    return f"greatest({member}.cleared_seq, {member}.joined_seq)"


def read_floor(member: str) -> str:
    """The `seq` up to which a member has nothing unread; in Python `ChatMember.read_floor`."""
    return f"greatest({member}.last_read_seq, {member}.cleared_seq, {member}.joined_seq)"


def unread_count(chat: str, member: str) -> str:
    """The number of messages that a member has not read."""
    return f"greatest(0, {chat}.last_seq - {read_floor(member)})"


def may_hide(chat: str, member: str) -> str:
    """Whether a chat may have messages that a member does not see (`chatapp.access`).

    So it is if the member has hidden some; and in a larger chat if the member blocks another member, or who sent the
    last message and may have left.
    """
    # OFFSET 0: both tables are looked up, never scanned.
    is_member = (
        f"EXISTS (SELECT FROM chat_members WHERE user_id = b.blocked_id AND chat_id = {member}.chat_id OFFSET 0)"
    )
    return f"""({member}.has_hidden OR {chat}.pair_key IS NULL AND EXISTS (
        SELECT FROM blocks b WHERE b.blocker_id = {member}.user_id
            AND (b.blocked_id = {chat}.last_message_sender_id OR {is_member}) OFFSET 0
    ))"""


def receipt_for_others(member: str) -> str:
    """The `seq` up to which others see a member as having read: frozen while a block exists."""
    return f"coalesce({member}.receipts_to, {member}.last_read_seq)"


def receipt(member: str, *, viewer: str = "%(viewer)s") -> str:
    """The `seq` up to which a viewer sees a member as having read.

    Parameters:
        viewer: SQL of the viewer's id; where it is NULL, the receipt is what all members may see.
    """
    return f"CASE WHEN {member}.user_id = {viewer} THEN {member}.last_read_seq ELSE {receipt_for_others(member)} END"


def written_since(table: str, key: str, condition: str, *, retention: int) -> str:
    """A subquery of rows that transactions with stamps from `%(xmin)s` on wrote to `%(chats)s`, by chat and key.

    Within a chat, keys rise in the order of its transactions (see `catchup`): going backwards, the first row of an
    older transaction ends the search, and so does one with a version in `%(known)s`. This search runs only where a chat
    begins, or where the client has learnt of a change since its last page. Other pages of the chat start at the key in
    `%(after)s`, so their cost does not depend on the length of the absence. `ordinal` is an order that the planner
    knows, so chats beyond `%(limit)s` are not visited.

    Parameters:
        table: `messages` or `message_changes`.
        key: its column that rises with the versions of a chat.
        condition: what else a row must fulfil. `wanted.floor` is the chat's value in `%(floors)s`.
        retention: the class of the rows, and of all chats.
    """
    return f"""(
    SELECT wanted.ordinal, found.* FROM
        unnest(%(chats)s::bigint[], %(after)s::bigint[], %(floors)s::bigint[], %(known)s::bigint[])
        WITH ORDINALITY AS wanted (chat_id, start, floor, known, ordinal)
    CROSS JOIN LATERAL (
        SELECT * FROM {table} WHERE retention = {retention} AND chat_id = wanted.chat_id AND {condition}
            AND {key} > greatest(wanted.start, CASE WHEN wanted.start = 0 THEN (
                SELECT {key} FROM {table} old WHERE old.retention = {retention} AND old.chat_id = wanted.chat_id
                    AND (old.created_in < %(xmin)s::text::xid8 OR old.version <= wanted.known)
                ORDER BY {key} DESC LIMIT 1
            ) END)
        ORDER BY {key} LIMIT %(limit)s
    ) found ORDER BY wanted.ordinal, found.{key} LIMIT %(limit)s
)"""
