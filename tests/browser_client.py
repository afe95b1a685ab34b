"""A browser as far as the browser dialect sees it: cookies by path, and the CSRF token in a header."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie
from typing import Any

import requests

from tests.servers import TIMEOUT, ChatServer, Reply

V2 = "/api/v2"
CSRF = "X-CSRF-Token"


class Browser:
    """One browser profile at one server.

    Attributes:
        cookies: what the server has set, by name, with its attributes; deleted ones are removed.
        csrf_token: sent with every write; None sends none.
        answers: the Set-Cookie headers of the last response, by name.
    """

    def __init__(self, server: ChatServer, *, url: str | None = None) -> None:
        self.server = server
        self.cookies: dict[str, Morsel[str]] = {}
        self.csrf_token: str | None = None
        self.answers: dict[str, Morsel[str]] = {}
        self._url = url or server.url

    def requests(self, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any) -> Reply:
        """Make a request to an absolute path, as a page of the server would."""
        sent = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        if method != "GET":
            sent = {"Origin": self._url, **sent}
            if self.csrf_token is not None:
                sent = {CSRF: self.csrf_token, **sent}
        cookie = self.cookie_header(path)
        if cookie:
            sent = {"Cookie": cookie, **sent}
        answer = requests.request(
            method, self.server.url + path, headers=sent, timeout=TIMEOUT, allow_redirects=False, **body
        )
        self._keep(answer)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Reply(answer.status_code, answer.headers, answer.json() if is_json else None, answer.text)

    def gets(self, path: str, **params: Any) -> Reply:
        """GET below `/api/v2`."""
        return self.requests("GET", V2 + path, params=params)

    def posts(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> Reply:
        """POST below `/api/v2`."""
        return self.requests("POST", V2 + path, **({} if body is None else {"json": body}), **options)

    def fetches_csrf(self) -> str:
        """Get a CSRF token, and send it from now on."""
        self.csrf_token = str(self.gets("/csrf").json["csrf_token"])
        return self.csrf_token

    def logs_in(self, login: str, password: str) -> Reply:
        """Log in, with the CSRF tokens that this needs and gives."""
        self.fetches_csrf()
        reply = self.posts("/auth/login", {"login": login, "password": password})
        if reply.status == 200:
            self.csrf_token = str(reply.json["csrf_token"])
        return reply

    def cookie_header(self, path: str) -> str:
        """The Cookie header for a path (RFC 6265, 5.4)."""
        fitting = [one for one in self.cookies.values() if f"{path}/".startswith(f"{one['path']}/")]
        return "; ".join(f"{one.key}={one.value}" for one in fitting)

    def copies(self) -> Browser:
        """Another browser with the same cookies, as a second tab that has not yet seen what this one receives next."""
        other = Browser(self.server, url=self._url)
        other.cookies, other.csrf_token = dict(self.cookies), self.csrf_token
        return other

    def _keep(self, answer: requests.Response) -> None:
        self.answers = {}
        for header in answer.raw.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.answers[name] = morsel
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel
