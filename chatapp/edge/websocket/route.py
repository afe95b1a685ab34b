"""The route of a dialect's socket: ends the request that opened a socket, and starts its life."""

from __future__ import annotations

import logging
from functools import partial

from flask import Blueprint, g, request
from flask_sock import Sock
from simple_websocket import Server

from chatapp import metrics
from chatapp.edge.handshake_facts import HandshakeFacts
from chatapp.edge.i18n import negotiation
from chatapp.edge.websocket.handshake import credentials_of_request, take_over
from chatapp.edge.websocket.lifecycle import Service, SocketLife, refusal_for
from chatapp.errors import ChatError
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.greenlet_pool import greenlets

log = logging.getLogger(__name__)


class SocketRoute:
    """The socket of a dialect. A request lasts no longer than its handshake.

    gunicorn's handler returns then: its greenlet, the environ and the contexts of Flask are freed.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def mount(self, blueprint: Blueprint, path: str) -> None:
        """Serve it at a path of a blueprint prepared by `handshake.prepare_upgrades`."""
        Sock().route(path, bp=blueprint, endpoint=self._service.dialect.name)(self.open)

    def open(self, ws: Server) -> None:
        """Take over the socket of the current request. Never raises: what fails closes the socket."""
        settings, roster = self._service.settings, self._service.roster
        connection = Connection(
            take_over(ws),
            self._service.dialect,
            remote_addr=request.remote_addr or "",
            max_frame_bytes=settings.ws_max_frame_bytes,
            frames_per_second=settings.ws_frames_per_second,
        )
        is_full = len(roster) >= settings.ws_max_connections
        roster.add(connection)
        metrics.socket_opened()
        life = SocketLife(connection, self._service, HandshakeFacts(negotiation.preferred(), g.get("request_id")))
        refusal: Close | None = Close.INTERNAL_ERROR
        try:
            refusal = self._refusal(is_full)
        except Exception:
            log.exception("socket failed", extra={"connection": connection.id})
        finally:
            credentials = credentials_of_request(admits_visitors=self._service.dialect.admits_visitors)
            connection.session_id = credentials.session_id
            greenlets.start(partial(life.begin, credentials, refusal))

    def _refusal(self, is_full: bool) -> Close | None:
        """The reason to refuse the client before it is authenticated; None if there is none."""
        if self._service.roster.is_draining:
            return Close.GOING_AWAY
        if is_full:
            return Close.TRY_LATER
        if not self._service.policy.is_origin_allowed():
            return Close.FORBIDDEN
        try:
            self._service.policy.count_opening()
        except ChatError as error:
            return refusal_for(error)
        return None
