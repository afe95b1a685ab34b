"""Files of an erased person are no longer shown, also where a page is cached and no job has run yet.

No `worker` runs beside these servers, so the files stay attached to their messages.
"""

from __future__ import annotations

import pytest

from tests.flows.attachments.words import JPEG, PDF, adds, named
from tests.host import Host
from tests.people import Person

pytestmark = pytest.mark.usefixtures("clean_log")


def test_a_cached_page_no_longer_shows_them(alice: Person, bob: Person, host: Host) -> None:
    hers, his = alice.sends("look", to=bob), bob.sends("mine", to=alice)
    adds(alice, hers, named("cat.jpg", JPEG), named("contract.pdf", PDF))
    (kept,) = adds(bob, his)
    (conversation,) = bob.social.conversations()
    for _ in range(2):  # the second time it is cached
        assert [len(message["attachments"]) for message in bob.history(hers["chat_id"])] == [1, 2]
        assert [len(message["attachments"]) for message in bob.social.history(conversation["id"])] == [1, 2]
    host.erases(alice)
    for limit in (20, 7):  # cached, and read fresh
        mine, erased = bob.history(hers["chat_id"], limit=limit)
        assert (erased["attachments"], erased["attachments_count"], erased["has_attachments"]) == ([], 0, False)
        assert [file["id"] for file in mine["attachments"]] == [kept["id"]]
        mine, erased = bob.social.history(conversation["id"], limit=limit)
        assert erased["attachments"] == []
        assert len(mine["attachments"]) == 1
