"""Log-in with cookies: what they look like, how they are renewed, and how they end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jwt

from tests.browser_client import Browser
from tests.people import Person, Socket
from tests.servers import SECRET_KEY, ChatServer, await_true


def test_log_in_sets_cookies_that_scripts_and_other_sites_never_get(browser: Browser, alice: Person) -> None:
    reply = browser.logs_in(alice.username, alice.password)
    assert set(reply.json) == {"user", "csrf_token", "expires_in"}
    assert (reply.json["user"]["id"], reply.json["expires_in"]) == (alice.id, 900)
    assert set(browser.answers) == {"access_token", "refresh_token"}
    for name, path in (("access_token", "/api/v2"), ("refresh_token", "/api/v2/auth")):
        cookie = browser.answers[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", path, "")
        assert cookie["max-age"] == str(30 * 86400)
        assert cookie["secure"] == "", "plain HTTP on this machine"
        assert cookie.value not in reply.text
    assert browser.gets("/auth/me").json["user"] == reply.json["user"]


def test_cookies_are_secure_behind_tls_and_on_other_hosts(
    start_server: Callable[..., ChatServer], alice: Person
) -> None:
    server = start_server(PROXY_HOPS="1")
    body = {"login": alice.username, "password": alice.password}
    tls = {"X-Forwarded-Proto": "https"}
    for headers, origin in (
        (tls, server.url.replace("http:", "https:")),
        ({"Host": "chat.example", **tls}, "https://chat.example"),
    ):
        browser = Browser(server, url=origin)
        reply = browser.requests("GET", "/api/v2/csrf", headers=headers)
        assert browser.answers["csrf_seed"]["secure"] is True
        browser.csrf_token = reply.json["csrf_token"]
        assert browser.requests("POST", "/api/v2/auth/login", json=body, headers=headers).status == 200
        assert [cookie["secure"] for cookie in browser.answers.values()] == [True, True]


def test_a_log_in_that_the_browser_could_not_keep_is_refused(server: ChatServer, alice: Person) -> None:
    """Browsers drop Secure cookies of plain HTTP; on this machine they are not Secure."""
    host = {"Host": "192.0.2.7:8000"}
    browser = Browser(server, url="http://192.0.2.7:8000")
    browser.csrf_token = browser.requests("GET", "/api/v2/csrf", headers=host).json["csrf_token"]
    assert browser.answers["csrf_seed"]["secure"] is True
    body = {"login": alice.username, "password": alice.password}
    reply = browser.requests("POST", "/api/v2/auth/login", json=body, headers=host)
    assert (reply.status, reply.json["error"], browser.answers) == (403, "auth.tlsRequired", {})
    for name in ("localhost", "chat.localhost:8000", "127.0.0.2", "[::1]:8000"):
        local = Browser(server, url=f"http://{name}")
        host = {"Host": name}
        local.csrf_token = local.requests("GET", "/api/v2/csrf", headers=host).json["csrf_token"]
        assert local.requests("POST", "/api/v2/auth/login", json=body, headers=host).status == 200, name
        assert [cookie["secure"] for cookie in local.answers.values()] == ["", ""]


def test_log_ins_are_limited_with_those_of_bearer_tokens(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_AUTH="4/5 minutes", PROXY_HOPS="1")
    wrong = {"login": "no-account-of-this-name", "password": "wrong password"}
    browser = Browser(server)
    browser.fetches_csrf()

    def attempt(address: str) -> tuple[int, int]:
        via = {"X-Forwarded-For": address}
        cookies = browser.requests("POST", "/api/v2/auth/login", json=wrong, headers=via)
        return server.post("/api/v1/auth/login", json=wrong, headers=via).status, cookies.status

    assert [attempt("203.0.113.1") for _ in range(3)] == [(401, 401), (401, 401), (429, 429)]
    # Forty failures of one account, from whatever address and in either way.
    elsewhere = [attempt(f"203.0.113.{number}") for number in range(2, 20) for _ in range(2)]
    assert elsewhere == [(401, 401)] * 18 + [(429, 429)] * 18


def test_sign_up_logs_in(browser: Browser) -> None:
    browser.fetches_csrf()
    name = f"u{uuid.uuid4().hex[:12]}"
    body = {"username": name, "email": f"{name}@example.com", "password": "long enough"}
    reply = browser.posts("/auth/signup", body)
    assert (reply.status, reply.json["user"]["username"]) == (201, name)
    browser.csrf_token = reply.json["csrf_token"]
    assert browser.posts("/ws-ticket").status == 200
    assert browser.posts("/auth/signup", body).json["error"] == "auth.usernameTaken"


def test_me_describes_the_server(alices: Browser, alice: Person) -> None:
    me = alices.gets("/auth/me").json
    assert (me["roles"], me["language"], me["socket_path"]) == ([], "en", "/ws/chat")
    assert me["limits"] == {
        "max_content_length": 10_000,
        "max_file_bytes": 10 << 20,
        "max_files": 10,
        "max_group_members": 1000,
        "edit_window": 0,
        "delete_window": 0,
    }
    alices.csrf_token = me["csrf_token"]
    assert alices.posts("/ws-ticket").status == 200


def test_tickets_and_socket_tokens_open_sockets(server: ChatServer, alices: Browser, alice: Person) -> None:
    ticket, token = alices.posts("/ws-ticket").json, alices.gets("/ws-token").json
    assert (set(ticket), set(token)) == ({"ticket"}, {"token"})
    for query in (f"?ticket={ticket['ticket']}", f"?token={token['token']}"):
        socket = Socket(server, query=query)
        assert socket.receives("connected")["user_id"] == alice.id
        socket.closes()


def test_no_token_appears_in_a_url_or_a_log(server: ChatServer, alices: Browser) -> None:
    alices.posts("/auth/refresh")
    log = server.log.read_text()
    for cookie in alices.cookies.values():
        assert cookie.value not in log
    assert alices.csrf_token is not None and alices.csrf_token not in log


def test_tokens_are_not_mixed_up(server: ChatServer, alices: Browser, alice: Person) -> None:
    """Bearer tokens do not open the browser dialect, and cookies open nothing else."""
    bearer = {"Authorization": f"Bearer {alice.token}"}
    reply = Browser(server).requests("GET", "/api/v2/auth/me", headers=bearer)
    assert (reply.status, reply.json["error"]) == (401, "auth.tokenMissing")
    reply = Browser(server).requests("GET", "/api/v2/marketplace/chat/unread-count", headers=bearer)
    assert (reply.status, reply.error) == (401, "marketplace.tokenMissing")
    cookie = "; ".join(f"{one.key}={one.value}" for one in alices.cookies.values())
    for path in ("/api/v1/auth/me", "/api/v1/marketplace/chat/unread-count", "/api/v1/chat/conversations"):
        assert server.get(path, headers={"Cookie": cookie}).status == 401
    assert server.get("/api/sessions", headers={"Cookie": cookie}).status == 401
    assert not Socket(server, headers={"Cookie": cookie}).is_admitted(4401)


def test_refresh_renews_both_cookies(alices: Browser) -> None:
    before = {name: cookie.value for name, cookie in alices.cookies.items()}
    reply = alices.posts("/auth/refresh")
    assert (reply.status, set(reply.json)) == (200, {"csrf_token", "expires_in"})
    assert all(alices.cookies[name].value != before[name] for name in ("access_token", "refresh_token"))
    assert alices.gets("/auth/me").status == 200
    assert alices.posts("/ws-ticket").status == 200, "the CSRF token belongs to the log-in, not to the access token"


def test_tabs_that_refresh_at_once_get_the_same_successor_with_its_cookie(alices: Browser) -> None:
    tabs = [alices.copies() for _ in range(6)]
    with ThreadPoolExecutor(len(tabs)) as pool:
        replies = list(pool.map(lambda tab: tab.posts("/auth/refresh"), tabs))
    assert [reply.status for reply in replies] == [200] * len(tabs)
    assert len({tab.answers["refresh_token"].value for tab in tabs}) == 1
    assert all("access_token" in tab.answers for tab in tabs)
    assert all(tab.gets("/auth/me").status == 200 for tab in tabs)


def test_a_refused_refresh_keeps_the_cookies(server: ChatServer, alices: Browser, alice: Person) -> None:
    """Another tab may have logged in meanwhile."""
    late = alices.copies()
    assert alices.logs_in(alice.username, alice.password).status == 200
    reply = late.posts("/auth/refresh")
    assert (reply.status, reply.json["error"]) == (401, "auth.accessRevoked")
    assert late.answers == {}
    nothing = Browser(server)
    nothing.fetches_csrf()
    assert nothing.posts("/auth/refresh").json["error"] == "auth.tokenMissing"


def test_an_expired_access_token_is_refused_and_can_be_refreshed(
    start_server: Callable[..., ChatServer], alice: Person
) -> None:
    server = start_server(ACCESS_TOKEN_TTL="1s")
    browser = Browser(server)
    browser.logs_in(alice.username, alice.password)
    access = browser.cookies["access_token"]
    claims = jwt.decode(access.value, SECRET_KEY, algorithms=["HS256"], options={"verify_exp": False})
    access.set("access_token", jwt.encode({**claims, "exp": claims["iat"] - 60}, SECRET_KEY), access.value)
    for path in ("/auth/me", "/marketplace/chat", "/assistant/sessions"):
        reply = browser.gets(path)
        assert reply.status == 401 and "oken" in str(reply.json["error"]), reply.text
    # After a reload, the page has no CSRF token, and the cookies say nothing else than before.
    browser.fetches_csrf()
    assert browser.posts("/assistant/sessions").status == 401, "a person is not taken for a visitor"
    assert browser.posts("/auth/refresh").status == 200
    assert browser.gets("/auth/me").status == 200


def test_log_out_ends_the_session_and_its_sockets(server: ChatServer, alices: Browser) -> None:
    kept = alices.copies()
    socket = Socket(server, query=f"?ticket={alices.posts('/ws-ticket').json['ticket']}")
    socket.receives("connected")
    assert alices.posts("/auth/logout").json == {"message": "auth.loggedOut"}
    assert set(alices.cookies) == {"csrf_seed"}
    for name, path in (("access_token", "/api/v2"), ("refresh_token", "/api/v2/auth")):
        assert (alices.answers[name].value, alices.answers[name]["path"]) == ("", path)
    assert socket.close_code() == 4401
    assert kept.gets("/auth/me").json["error"] == "auth.accessRevoked"
    assert kept.posts("/auth/refresh").json["error"] == "auth.accessRevoked"
    alices.fetches_csrf()
    assert alices.posts("/auth/logout").status == 200, "without a session, nothing ends"


def test_log_out_ends_a_session_whose_access_token_is_gone(alices: Browser) -> None:
    kept = alices.copies()
    del alices.cookies["access_token"]
    assert alices.posts("/auth/logout").status == 200
    await_true(lambda: kept.gets("/auth/me").status == 401)


def test_a_log_in_ends_the_earlier_one_of_the_browser(alices: Browser, bob: Person, alice: Person) -> None:
    kept = alices.copies()
    wrong = alices.posts("/auth/login", {"login": bob.username, "password": "wrong password"})
    assert (wrong.status, wrong.json["error"]) == (401, "auth.invalidCredentials")
    assert wrong.headers["X-RateLimit-Limit"]
    assert alices.gets("/auth/me").json["user"]["id"] == alice.id
    assert alices.logs_in(bob.username, bob.password).status == 200
    assert alices.gets("/auth/me").json["user"]["id"] == bob.id
    assert kept.gets("/auth/me").status == 401


def test_a_cookie_that_is_sent_twice_counts_as_none(server: ChatServer, alices: Browser, bob: Person) -> None:
    twice = {"Cookie": f"{alices.cookie_header('/api/v2')}; access_token={bob.token}"}
    reply = Browser(server).requests("GET", "/api/v2/auth/me", headers=twice)
    assert (reply.status, reply.json["error"]) == (401, "auth.tokenMissing")


def test_external_identity_has_no_log_in_here(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(AUTH_MODE="external", JWT_SECRET="the-host-signs-with-this-0123456789abcdef")
    browser = Browser(server)
    browser.fetches_csrf()
    assert browser.posts("/auth/login", {"login": "a", "password": "b"}).status == 404
    token = jwt.encode({"sub": "77", "exp": 4_000_000_000}, "the-host-signs-with-this-0123456789abcdef")
    browser.requests("GET", "/api/v2/csrf", headers={"Cookie": f"access_token={token}"})
    mine = browser.requests("GET", "/api/v2/auth/me", headers={"Cookie": f"access_token={token}"})
    assert mine.json["user"]["id"] == 77
    headers = {"Cookie": f"access_token={token}", "X-CSRF-Token": mine.json["csrf_token"]}
    assert browser.requests("POST", "/api/v2/ws-ticket", headers=headers).status == 200
