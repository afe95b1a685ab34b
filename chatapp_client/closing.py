"""How to react to a close code."""

from __future__ import annotations

from enum import Enum

ABNORMAL = 1006  # no close frame: the worker or the network failed


class CloseAction(Enum):
    """What to do after a connection closed."""

    RECONNECT = "reconnect with back-off, and resume"
    RENEW_TOKEN = "reconnect with a new token"
    STOP = "reconnecting would fail the same way"


_ACTIONS = {
    1000: CloseAction.STOP,
    1008: CloseAction.STOP,  # policy
    1009: CloseAction.STOP,  # our frame was too large, and would be again
    4400: CloseAction.STOP,  # our frames are malformed
    4401: CloseAction.RENEW_TOKEN,
    4403: CloseAction.STOP,
    4409: CloseAction.STOP,  # a newer connection replaced ours: reconnecting would replace it in turn
}


def action_for(code: int) -> CloseAction:
    """The action for a close code; reconnect after unknown codes and broken connections."""
    return _ACTIONS.get(code, CloseAction.RECONNECT)
