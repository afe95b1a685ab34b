"""Translations between wire formats and the one core: a dialect parses, validates and renders, and holds no rule.

Dialects share their file names: dialect, routes, socket, frames, replies and *_schemas. None imports another; what
they share is in `edge`. A new dialect is one package and one entry of `DIALECTS`: it is then served, documented in
OpenAPI and AsyncAPI, and counted.
"""

from __future__ import annotations

from chatapp.dialects.account.dialect import DIALECT as ACCOUNT
from chatapp.dialects.assistant.dialect import DIALECT as ASSISTANT
from chatapp.dialects.assistant.dialect import SESSIONS
from chatapp.dialects.browser.dialect import ACCOUNT as BROWSER_ACCOUNT
from chatapp.dialects.browser.dialect import ADMIN as BROWSER_ADMIN
from chatapp.dialects.browser.dialect import DIALECT as BROWSER
from chatapp.dialects.browser.mounting import mount
from chatapp.dialects.marketplace.dialect import DIALECT as MARKETPLACE
from chatapp.dialects.service.dialect import DIALECT as SERVICE
from chatapp.dialects.social.dialect import DIALECT as SOCIAL

DIALECTS = (
    MARKETPLACE,
    SOCIAL,
    SERVICE,
    ACCOUNT,
    ASSISTANT,
    SESSIONS,
    BROWSER,
    BROWSER_ACCOUNT,
    BROWSER_ADMIN,
    mount(MARKETPLACE, "/marketplace/chat"),
    mount(SOCIAL, "/chat"),
    mount(ASSISTANT, "/assistant/chat"),
    mount(SESSIONS, "/assistant/sessions"),
)
