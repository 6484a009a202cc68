"""The rows of a list that are taken into the catalog (导入入库): their values as a signed act has them.

Shapes: values are those of JSON; days are `YYYY-MM-DD`, times are the list's own with the offset of its zone, a sum
with cents is a text, for a signed document has no fractions. What a cell does not say is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any

from catalog.rules.imports.problems import Row

TIME_CHARS = len("2026-03-05T09:30:00")
"""So much of a time is what the list says; its offset follows."""
NOTHING: tuple[object, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Taken:
    """One row that is taken: `subject` is what it changes, with what the catalog had before; None for a new thing."""

    row: int
    values: Mapping[str, Any]
    subject: str | None = None
    was: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The row as the act has it."""
        old = {} if self.subject is None else {"subject": self.subject, "was": dict(self.was)}
        return {"row": self.row, "values": dict(self.values)} | old

    @property
    def changes(self) -> dict[str, Any]:
        """The values it has otherwise than the catalog; of a new thing all."""
        return {name: value for name, value in self.values.items() if self.subject is None or name in self.was}


def taken(row: Row, zone: tzinfo) -> Taken:
    """A row that may be taken, its times in a zone."""
    values = {name: signable(value, zone) for name, value in row.values.items() if value not in NOTHING}
    was = {name: signable(value, zone) for name, value in row.was.items()}
    return Taken(row.row, values, row.subject, was)


def read_taken(told: Mapping[str, Any]) -> Taken:
    """A row out of an act."""
    return Taken(int(told["row"]), told["values"], told.get("subject"), told.get("was", {}))


def signable(value: object, zone: tzinfo) -> object:
    """A value as a signed document has it."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone).isoformat()
    return str(value) if isinstance(value, float) else plain(value)


def plain(value: object) -> object:
    """A value of a row as JSON has it: days and times as they are in the list, without a zone."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def comparable(value: object) -> object:
    """A value of a list, or of an act, as two of them are compared: whatever the zone."""
    if isinstance(value, str) and len(value) > TIME_CHARS and value[10] == "T" and value[TIME_CHARS] in "+-":
        return value[:TIME_CHARS]
    return str(value) if isinstance(value, float) else plain(value)


def number_of(person: Mapping[str, Any]) -> str:
    """What a person of a list is known by for ever: the own number, else one on recorders or cards."""
    return str(person.get("id") or person.get("officer_no") or person["card"])
