"""The adapters by their names: the one that ASSISTANT names, with what answers for it if it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatapp.assistant.bot_answers import Mailbox
from chatapp.assistant.budget import Budget
from chatapp.assistant.completions import Completions
from chatapp.assistant.openai import Limits, OpenAI
from chatapp.assistant.port import Adapter
from chatapp.assistant.supervision import Supervised, WithFallback
from chatapp.assistant.webhook import Webhook
from config import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """What adapters need of the rest of the application.

    Attributes:
        catalog: the adapter of the catalogue, which needs nothing else.
        budget: of tokens, for `openai`.
        mailbox: of late parts, for `webhook`.
    """

    catalog: Adapter
    budget: Budget
    mailbox: Mailbox


def build(settings: Settings, services: Services) -> Adapter:
    """The adapter of this process. It keeps to the port, whatever happens. Opens no connection."""
    adapter = Supervised(_BUILDERS[settings.assistant](settings, services))
    if settings.assistant == "catalog" or settings.assistant_fallback == "none":
        return adapter
    return WithFallback(adapter, Supervised(services.catalog))


def _openai(settings: Settings, services: Services) -> Adapter:
    model = Completions(settings.assistant_url, settings.assistant_key, settings.assistant_model, services.budget)
    hosts = frozenset(urlsplit(origin).hostname or "" for origin in settings.allowed_origins)
    return OpenAI(model, hosts - {""}, Limits(seconds=settings.assistant_time))


def _webhook(settings: Settings, services: Services) -> Adapter:
    return Webhook(settings.assistant_url, settings.assistant_secret, services.mailbox)


_BUILDERS: dict[str, Callable[[Settings, Services], Adapter]] = {
    "catalog": lambda settings, services: services.catalog,
    "openai": _openai,
    "webhook": _webhook,
}
