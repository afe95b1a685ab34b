"""Translations between wire formats and the one core: a dialect parses, validates and renders, and holds no rule.

Dialects share their file names: dialect, routes, socket, frames, replies and *_schemas. None imports another; what
they share is in `edge`. A new dialect is one package and one entry of `DIALECTS`: it is then served, documented in
OpenAPI and AsyncAPI, and counted.
"""

from __future__ import annotations

from chatapp.dialects.account.dialect import DIALECT as ACCOUNT
from chatapp.dialects.marketplace.dialect import DIALECT as MARKETPLACE
from chatapp.dialects.service.dialect import DIALECT as SERVICE
from chatapp.dialects.social.dialect import DIALECT as SOCIAL

DIALECTS = (MARKETPLACE, SOCIAL, SERVICE, ACCOUNT)
