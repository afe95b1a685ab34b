"""Values that each process builds once from its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from config import Settings

T = TypeVar("T")


class NotBound(RuntimeError):
    """A value was used before it was built: a defect.

    Parameters:
        name: of the value.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not bound: call runtime.build first")


class Part(Protocol):
    """Something that `runtime.build` prepares for a process."""

    def bind(self, settings: Settings) -> None:
        """Prepare it, and replace what an earlier call prepared. Opens no connection."""
        ...


class Bound(Generic[T]):
    """A global whose value follows from the settings; calling it returns the value.

    Parameters:
        name: name of the value in the error.
        build: makes the value. It opens no connection: a server that is away now may be back later.
    """

    __slots__ = ("_build", "_name", "_value")

    def __init__(self, name: str, build: Callable[[Settings], T]) -> None:
        self._name = name
        self._build = build

    def __call__(self) -> T:
        try:
            return self._value
        except AttributeError:
            raise NotBound(self._name) from None

    def bind(self, settings: Settings) -> None:
        """Build the value."""
        self._value: T = self._build(settings)
