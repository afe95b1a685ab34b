"""What a close code asks of the client."""

from __future__ import annotations

from enum import Enum

ABNORMAL = 1006  # no close frame at all: the worker died, or the network did


class Verdict(Enum):
    """What to do after the end of a connection."""

    COME_BACK = "come back with back-off, and resume"
    RENEW_TOKEN = "come back with a new token"
    STAY_AWAY = "coming back would end the same way"


_VERDICTS = {
    1000: Verdict.STAY_AWAY,
    1008: Verdict.STAY_AWAY,  # policy
    1009: Verdict.STAY_AWAY,  # our frame was too big, and would be again
    4400: Verdict.STAY_AWAY,  # our frames cannot be read
    4401: Verdict.RENEW_TOKEN,
    4403: Verdict.STAY_AWAY,
    4409: Verdict.STAY_AWAY,  # a newer connection took our place: coming back would be a tug of war
}


def verdict_on(code: int) -> Verdict:
    """What a close code asks for; unknown ones, and a connection that just broke, ask to come back."""
    return _VERDICTS.get(code, Verdict.COME_BACK)
