"""Written records of cases (执法文书): type, number, step, time, people, place in the file; corrected, never altered.

Shapes: `paper.added` is about its case, `paper.changed` about the record by its id; details hold what is said of it as
`FIELDS`: times as ISO text, a day as `YYYY-MM-DD`, `served` a group of how, day, to and witness, `scan` the digest of
the manifest of its sealed scan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import cases
from catalog.cases.errors import NoSuchPaper, PaperAmbiguous
from catalog.database import before
from catalog.readable import readable, value_in
from catalog.rules.acts import PAPER_ADDED, PAPER_CHANGED, Act
from catalog.rules.canonical import time_text
from catalog.rules.case_numbers import keys_meant, number_key, opened_by

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import PaperRow
    from catalog.database import Database, Row

FIELDS = (
    *("code", "number", "step", "day", "begins_at", "ends_at", "place", "officers", "party", "served"),
    *("volume", "position", "pages", "note", "scan"),
)
"""What is said of a written record, and may be corrected."""
GROUPS = frozenset({"officers", "served"})


@dataclass(frozen=True, slots=True)
class Paper:
    """A written record as the catalog has it (执法文书); its fields are keys of `--json`, `case` its case's id."""

    id: str
    case: str
    code: str
    number: str | None
    step: str | None
    day: str | None
    begins_at: datetime | None
    ends_at: datetime | None
    place: str | None
    officers: tuple[str, ...]
    party: str | None
    served: Mapping[str, Any]
    volume: str | None
    position: int | None
    pages: int | None
    note: str | None
    scan: str | None
    added_at: datetime
    added_by: str

    @property
    def called(self) -> str:
        """What it is shown as."""
        return self.number or self.id


def adding(case: str, said: Mapping[str, Any], *, at: datetime, actor: str) -> Act:
    """The act that enters a written record of a case (文书登记), with what is said of it (`FIELDS`)."""
    return Act(at, actor, PAPER_ADDED, case, _signed(said))


def changing(paper: str, changes: Mapping[str, Any], *, reason: str | None, at: datetime, actor: str) -> Act:
    """The act that corrects what is said of a written record (文书更正); what was said before stays on record."""
    return Act(at, actor, PAPER_CHANGED, paper, {"changes": _signed(changes), "reason": reason})


def _signed(said: Mapping[str, Any]) -> dict[str, Any]:
    assert said.keys() <= set(FIELDS), said.keys()
    told = {name: time_text(value) if isinstance(value, datetime) else value for name, value in said.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def add(session: Session, acts: Sequence[Act]) -> list[str]:
    """Enter written records, their cases all asked for at once; the id of each.

    Raises `NoSuchCase`, `CaseMerged`.
    """
    from catalog.cases.tables import PaperRow
    from catalog.columns import insert_rows

    _check_new(session, *acts)
    ids = [opened_by(act) for act in acts]
    who = ({"case_id": act.subject, "added_at": act.at, "added_by": act.actor} for act in acts)
    said = ({"id": paper, **_columns(act.details)} for paper, act in zip(ids, acts, strict=True))
    insert_rows(session, PaperRow, [one | told for one, told in zip(who, said, strict=True)])
    return ids


def _check_new(session: Session, *acts: Act) -> None:
    cases.demand_standing(session, dict.fromkeys(act.subject for act in acts))
    if not all(isinstance(act.details["code"], str) for act in acts):
        raise TypeError("code")


def _change(session: Session, act: Act) -> None:
    cases.put(_check_there(session, act), _columns(act.details["changes"]))


def _check_there(session: Session, act: Act) -> PaperRow:
    from catalog.cases.tables import PaperRow

    row = session.get(PaperRow, act.subject)
    if row is None:
        raise NoSuchPaper(paper=act.subject)
    return row


def _columns(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an act says of a record, as the columns have it, the key of its number with it."""
    found = cases.columns(said, FIELDS, GROUPS)
    if "number" in found:
        found["number_key"] = None if found["number"] is None else number_key(found["number"])
    return found


APPLIES = {PAPER_ADDED: lambda session, act: add(session, (act,)), PAPER_CHANGED: _change}
DEMANDS = {PAPER_ADDED: before(_check_new), PAPER_CHANGED: before(_check_there)}


# ---------------------------------------------------------------------- reading


@readable("written record")
def _paper(row: Row) -> Paper:
    return value_in(Paper, row, case=row["case_id"], served=json.loads(row["served"]))


_IN_ORDER = "ORDER BY case_id, COALESCE(volume, ''), COALESCE(position, 999), COALESCE(day, ''), added_at, id"


def of_case(database: Database, case: str) -> tuple[Paper, ...]:
    """The written records of a case, as they lie in the file (卷内目录)."""
    rows = database.query(f"SELECT * FROM paper WHERE case_id = :case {_IN_ORDER}", {"case": case})
    return tuple(_paper(row) for row in rows)


def every(database: Database) -> tuple[Paper, ...]:
    """All written records, case by case, as they lie in the files."""
    return tuple(_paper(row) for row in database.query(f"SELECT * FROM paper {_IN_ORDER}", {}))


def meanings(database: Database, said: str) -> Iterator[list[Paper]]:
    """The written records somebody may mean: by id or number as it stands, else by the number's key."""
    exact = "SELECT * FROM paper WHERE id = :said OR number = :said ORDER BY id"
    yield [_paper(row) for row in database.query(exact, {"said": said})]
    for key in keys_meant(said):
        by_key = "SELECT * FROM paper WHERE number_key = :key ORDER BY id"
        yield [_paper(row) for row in database.query(by_key, {"key": key})]


def only(said: str, found: Sequence[Paper]) -> Paper:
    """The one written record of these that were found; raises `PaperAmbiguous`."""
    if len(found) > 1:
        raise PaperAmbiguous(paper=said, candidates=", ".join(f"{one.number} ({one.id})" for one in found))
    return found[0]


def get(database: Database, said: str) -> Paper:
    """The written record somebody means, by id or number; raises `NoSuchPaper`, `PaperAmbiguous`."""
    found = next(filter(None, meanings(database, said)), None)
    if found is None:
        raise NoSuchPaper(paper=said)
    return only(said, found)
