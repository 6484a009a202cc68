"""Scans of written records (文书扫描件): files sealed under a manifest of their own, named by a signed act.

Shapes: `paper.scanned` is about the record by its id; details are the fields of a `Scan` but for paper, time and
person: `id` is the SHA-256 of its manifest. A record has the newest; those before stay sealed. Equal bytes are one
object of the vault, whichever records they are of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases.errors import NoSuchPaper
from catalog.database import before
from catalog.readable import readable, value_in
from catalog.rules.acts import PAPER_SCANNED, Act
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import PaperRow
    from catalog.database import Database, Row

PAGE_CHARS_MAX = 4000
"""Of a page's text, for search: a printed page has half of it."""
OF_THE_ACT = ("paper", "at", "by")


@dataclass(frozen=True, slots=True)
class Scan:
    """A sealed scan (扫描件); its fields are keys of `--json`. `pages` is None where nobody counted: of an OFD file."""

    id: str
    paper: str
    name: str
    format: str
    pages: int | None
    size_bytes: int
    sha256: str
    sm3: str
    at: datetime
    by: str


def scanning(scan: Scan) -> Act:
    """The act that gives a written record its scan (文书扫描), which is in the vault already."""
    details = {name: value for name, value in asdict(scan).items() if name not in OF_THE_ACT}
    return Act(scan.at, scan.by, PAPER_SCANNED, scan.paper, details)


def scan_in(act: Act) -> Scan:
    """The scan that an act tells of; raises KeyError or TypeError for what is no such act."""
    details = dict(act.details)
    if not all(isinstance(details[name], str) for name in ("id", "name", "format", "sha256", "sm3")):
        raise TypeError("id")
    return Scan(**details, paper=act.subject, at=act.at, by=act.actor)


def _scan(session: Session, act: Act) -> None:
    from catalog.cases.tables import PaperScanRow

    paper, scan = _check_there(session, act), scan_in(act)
    session.merge(PaperScanRow(**asdict(scan)))
    paper.scan = scan.id
    session.add(paper)


def _check_there(session: Session, act: Act) -> PaperRow:
    from catalog.cases.tables import PaperRow

    row = session.get(PaperRow, act.subject)
    if row is None:
        raise NoSuchPaper(paper=act.subject)
    return row


APPLIES = {PAPER_SCANNED: _scan}
DEMANDS = {PAPER_SCANNED: before(_check_there)}


def keep_text(database: Database, scan: str, page: int, text: str) -> None:
    """Keep what a page says, so that clips of its case are found by it; the same again changes nothing."""
    from catalog.cases.tables import PaperTextRow

    text = "".join(char for char in text if char.isprintable() or char.isspace())[:PAGE_CHARS_MAX]
    with database.transaction() as session:
        if text.strip() and session.get(PaperTextRow, (scan, page)) is None:
            session.add(PaperTextRow(scan=scan, page=page, text=text))


# ---------------------------------------------------------------------- reading


@readable("scan")
def _row(row: Row) -> Scan:
    return value_in(Scan, row)


def get(database: Database, scan: str | None) -> Scan | None:
    """The scan of that id, if one is sealed."""
    rows = database.query("SELECT * FROM paper_scan WHERE id = :id", {"id": scan})
    return _row(rows[0]) if rows else None


def every(database: Database) -> tuple[tuple[Scan, str], ...]:
    """Every scan, those of a record that have a newer one too, with the id of its case."""
    sql = "SELECT its.*, case_id FROM paper_scan AS its JOIN paper ON paper.id = its.paper ORDER BY its.id"
    return tuple((_row(row), str(row["case_id"])) for row in database.query(sql, {}))


def on_trail(database: Database) -> Iterator[Scan]:
    """Every scan that the trail tells of, whatever the rows say; a line that was changed is told elsewhere."""
    for line in trail.lines_of(database, [PAPER_SCANNED]):
        with suppress(KeyError, TypeError, ValueError):
            yield scan_in(trail.act_of(line))


def as_json(scan: Scan | None) -> dict[str, Any] | None:
    """A scan as programs read it beside its record."""
    return None if scan is None else {name: value for name, value in asdict(scan).items() if name != "paper"}
