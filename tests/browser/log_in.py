"""Logs a person in without the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def log_in(context: BrowserContext, url: str, login: str, password: str) -> None:
    """Log in by the API: afterwards the context has the cookies."""
    token = context.request.get(f"{url}/api/v2/csrf").json()["csrf_token"]
    answer = context.request.post(
        f"{url}/api/v2/auth/login",
        data={"login": login, "password": password},
        headers={"X-CSRF-Token": token, "Origin": url},
    )
    assert answer.ok, answer.text()
