"""Settings that are valid each, but not together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings

UNSAFE_SECRET = "development-only-secret-key-not-for-production"


def contradictions(settings: Settings) -> list[str]:
    """A sentence for each combination of values that is invalid."""
    problems = []
    if settings.app_env == "production":
        if settings.secret_key == UNSAFE_SECRET or len(settings.secret_key) < 32:
            problems.append("SECRET_KEY must be set to 32 characters or more in production.")
        if settings.jwt_algorithm == "HS256" and settings.jwt_secret and len(settings.jwt_secret) < 32:
            problems.append("JWT_SECRET must have 32 characters or more in production.")
        if settings.demo_accounts:
            problems.append("DEMO_ACCOUNTS must be empty in production: everyone can read their passwords.")
    if settings.auth_mode == "builtin" and settings.jwt_algorithm != "HS256":
        problems.append("JWT_ALGORITHM must be HS256 with AUTH_MODE=builtin: it signs its own tokens.")
    if settings.auth_mode == "external":
        problems += _external_key_problems(settings)
    if not 1 <= settings.file_url_ttl <= 7 * 86400:
        problems.append("FILE_URL_TTL must be between 1s and 7d: S3 does not sign for longer.")
    if not 1 <= settings.export_ttl <= 7 * 86400:
        problems.append("EXPORT_TTL must be between 1s and 7d: S3 does not sign for longer.")
    if settings.max_unsent_mb < settings.max_file_mb:
        problems.append("MAX_UNSENT_MB must not be below MAX_FILE_MB.")
    if settings.database_pooler != "none" and not settings.database_direct_url:
        problems.append(
            "DATABASE_DIRECT_URL is missing: with DATABASE_POOLER, release and worker need a direct connection."
        )
    problems += _assistant_problems(settings)
    if settings.ws_ping_period >= settings.ws_pong_wait:
        problems.append("WS_PING_PERIOD must be shorter than WS_PONG_WAIT.")
    return problems


def _external_key_problems(settings: Settings) -> list[str]:
    if settings.jwt_algorithm == "HS256":
        return [] if settings.jwt_secret else ["JWT_SECRET is missing: AUTH_MODE=external with HS256 needs it."]
    if bool(settings.jwt_public_key) == bool(settings.jwt_jwks_url):
        return [f"Exactly one of JWT_PUBLIC_KEY and JWT_JWKS_URL is needed for {settings.jwt_algorithm}."]
    return []


def _assistant_problems(settings: Settings) -> list[str]:
    needed = {
        "openai": {"ASSISTANT_URL": settings.assistant_url, "ASSISTANT_MODEL": settings.assistant_model},
        "webhook": {"ASSISTANT_URL": settings.assistant_url, "ASSISTANT_SECRET": settings.assistant_secret},
    }.get(settings.assistant, {})
    problems = [
        f"{name} is missing: ASSISTANT={settings.assistant} needs it." for name, value in needed.items() if not value
    ]
    if settings.assistant == "webhook" and 0 < len(settings.assistant_secret) < 32:
        problems.append("ASSISTANT_SECRET must have 32 characters or more.")
    if not 1 <= settings.assistant_time <= 600:
        problems.append("ASSISTANT_TIME must be between 1s and 10m.")
    return problems
