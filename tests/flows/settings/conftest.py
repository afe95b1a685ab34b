"""Fixtures of settings and drafts."""

from __future__ import annotations

from tests.flows.marketplace.conftest import clean_log as clean_log
