"""Link previews: fetches the first page that a message links to, outside the path of sending.

The address is the user's choice, so `infra.public_http` decides what is fetched. A page that cannot be fetched has no
preview, and is not tried again: pages that are away are not worth the wait of others.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin, urlsplit

from cachetools import TTLCache
from gevent.pool import Pool

from chatapp.actions import link_previews
from chatapp.actions.content import rules
from chatapp.events.snapshots import LinkPreview
from chatapp.events.types import Event, MessageEdited, MessageSent
from chatapp.infra.bound import Bound
from chatapp.infra.public_addresses import is_public
from chatapp.infra.public_http import MAX_URL, Fetched, NotFetched, PublicHttp
from chatapp.outbox.consumer import Consumer
from chatapp.text.page_metadata import read_metadata

log = logging.getLogger(__name__)

USER_AGENT = "chatapp-link-preview/1.0"
CONTENT_TYPES = ("text/html", "application/xhtml+xml")
FETCHES_AT_ONCE = 16
MAX_LAG = 600.0  # seconds; messages that have waited longer get no preview, so that newer ones do
REMEMBERED, REMEMBERED_SECONDS = 1000, 600.0  # results, failures included: a link that many send is fetched once

is_enabled: Bound[bool] = Bound("Link previews", lambda settings: settings.link_previews)


class LinkPreviews(Consumer):
    """Adds previews to new and edited messages.

    Parameters:
        http: fetches pages.
    """

    name = "link_previews"
    rows_per_run = 2000

    def __init__(self, http: PublicHttp | None = None) -> None:
        self._http = http or PublicHttp(USER_AGENT)
        self._results: TTLCache[str, LinkPreview | None] = TTLCache(REMEMBERED, REMEMBERED_SECONDS)

    def is_active(self) -> bool:
        """Whether previews are enabled."""
        return is_enabled()

    def rebuild(self, lag: float) -> bool:
        """Pass over what has waited for too long."""
        return lag > MAX_LAG

    def handle(self, events: Sequence[Event]) -> None:
        """Fetch what the messages link to, all pages at once, and add the previews in the order of the messages.

        Raises:
            Unavailable: Postgres is away.
        """
        urls = {
            event.message.id: url
            for event in events
            if isinstance(event, MessageSent | MessageEdited)
            and (url := link_previews.previewed_url(event.message.content)) is not None
        }
        found = self._load(urls.values())
        for message_id, url in urls.items():
            if (preview := found[url]) is not None:
                link_previews.attach(message_id, preview)

    def _load(self, urls: Iterable[str]) -> dict[str, LinkPreview | None]:
        known = {url: self._results[url] for url in set(urls) if url in self._results}
        missing = sorted(set(urls) - known.keys())
        loaded = dict(zip(missing, Pool(FETCHES_AT_ONCE).map(self._fetch, missing), strict=True))
        self._results.update(loaded)
        return known | loaded

    def _fetch(self, url: str) -> LinkPreview | None:
        try:
            return _preview(url, self._http.fetch(html.unescape(url) if rules().is_html else url, CONTENT_TYPES))
        except NotFetched as reason:
            log.info("no link preview", extra={"reason": str(reason)})
            return None


def _preview(url: str, page: Fetched) -> LinkPreview | None:
    """The preview of a page; None if it has no title."""
    found = read_metadata(page.body, page.charset)
    if not found.title:
        return None
    return LinkPreview(
        url=url,
        title=found.title,
        description=found.description,
        site_name=found.site_name or (urlsplit(page.url).hostname or ""),
        image_url=_image_url(page.url, found.image),
    )


def _image_url(page_url: str, image: str) -> str | None:
    """The address of a picture that clients may load: of the public Web; else None."""
    if not image or len(image) > MAX_URL:
        return None
    try:
        url = urljoin(page_url, image)
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_address = ":" in host or host.replace(".", "").isdigit()
    if parts.scheme not in ("http", "https") or ("." not in host.strip(".") and not is_address) or len(url) > MAX_URL:
        return None
    return None if is_address and not is_public(host) else url
