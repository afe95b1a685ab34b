"""How recipients see an event: whole, without what is hidden from them, or only that a chat's version moves on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chatapp.events.marks import ReactionsGathered
from chatapp.events.types import ChatAdvanced, ChatChanged, Event
from chatapp.realtime.memberships import Memberships

View = tuple[Event, Collection[int]]  # an event, and the users who see it so


def views(event: Event, recipients: Collection[int], memberships: Memberships) -> Iterator[View]:
    """The event for each group of recipients who see the same. Those who see nothing of it are in none."""
    if isinstance(event, ReactionsGathered):
        yield from _of_gathered(event, recipients, memberships)
        return
    others: Collection[int] = ()
    # Where an event names its recipients, its action has checked who sees it. In a group it names none.
    if not event.recipients:
        recipients, others = memberships.seeing(event, recipients)
    if isinstance(event, ChatChanged):
        if event.hidden_from:
            others = [*others, *(user_id for user_id in recipients if user_id in event.hidden_from)]
            recipients = [user_id for user_id in recipients if user_id not in event.hidden_from]
        if others:
            yield ChatAdvanced((), event.chat_id, event.version, event.version), others
    yield from memberships.by_view(event, recipients)


def _of_gathered(event: ReactionsGathered, recipients: Collection[int], memberships: Memberships) -> Iterator[View]:
    """Of gathered reactions, some users do not see all."""
    unseen: dict[int, set[int]] = {}  # by message, the users who do not see it
    for change in event.changes:
        if change.message_id not in unseen:
            _, others = memberships.seeing(change, recipients)
            unseen[change.message_id] = {*others}
        unseen[change.message_id].update(change.hidden_from)
    some = set[int]().union(*unseen.values())
    yield event, [user_id for user_id in recipients if user_id not in some]
    for user_id in some & {*recipients}:
        yield event.without({message_id for message_id, users in unseen.items() if user_id in users}), (user_id,)
