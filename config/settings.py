"""All settings: variable, type, default and meaning. `docs/configuration.md` is printed from this table."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem, parse

from config import parsing as p
from config.contradictions import UNSAFE_SECRET, contradictions

_REQUIRED: Any = object()


class ConfigError(Exception):
    """The environment is invalid. `problems` has one sentence for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _variable(
    name: str,
    default: Any,
    parser: p.Parser[Any],
    meaning: str,
    *,
    aliases: tuple[str, ...] = (),
    in_production: Any = None,
) -> Any:
    """A setting. `in_production` is its default in production, if that differs."""
    metadata = {"name": name, "parser": parser, "meaning": meaning, "aliases": aliases, "in_production": in_production}
    if default is _REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration. Durations are seconds, sizes are bytes unless a name says otherwise."""

    # A table, one variable a line.
    # fmt: off

    # Where it runs
    app_env: str = _variable("APP_ENV", "development", p.choice("development", "production", "test"), "Selects defaults; production requires real secrets.")
    port: int = _variable("PORT", 8000, p.integer(1, 65535), "Port of the web process.")
    bind_address: str = _variable("BIND_ADDRESS", "127.0.0.1", p.ip_address, "Address that the web process listens on; 0.0.0.0 is every IPv4 address of the machine.", in_production="0.0.0.0")
    web_concurrency: int = _variable("WEB_CONCURRENCY", 1, p.integer(1, 64), "Web workers per web process; each has one gevent loop.")
    proxy_hops: int = _variable("PROXY_HOPS", 0, p.integer(0, 10), "Number of trusted proxies: only that many last entries of X-Forwarded-For count. A client that reaches the port directly can forge its address.", in_production=1)
    force_https: bool = _variable("FORCE_HTTPS", False, p.boolean, "Redirect plain HTTP to HTTPS.")
    secret_key: str = _variable("SECRET_KEY", UNSAFE_SECRET, p.text, "Signs tickets and cursors. Required in production, 32 characters or more.")
    log_level: str = _variable("LOG_LEVEL", "INFO", p.choice("DEBUG", "INFO", "WARNING", "ERROR"), "Least severe level that is logged.")

    # Postgres
    database_url: str = _variable("DATABASE_URL", _REQUIRED, p.database_url, "Postgres 15 or newer.")
    database_direct_url: str = _variable("DATABASE_DIRECT_URL", "", p.database_url, "Postgres without the pooler, for `release`, `worker` and the commands. Required with DATABASE_POOLER.")
    database_pooler: str = _variable("DATABASE_POOLER", "none", p.choice("none", "session", "transaction"), "pool_mode of the PgBouncer at DATABASE_URL.")
    database_pool: int = _variable("DATABASE_POOL", 12, p.integer(2, 200), "Connections of one process; their sum over all processes must stay below the limit of the server.")
    database_wait: float = _variable("DATABASE_WAIT", 3.0, p.duration, "How long a request waits for a free connection; then 503. No request waits for Postgres longer than this and DATABASE_STATEMENT_TIMEOUT and a second.")
    statement_timeout: float = _variable("DATABASE_STATEMENT_TIMEOUT", 5.0, p.duration, "Longest run of one statement.")

    # Redis
    redis_url: str = _variable("REDIS_URL", _REQUIRED, p.redis_url, "Redis 6.2 or newer. It holds nothing that cannot be rebuilt.")
    redis_tls_verify: bool = _variable("REDIS_TLS_VERIFY", True, p.boolean, "Verify the certificate of a rediss:// server; 0 if it is self-signed, like Heroku's.")
    redis_tls_ca: str = _variable("REDIS_TLS_CA", "", p.pem, "PEM of the authority that signed it, in addition to those that the machine trusts.")
    redis_timeout: float = _variable("REDIS_TIMEOUT", 1.0, p.duration, "Longest wait for Redis; no request waits for it twice as long.")
    redis_pool: int = _variable("REDIS_POOL", 50, p.integer(2, 1000), "Connections of one process; further greenlets wait for one.")

    # Object store
    s3_endpoint: str = _variable("S3_ENDPOINT", _REQUIRED, p.http_url, "S3 or MinIO.")
    s3_access_key: str = _variable("S3_ACCESS_KEY", "", p.text, "Access key.")
    s3_secret_key: str = _variable("S3_SECRET_KEY", "", p.text, "Secret key.")
    s3_bucket: str = _variable("S3_BUCKET", "chat-files", p.text, "Bucket of the attachments; created at start if missing.")
    s3_region: str = _variable("S3_REGION", "us-east-1", p.text, "Region that requests are signed for.")
    s3_public_endpoint: str = _variable("S3_PUBLIC_ENDPOINT", "", p.text, "Endpoint that is signed into URLs for browsers; S3_ENDPOINT if empty.")

    # Files
    max_file_mb: int = _variable("MAX_FILE_MB", 10, p.integer(1, 100), "Maximum size of a file in megabytes (2^20 bytes).")
    max_unsent_mb: int = _variable("MAX_UNSENT_MB", 1000, p.integer(1, 100_000), "Megabytes of one user's uploaded or announced files that are not sent yet; at least MAX_FILE_MB.")
    file_timeout: float = _variable("FILE_TIMEOUT", 25.0, p.duration, "Time from the arrival of files to the end of their inspection, including the wait for other files; then 503 (Heroku's router gives up after 30 s).")
    file_url_ttl: float = _variable("FILE_URL_TTL", 3600.0, p.duration, "Lifetime of links to files; 1s to 7d.")
    file_processes: int = _variable("FILE_PROCESSES", 2, p.integer(1, 16), "Child processes of one web worker that inspect files; each uses up to 1 GB.")
    clamd_url: str = _variable("CLAMD_URL", "", p.clamd_url, "clamd that scans files, tcp://host:port or unix:///path; if empty, files are not scanned.")

    # Identity
    auth_mode: str = _variable("AUTH_MODE", "builtin", p.choice("builtin", "external"), "builtin offers sign-up and log-in; external only checks the tokens of another service.")
    jwt_algorithm: str = _variable("JWT_ALGORITHM", "HS256", p.choice("HS256", "RS256", "ES256", "EdDSA"), "The only accepted algorithm; never read from a token.")
    jwt_secret: str = _variable("JWT_SECRET", "", p.text, "Shared secret of HS256; SECRET_KEY if empty.")
    jwt_public_key: str = _variable("JWT_PUBLIC_KEY", "", p.pem, "PEM of the key that signs external tokens.")
    jwt_jwks_url: str = _variable("JWT_JWKS_URL", "", p.http_url, "JWKS document of the service that signs external tokens.")
    jwt_issuer: str = _variable("JWT_ISSUER", "", p.text, "Required `iss`, if set.")
    jwt_audience: str = _variable("JWT_AUDIENCE", "", p.text, "Required `aud`, if set.")
    jwt_access_claim: tuple[str, str] | None = _variable("JWT_ACCESS_CLAIM", None, p.claim, "A claim that external access tokens must have, such as token_use=access or scope=chat.")
    jwt_user_claim: str = _variable("JWT_USER_CLAIM", "sub", p.text, "Claim that identifies the user.")
    access_token_ttl: float = _variable("ACCESS_TOKEN_TTL", 900.0, p.duration, "Lifetime of a built-in access token.")
    refresh_token_ttl: float = _variable("REFRESH_TOKEN_TTL", 30 * 86400.0, p.duration, "Lifetime of a refresh token.")
    service_token: str = _variable("SERVICE_TOKEN", "", p.text, "Bearer token of the service routes; if empty, they respond with 401.")
    allowed_origins: tuple[str, ...] = _variable("ALLOWED_ORIGINS", (), p.comma_list, "Origins of web pages that may use REST and sockets, comma-separated; the server's own origin is always allowed. A language model may link to their hosts, and no others.")
    image_origins: tuple[str, ...] = _variable("IMAGE_ORIGINS", (), p.origins, "Origins of item pictures and avatars that the pages of chatapp may load, comma-separated; those of the object store always are.")

    demo_accounts: tuple[tuple[str, str], ...] = _variable("DEMO_ACCOUNTS", (), p.accounts, "Accounts that the log-in page offers to everyone, such as alice:secret,bob:secret; for development, refused in production.")

    # Marketplace rules
    items_strict: bool = _variable("ITEMS_STRICT", True, p.boolean, "An item that the host has not stored is 404; 0 creates a placeholder.")
    sanitize_html: bool = _variable("SANITIZE_HTML", False, p.boolean, "Message text is HTML: reduce it to b, i, em, strong and a[href] when it is stored.")
    show_emails: bool = _variable("SHOW_EMAILS", False, p.boolean, "Show the email addresses of chat partners.")
    max_group_members: int = _variable("MAX_GROUP_MEMBERS", 1000, p.integer(1, 10_000), "Members of one group.")
    blocked_in_groups: str = _variable("BLOCKED_IN_GROUPS", "hidden", p.choice("hidden", "shown"), "Messages of people that a user blocks, in chats of more than two: hidden from this user, or shown.")
    max_open_reports: int = _variable("MAX_OPEN_REPORTS", 50, p.integer(1, 10_000), "Reports of one user that moderators have not decided yet; more get 409.")
    report_ttl: float = _variable("REPORT_TTL", 365 * 86400.0, p.duration, "How long a decided report is kept with its evidence.")
    link_previews: bool = _variable("LINK_PREVIEWS", False, p.boolean, "worker fetches the first page that a message links to, and adds its title, description and picture to the message.")
    max_content_length: int = _variable("MAX_CONTENT_LENGTH", 10_000, p.integer(1, 100_000), "Characters in one message.")
    edit_window: float = _variable("EDIT_WINDOW", 0.0, p.duration, "How long after its sending a message can be edited; 0: for ever.")
    delete_window: float = _variable("DELETE_WINDOW", 0.0, p.duration, "How long after its sending its author can delete a message for all; 0: for ever.")
    max_body_bytes: int = _variable("MAX_BODY_BYTES", 256 << 10, p.integer(1024, 1 << 26), "A JSON body; one character may take 12 bytes of it.")
    max_service_body_bytes: int = _variable("MAX_SERVICE_BODY_BYTES", 1 << 20, p.integer(1024, 1 << 26), "A JSON body on the service routes.")
    body_timeout: float = _variable("BODY_TIMEOUT", 20.0, p.duration, "Time within which a request body must arrive (Heroku's router gives up after 30 s).")
    rest_write_deadline: float = _variable("REST_WRITE_DEADLINE", 15.0, p.duration, "Time within which a client must read each 64 KB of a response, including downloads; a slower one is disconnected.")
    max_requests_at_once: int = _variable("MAX_REQUESTS_AT_ONCE", 20, p.integer(1, 10_000), "Concurrent requests of one user, or of one address without login, in one web worker; more get 429.")
    page_cache_bytes: int = _variable("PAGE_CACHE_BYTES", 32 << 20, p.integer(0, 1 << 32), "Memory of one web worker for frequently read first pages; 0 disables this cache.")
    client_key_ttl: float = _variable("CLIENT_KEY_TTL", 7 * 86400.0, p.duration, "How long a repeated idempotency key returns the first message.")

    # Sockets
    ws_ping_period: float = _variable("WS_PING_PERIOD", 25.0, p.duration, "An idle connection is pinged after this time (routers cut it after 55 s).")
    ws_pong_wait: float = _variable("WS_PONG_WAIT", 60.0, p.duration, "A connection without any data for this time is closed.")
    ws_max_connections: int = _variable("WS_MAX_CONNECTIONS", 10_000, p.integer(1, 1_000_000), "Sockets of one worker.")
    ws_max_connections_per_user: int = _variable("WS_MAX_CONNECTIONS_PER_USER", 10, p.integer(1, 1000), "Sockets of one user; another one closes the oldest.")
    ws_max_frame_bytes: int = _variable("WS_MAX_FRAME_BYTES", 65_536, p.integer(1024, 1 << 26), "A frame from a client.")
    ws_frames_per_second: int = _variable("WS_FRAMES_PER_SECOND", 50, p.integer(1, 10**9), "Frames read per second from one socket; each full KiB of a frame counts as one more. Further frames wait.")
    ws_auth_wait: float = _variable("WS_AUTH_WAIT", 5.0, p.duration, "Time for the first `auth` frame.")
    ws_write_deadline: float = _variable("WS_WRITE_DEADLINE", 10.0, p.duration, "Time within which a client must read each 64 KB of its queue; a slower one is closed with 4413.")
    presence_grace: float = _variable("PRESENCE_GRACE", 3.0, p.duration, "A shorter absence is not published.")
    typing_clear: float = _variable("TYPING_CLEAR", 6.0, p.duration, "Typing that is not renewed ends after this time.")

    # Assistant
    assistant: str = _variable("ASSISTANT", "catalog", p.choice("catalog", "openai", "webhook"), "What answers visitors: the catalogue alone, a language model with the catalogue, or a bot elsewhere.")
    assistant_fallback: str = _variable("ASSISTANT_FALLBACK", "catalog", p.choice("catalog", "none"), "What answers if openai or webhook fails before it has shown anything, or has no tokens left.")
    assistant_lexicon: str = _variable("ASSISTANT_LEXICON", "", p.text, "catalog: a file with further lines for the lexicon, in the format of chatapp/catalogue/lexicon/; docs/assistant.md.")
    assistant_currency: str = _variable("ASSISTANT_CURRENCY", "EUR", p.currency, "catalog: currency of the shop; sums without a currency are in it.")
    assistant_rates: tuple[tuple[str, float], ...] = _variable("ASSISTANT_RATES", (), p.rates, "catalog: how much of other currencies one unit of ASSISTANT_CURRENCY is, such as USD=1.08,RUB=100. Items with other currencies meet no wish about a price.")
    assistant_url: str = _variable("ASSISTANT_URL", "", p.endpoint, "openai: base URL of a server with the API of OpenAI, such as https://api.openai.com/v1; webhook: where questions are sent. Redirects are not followed.")
    assistant_key: str = _variable("ASSISTANT_KEY", "", p.header_text, "openai: bearer token of that server, if it needs one.")
    assistant_model: str = _variable("ASSISTANT_MODEL", "", p.text, "openai: name of the model.")
    assistant_secret: str = _variable("ASSISTANT_SECRET", "", p.text, "webhook: signs questions; 32 characters or more.")
    assistant_time: float = _variable("ASSISTANT_TIME", 60.0, p.duration, "Longest time of an answer; 1s to 10m.")
    assistant_tokens_per_day: int = _variable("ASSISTANT_TOKENS_PER_DAY", 1_000_000, p.integer(0, 10**12), "openai: tokens that all answers of a day (UTC) may use; then ASSISTANT_FALLBACK answers.")
    assistant_tokens_per_visitor: int = _variable("ASSISTANT_TOKENS_PER_VISITOR", 100_000, p.integer(0, 10**12), "The same for one visitor.")
    assistant_tokens_per_session: int = _variable("ASSISTANT_TOKENS_PER_SESSION", 50_000, p.integer(0, 10**12), "The same for one session.")

    # Privacy
    erase_content: str = _variable("ERASE_CONTENT", "anonymise", p.choice("anonymise", "remove"), "What the erasure of a user does to the texts that the user sent: anonymise keeps them without their author, remove deletes them.")
    erase_evidence: str = _variable("ERASE_EVIDENCE", "erase", p.choice("erase", "keep"), "What it does to the user's messages in reports to moderators; keep: they stay until the report is deleted (REPORT_TTL).")
    erase_compact_lock: float = _variable("ERASE_COMPACT_LOCK", 2.0, p.duration, "Longest time for which `erase_compact` locks a table that it rewrites. A table that takes longer is left and named in the result.")
    export_ttl: float = _variable("EXPORT_TTL", 86400.0, p.duration, "How long the ZIP of an export is kept; up to 7d.")
    export_max_mb: int = _variable("EXPORT_MAX_MB", 1000, p.integer(1, 100_000), "Maximum size of that ZIP in megabytes (2^20 bytes); files beyond it are left out.")

    # Sessions of the assistant
    session_ttl: float = _variable("SESSION_TTL", 30 * 86400.0, p.duration, "A session of the assistant expires when its visitor has written nothing for this time.")
    session_strict: bool = _variable("SESSION_STRICT", False, p.boolean, "Accept signed session ids only. 0 accepts bare ones, too, for clients that do not sign yet.", in_production=True)
    secret_keys_old: tuple[str, ...] = _variable("SECRET_KEYS_OLD", (), p.comma_list, "Former values of SECRET_KEY: session ids that were made with them are still accepted.")
    session_retention: float = _variable("SESSION_RETENTION", 90 * 86400.0, p.duration, "Messages of sessions are deleted after this time, a whole month at once.")
    cleanup_interval: float = _variable("CLEANUP_INTERVAL", 86400.0, p.duration, "How often `worker` deletes expired sessions, what is left of them, and old messages of sessions.")
    assistant_concurrency: int = _variable("ASSISTANT_CONCURRENCY", 20, p.integer(1, 1000), "Answers that one web worker works on at once.")
    assistant_queue: int = _variable("ASSISTANT_QUEUE", 100, p.integer(0, 100_000), "Questions that wait for a free worker; to further ones the assistant says that it is busy.")
    assistant_support: tuple[str, ...] = _variable("ASSISTANT_SUPPORT", (), p.comma_list, "Usernames of the people who take over sessions that are about no item; else the seller of the item does.")

    # Limits
    limit_sessions: RateLimitItem = _variable("LIMIT_SESSIONS", parse("10/hour"), p.rate, "Sessions of the assistant opened, per address.")
    limit_sessions_day: RateLimitItem = _variable("LIMIT_SESSIONS_DAY", parse("100/day"), p.rate, "The same over a day.")
    limit_questions: RateLimitItem = _variable("LIMIT_QUESTIONS", parse("6/minute"), p.rate, "Answers in one session. Further questions are stored, and answered together when it is their time.")
    limit_questions_address: RateLimitItem = _variable("LIMIT_QUESTIONS_ADDRESS", parse("300/hour"), p.rate, "Questions without login, per address, which many visitors may share.")
    limit_send: RateLimitItem = _variable("LIMIT_SEND", parse("10/minute"), p.rate, "Messages over REST, per user.")
    limit_send_burst: int = _variable("LIMIT_SEND_BURST", 5, p.integer(0, 10**9), "Added to LIMIT_SEND.")
    limit_verified_factor: int = _variable("LIMIT_VERIFIED_FACTOR", 3, p.integer(1, 1000), "Verified users may send this many times as much over REST.")
    limit_upload: RateLimitItem = _variable("LIMIT_UPLOAD", parse("10/minute"), p.rate, "Uploads, per user.")
    limit_auth: RateLimitItem = _variable("LIMIT_AUTH", parse("10/5 minutes"), p.rate, "Sign-up, log-in and refresh, per address; for failed log-ins to one account ten times as many. RATE_LIMIT_AUTH gives a number per 5 minutes.", aliases=("RATE_LIMIT_AUTH",))
    limit_taken: RateLimitItem = _variable("LIMIT_TAKEN", parse("5/hour"), p.rate, "Sign-ups refused because the email address is in use, per network address.")
    limit_connect: RateLimitItem = _variable("LIMIT_CONNECT", parse("30/minute"), p.rate, "Sockets opened, per address. RATE_LIMIT_WS_CONN gives a number per minute.", aliases=("RATE_LIMIT_WS_CONN",))
    limit_frames_connection: RateLimitItem = _variable("LIMIT_FRAMES_CONNECTION", parse("20/minute"), p.rate, "Sends, edits and reactions over one socket.")
    limit_frames_connection_burst: int = _variable("LIMIT_FRAMES_CONNECTION_BURST", 5, p.integer(0, 10**9), "Added to LIMIT_FRAMES_CONNECTION.")
    limit_frames_user: RateLimitItem = _variable("LIMIT_FRAMES_USER", parse("50/minute"), p.rate, "The same over all sockets of a user.")
    limit_frames_user_burst: int = _variable("LIMIT_FRAMES_USER_BURST", 10, p.integer(0, 10**9), "Added to LIMIT_FRAMES_USER.")
    limit_frames_block: float = _variable("LIMIT_FRAMES_BLOCK", 30.0, p.duration, "How long a connection or user that exceeds a frame limit cannot send.")
    limit_frames_light: RateLimitItem = _variable("LIMIT_FRAMES_LIGHT", parse("120/minute"), p.rate, "Typing, reads and queries over one socket; more are dropped.")
    limit_search: RateLimitItem = _variable("LIMIT_SEARCH", parse("30/minute"), p.rate, "Searches in messages, per user.")
    limit_export: RateLimitItem = _variable("LIMIT_EXPORT", parse("5/hour"), p.rate, "Exports of one's data, per user.")
    limit_default: RateLimitItem = _variable("LIMIT_DEFAULT", parse("100/minute"), p.rate, "Everything else, per user or address.")

    # Operations
    metrics_token: str = _variable("METRICS_TOKEN", "", p.text, "Bearer token of /metrics. If empty, /metrics is open in development and closed in production.")
    metrics_fleet: bool = _variable("METRICS_FLEET", True, p.boolean, "/metrics covers all web and worker processes that share this Redis; 0 for the requested process only.")
    process_name: str = _variable("DYNO", "", p.text, "Name of this process in the metrics, such as web.1; host and port if empty.")
    partitions_ahead: int = _variable("PARTITIONS_AHEAD", 3, p.integer(1, 36), "Months of message partitions created in advance.")
    shutdown_spread: float = _variable("SHUTDOWN_SPREAD", 3.0, p.duration, "Time over which a shutdown spreads the closing of its sockets.")
    # fmt: on

    def past_pooler(self) -> Settings:
        """The same settings with a direct connection to Postgres, for session locks."""
        url = self.database_direct_url or self.database_url
        return dataclasses.replace(self, database_url=url, database_pooler="none")


_ALIAS_PERIODS = {"RATE_LIMIT_AUTH": "5 minutes", "RATE_LIMIT_WS_CONN": "minute"}


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        ConfigError: variables are missing or invalid; names all of them.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(Settings):
        name, raw = _find(environ, field.metadata)
        if raw is None:
            if field.default is dataclasses.MISSING:
                problems.append(f"{name} is missing: {field.metadata['meaning']}")
            continue
        try:
            values[field.name] = field.metadata["parser"](raw)
        except ValueError as error:
            problems.append(f"{name} {error}.")
    if not problems:
        settings = Settings(**_production_defaults(values), **values)
        problems = contradictions(settings)
    if problems:
        raise ConfigError(problems)
    return settings


def _production_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of production for settings that are not set, if this is production."""
    if values.get("app_env") != "production":
        return {}
    return {
        field.name: field.metadata["in_production"]
        for field in dataclasses.fields(Settings)
        if field.metadata["in_production"] is not None and field.name not in values
    }


def _find(environ: Mapping[str, str], metadata: Mapping[str, Any]) -> tuple[str, str | None]:
    """The name and the text of the variable; an empty one counts as unset."""
    name = metadata["name"]
    if environ.get(name, "").strip():
        return name, environ[name].strip()
    for alias in metadata["aliases"]:
        if environ.get(alias, "").strip():
            return alias, f"{environ[alias].strip()}/{_ALIAS_PERIODS[alias]}"
    return name, None


def variable_names() -> frozenset[str]:
    """The environment variables that `load` reads, including aliases."""
    metadata = [field.metadata for field in dataclasses.fields(Settings)]
    return frozenset(name for entry in metadata for name in (entry["name"], *entry["aliases"]))


def markdown_table() -> str:
    """The variables as a Markdown table, for `docs/configuration.md`."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for field in dataclasses.fields(Settings):
        default = "required" if field.default is dataclasses.MISSING else _shown(field.default)
        if field.metadata["in_production"] is not None:
            default += f", in production {_shown(field.metadata['in_production'])}"
        rows.append(f"| `{field.metadata['name']}` | {default} | {field.metadata['meaning']} |")
    return "\n".join(rows) + "\n"


def _shown(value: Any) -> str:
    if isinstance(value, RateLimitItem):
        return f"`{value.amount}/{'' if value.multiples == 1 else f'{value.multiples} '}{value.GRANULARITY.name}`"
    if isinstance(value, bool):
        return "`1`" if value else "`0`"
    if isinstance(value, float):
        return f"`{value:g}s`"
    if value in ("", (), None):
        return "empty"
    return "a fixed value, for development only" if value == UNSAFE_SECRET else f"`{value}`"
