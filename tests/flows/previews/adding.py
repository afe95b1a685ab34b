"""Adding link previews as the worker does, without fetching a page."""

from __future__ import annotations

from chatapp.actions import link_previews
from chatapp.events.bus import bus
from chatapp.events.snapshots import LinkPreview
from chatapp.ops import runtime
from config import load

URL = "https://example.com/bicycle"
PREVIEW = LinkPreview(URL, "Bicycle", "Red", "example.com", "https://example.com/red.png")


def add_preview(environment: dict[str, str], message_id: int, preview: LinkPreview = PREVIEW) -> None:
    """Add a preview to a message that links to its page, and publish it."""
    runtime.build(load(environment))
    try:
        assert link_previews.attach(message_id, preview)
        bus.publish_waiting()
    finally:
        runtime.close()
