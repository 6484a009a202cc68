"""The one door to the log (日志): one event, one line, on stderr.

For systemd's journal and for files a line is JSON, in the journal with its priority before it (`<3>`, sd-daemon(3));
on a terminal it is for people. Names, not prose: `log.info("clip sealed", clip=…, seconds=…)`. Never what a file holds,
never who is shown: bytes are not written, texts are cut.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import structlog

from catalog.station_error import StationError
from docking_station.station.settings import journal_from_environment
from docking_station.texts.plain import STEERING, visible

TEXT_CHARS_MAX = 500
STDERR = 2
TRACE_PLACES_MAX = 8
PRIORITY = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


class Log(Protocol):
    """What the rest of the program writes to."""

    def debug(self, event: str, **facts: Any) -> Any:
        """Log what only helps whoever looks for a fault."""

    def info(self, event: str, **facts: Any) -> Any:
        """What was done."""

    def warning(self, event: str, **facts: Any) -> Any:
        """What passes by itself."""

    def error(self, event: str, **facts: Any) -> Any:
        """What needs a person."""

    def exception(self, event: str, **facts: Any) -> Any:
        """An unexpected error, with its place in the program; only in an `except`."""

    def bind(self, **facts: Any) -> Log:
        """A log that writes these facts into every line."""


def get_log(**facts: object) -> Log:
    """The log of this process."""
    if not structlog.is_configured():
        configure()
    log: Log = structlog.get_logger(**facts)
    return log


def configure(*, journal: bool | None = None, terminal: bool | None = None) -> None:
    """Set the log up; what is not stated is found out from stderr."""
    journal = journal_from_environment(STDERR) if journal is None else journal
    terminal = sys.stderr.isatty() and not journal if terminal is None else terminal
    last = _for_people if terminal else _with_priority if journal else _as_json
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal, key="at")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            stamp,
            _traced,
            _plain,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=_Lines,
        cache_logger_on_first_use=False,
    )


class _Lines:
    """Writes a line at once; a log that cannot be written stops nothing."""

    def __init__(self, *_: object) -> None: ...

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _traced(_: object, __: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an unforeseen error came from: the innermost places, as short texts."""
    if facts.pop("exc_info", None):
        kind, error, where = sys.exc_info()
        places = traceback.extract_tb(where)[-TRACE_PLACES_MAX:]
        facts["raised"] = f"{kind.__name__ if kind else None}: {error}"
        facts["at_code"] = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(places))
    return facts


def _plain(_: object, __: str, facts: MutableMapping[str, Any]) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for name in ("at", "level", "event"):
        values[name] = facts.pop(name, None)
    for name, value in facts.items():
        if isinstance(value, StationError):
            values |= {"code": value.code, "retry": value.retry, name: _short(value.message())}
        else:
            values[name] = _short(value)
    return values


def _short(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(one) for one in list(value)[:20]]
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text if len(text) <= TEXT_CHARS_MAX else text[: TEXT_CHARS_MAX - 1] + "…"


def _as_json(_: object, __: str, event: Mapping[str, Any]) -> str:
    import json

    text = json.dumps(event, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode()
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _with_priority(log: object, method: str, event: Mapping[str, Any]) -> str:
    return f"<{PRIORITY.get(str(event['level']), 6)}>{_as_json(log, method, event)}"


def _for_people(_: object, __: str, event: Mapping[str, Any]) -> str:
    facts = " ".join(f"{name}={visible(str(value))}" for name, value in list(event.items())[3:])
    return f"{event['at']} {event['level'].upper():<7} {visible(str(event['event']))}  {facts}".rstrip()
