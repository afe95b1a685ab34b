"""The users that a client names, to be members of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, NotFound
from chatapp.events.snapshots import Person
from chatapp.queries import groups as group_queries
from chatapp.text import sanitizing


@dataclass(frozen=True, slots=True)
class Named:
    """Users by their ids, or by their usernames."""

    ids: Sequence[int] = ()
    usernames: Sequence[str] = ()

    def find(self, actor: Actor) -> list[Person]:
        """The users, each once, without the actor; in the order of their ids.

        Raises:
            NotFound: `user_not_found`: one of them does not exist, is banned or erased.
            Forbidden: `blocked`: one of them blocks the actor, or the actor blocks one of them.
        """
        if any(map(sanitizing.has_forbidden_characters, self.usernames)):
            raise NotFound("user_not_found")
        ids = {*self.ids} - {actor.id}
        names = {name.lower() for name in self.usernames} - {actor.username.lower()}
        found = [
            *(group_queries.candidates_by_id(actor.id, ids) if ids else ()),
            *(group_queries.candidates_by_username(actor.id, names) if names else ()),
        ]
        if len(found) < len(ids) + len(names):
            raise NotFound("user_not_found")
        if any(candidate.is_blocked for candidate in found):
            raise Forbidden("blocked")
        each = {candidate.person.id: candidate.person for candidate in found}
        return [each[id] for id in sorted(each)]
