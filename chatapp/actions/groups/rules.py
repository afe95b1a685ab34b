"""Who may do what in a group, and what its title may be.

| | owner | admin | member |
|---|---|---|---|
| send, leave | yes | yes | yes |
| add members, change title and picture | yes | yes | no |
| remove | everyone | members | no |
| change roles, delete the group | yes | no | no |
"""

from __future__ import annotations

from chatapp.access import Membership, access_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, Invalid, NotFound, Reason
from chatapp.infra.bound import Bound
from chatapp.models.chats import GROUP
from chatapp.text import sanitizing

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
ROLES = (OWNER, ADMIN, MEMBER)
MANAGERS = (OWNER, ADMIN)

MAX_TITLE = 100  # characters: two lines in a list
MAX_NAMED = 500  # users that one request names: a JSON body has at most a thousand values
MAX_USERNAME = 255  # characters: no user has a longer one

max_members: Bound[int] = Bound("Members of a group", lambda settings: settings.max_group_members)


def access_group(actor: Actor, chat_id: int, *, lock: bool = False) -> Membership:
    """A group that the actor is a member of.

    Parameters:
        lock: hold the chat's row until the transaction ends. Required to change the group.

    Raises:
        NotFound: `chat_not_found`: there is no such group for this actor.
    """
    found = access_chat(actor, chat_id, lock=lock)
    if found.chat.kind != GROUP:
        raise NotFound("chat_not_found")
    return found


def check_role(membership: Membership, *allowed: str) -> None:
    """Raises Forbidden, `role_too_low`, unless the member has one of these roles."""
    if membership.member.role not in allowed:
        raise Forbidden("role_too_low")


def clean_title(title: str) -> str:
    """A title as it is stored: one line of plain text, in every dialect and also where messages are HTML.

    Raises:
        Invalid: nothing visible is left, or more than MAX_TITLE characters.
    """
    title = sanitizing.single_line(title)
    if sanitizing.is_blank(title):
        raise Invalid({"title": [Reason("empty")]})
    if len(title) > MAX_TITLE:
        raise Invalid({"title": [Reason("too_many_characters", max=MAX_TITLE)]})
    return title
