"""Monitoring routes: liveness, health of the servers, metrics."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request

from chatapp import __version__
from chatapp.edge.http.credentials import bearer_token
from chatapp.edge.rate_limits import request_limits
from chatapp.errors import Unauthorised
from chatapp.infra.connection_pool import PoolUse
from chatapp.infra.postgres import db
from chatapp.metrics.collection import expose
from chatapp.ops.contract.sample_schema import schema_of_sample
from chatapp.ops.monitoring import fleet_metrics
from chatapp.ops.monitoring.cached_value import CachedValue
from chatapp.ops.monitoring.probes import EXHAUSTED, OK, Finding, findings, probes
from config import Settings

_FINDINGS = {"postgres": Finding(OK, 1.2), "redis": Finding(OK, 0.4), "s3": Finding(OK, 3.1)}
_MEANINGS = {
    "200": "Success.",
    "401": "The token is not METRICS_TOKEN, or none is set in production.",
    "429": "Too many requests from this address without the token.",
    "503": "Postgres is unavailable, or this worker's connection pool is exhausted.",
}
REPORT_SECONDS = 1.0  # for which a health report is given again: no probe is refused, and none costs a question
View = TypeVar("View", bound=Callable[..., Any])


def health_blueprint(settings: Settings) -> Blueprint:
    """`/health`, `/api/v1/health` and `/metrics`."""
    blueprint = Blueprint("ops", __name__)
    parts = probes()
    recent = CachedValue(lambda: health_report(findings(parts), db.use), REPORT_SECONDS)

    @blueprint.get("/health")
    @_answers({"200": {"status": "ok"}})
    def liveness() -> dict[str, str]:
        """Check that the process is alive. Queries no other server: a restart of this process would not repair them."""
        return {"status": "ok"}

    @blueprint.get("/api/v1/health")
    @_answers(
        {
            "200": health_report(_FINDINGS, PoolUse(size=12, in_use=1)),
            "503": health_report({**_FINDINGS, "postgres": Finding(EXHAUSTED)}, PoolUse(size=12, in_use=12)),
        }
    )
    def health() -> tuple[Response, int]:
        """Check whether Postgres, Redis and S3 respond within 2 s, and how fast."""
        report = recent.get()
        return jsonify(report), 503 if report["status"] == "down" else 200

    @blueprint.get("/metrics")
    @_answers(
        {
            "200": "",
            "401": {"error": "token_invalid", "status": 401, "request_id": ""},
            "429": {"error": "rate_limit_exceeded", "status": 429, "request_id": "", "retry_after": 1},
        }
    )
    def exposition() -> Response:
        """Get metrics of all processes in Prometheus text format, or of this web process alone with `?scope=process`.

        In production the route is closed until METRICS_TOKEN is set.
        """
        if not (settings.metrics_token and _has_token(settings.metrics_token)):
            # Requests with the token are never limited, since one scraper sends many.
            request_limits.check("default", request_limits.address())
            if settings.metrics_token or settings.app_env == "production":
                raise Unauthorised("token_invalid")
        body, content_type = expose()
        if settings.metrics_fleet and request.args.get("scope") != "process":
            body = fleet_metrics.exposition(fleet_metrics.process_name(settings, "web"), body)
        return Response(body, content_type=content_type)

    return blueprint


def health_report(found: dict[str, Finding], pool: PoolUse) -> dict[str, Any]:
    """The body of `/api/v1/health`. Without Postgres nothing works; without Redis or S3 chat still works.

    An exhausted pool counts as down, since requests then get 503 as they do without Postgres.
    """
    status = "ok"
    if any(finding.status != OK for finding in found.values()):
        status = "degraded" if found["postgres"].status == OK else "down"
    checks: dict[str, dict[str, Any]] = {name: asdict(finding) for name, finding in found.items()}
    checks["postgres"]["pool"] = {"size": pool.size, "in_use": pool.in_use, "free": pool.free}
    return {"status": status, "checks": checks, "version": __version__}


def _answers(samples: dict[str, Any]) -> Callable[[View], View]:
    """Document a view by samples of its answers; see `chatapp.ops.contract.openapi`."""

    def decorate(view: View) -> View:
        view.responses = {  # type: ignore[attr-defined]
            status: {"description": _MEANINGS[status], "content": _content(sample)}
            for status, sample in samples.items()
        }
        return view

    return decorate


def _content(sample: Any) -> dict[str, Any]:
    if isinstance(sample, str):
        return {"text/plain": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": schema_of_sample(sample), "example": sample}}


def _has_token(expected: str) -> bool:
    try:
        return hmac.compare_digest(bearer_token().encode(), expected.encode())
    except Unauthorised:
        return False
