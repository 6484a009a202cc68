"""Breaks one call of a real part, before or after its effect: the caller cannot tell which.

Contract: the error is raised exactly once; every other call goes through to the real part unchanged.
"""

from __future__ import annotations

from typing import Any


class Crash(BaseException):
    """The power goes: nothing in the house may catch this."""


class Faulty:
    """A part whose method `call` fails once, at its n-th call."""

    def __init__(self, real: Any, call: str, nth: int, *, applied: bool, error: BaseException) -> None:
        self._real, self._call, self._left = real, call, nth
        self._applied, self._error = applied, error
        self.raised = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._call:
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left != 0:
                return real(*arguments, **named)
            if self._applied:
                real(*arguments, **named)
            self.raised += 1
            raise self._error

        return call
