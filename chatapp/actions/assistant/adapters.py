"""What answers on this process: the adapter that ASSISTANT names, and the catalogue that it reads."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.actions.assistant.budget import Caps, UsageBudget
from chatapp.actions.assistant.mailbox import PartsMailbox
from chatapp.assistant import registry
from chatapp.assistant.catalog import CatalogAdapter
from chatapp.assistant.item_catalogue import ItemCatalogue
from chatapp.assistant.port import Adapter, Catalogue
from chatapp.assistant.registry import Services
from chatapp.infra.bound import Bound
from config import Settings


@dataclass(frozen=True, slots=True)
class Answerer:
    """An adapter, and the items of the shop."""

    adapter: Adapter
    catalogue: Catalogue


def build(settings: Settings) -> Answerer:
    """The adapter that the settings name. Opens no connection."""
    caps = Caps(
        settings.assistant_tokens_per_day,
        settings.assistant_tokens_per_visitor,
        settings.assistant_tokens_per_session,
    )
    services = Services(catalog=CatalogAdapter(), budget=UsageBudget(caps), mailbox=PartsMailbox())
    return Answerer(registry.build(settings, services), ItemCatalogue())


answerer = Bound("What answers visitors", build)
