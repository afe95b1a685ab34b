"""HTTP requests, with three outcomes: answered, refused, unknown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import requests

from chatapp_client.failures import Refused, Unanswered, Unauthorised

CHAT = "/api/v1/marketplace/chat"
BAD_CURSOR = "marketplace.badCursor"
NOT_NOW = (408, 425, 429)
# Nothing is that new: `since` with this time returns only the current cursor.
END_OF_TIME = "2100-01-01T00:00:00Z"

TokenSource = Callable[[], str]


class Rest:
    """REST calls; thread-safe.

    Parameters:
        base_url: such as `https://chat.example.com`.
        token: an access token, or a function that returns the current one; called again after a 401.
        wait: timeout of a response, in seconds.

    Attributes:
        base: path of the routes. socket: path of the socket. Clients of another dialect override both.
    """

    base = CHAT
    socket = "/ws/chat"

    def __init__(self, base_url: str, token: str | TokenSource, wait: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._source: TokenSource = token if callable(token) else lambda: token
        self._wait = wait
        self._token: str | None = None
        self._local = threading.local()

    @property
    def socket_url(self) -> str:
        """URL of the socket, without the ticket."""
        return "ws" + self._base_url.removeprefix("http") + self.socket

    def forget_token(self) -> None:
        """Discard the token: the next request gets a new one."""
        self._token = None

    def ticket(self) -> str:
        """A ticket for one socket."""
        return str(self.call("POST", "/ws-ticket")["ticket"])

    def current_cursor(self) -> str:
        """The current cursor, for a client without a socket."""
        return str(self.since(since=END_OF_TIME)["cursor"])

    def since(self, **params: Any) -> dict[str, Any]:
        """A page of changes since `cursor` (or the time `since`)."""
        page: dict[str, Any] = self.call("GET", "/messages/since", params=params)
        return page

    def chats(self) -> list[dict[str, Any]]:
        """The first hundred chats of the list."""
        found: list[dict[str, Any]] = self.call("GET", "", params={"limit": 100})
        return found

    def messages(self, chat_id: int, **params: Any) -> dict[str, Any]:
        """A page of a chat, newest first."""
        page: dict[str, Any] = self.call("GET", "/messages", params={"chat_id": chat_id, "limit": 100, **params})
        return page

    def pins(self, chat_id: int) -> list[dict[str, Any]]:
        """The pinned messages of a chat, the last pinned first."""
        found: list[dict[str, Any]] = self.call("GET", f"/{chat_id}/pins")
        return found

    def call(
        self, method: str, path: str, *, body: Any = None, params: dict[str, Any] | None = None, key: str | None = None
    ) -> Any:
        """Make a request; returns the `data` of the response.

        Parameters:
            path: below the chat's base path.
            key: idempotency key.

        Raises:
            Refused: a permanent 4xx.
            Unauthorised: 401, also with a new token.
            Unanswered: no response, a 5xx, or a temporary 4xx.
        """
        used = self._token = self._token or self._source()
        response = self._request(method, path, body, params, key, used)
        if response.status_code == 401:
            self._token = self._source()
            if self._token != used:
                response = self._request(method, path, body, params, key, self._token)
        return _data_of(response)

    def _request(
        self, method: str, path: str, body: Any, params: dict[str, Any] | None, key: str | None, token: str
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
        try:
            return self._session().request(
                method, self._base_url + self.base + path, json=body, params=params, headers=headers, timeout=self._wait
            )
        except requests.RequestException as error:
            raise Unanswered(f"{method} {path}: {type(error).__name__}") from None

    def _session(self) -> requests.Session:
        """One session per thread: they are not thread-safe."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session


def _data_of(response: requests.Response) -> Any:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    is_ours = isinstance(body, dict) and "success" in body
    if response.ok and is_ours:
        return body["data"]
    if response.ok or response.status_code >= 500 or response.status_code in NOT_NOW:
        raise Unanswered(f"HTTP {response.status_code}", _seconds(response.headers.get("Retry-After")))
    error, message = (body["error"], body["message"]) if is_ours else (f"HTTP {response.status_code}", "")
    refusal = Unauthorised if response.status_code == 401 else Refused
    raise refusal(error, message, response.status_code)


def _seconds(header: str | None) -> float | None:
    """Seconds of `Retry-After`; dates are ignored."""
    return float(header) if header is not None and header.isdecimal() else None
