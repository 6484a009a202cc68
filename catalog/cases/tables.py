"""Tables of cases (案件表): case, its numbers, links of clips, written records.

Only `catalog` sees them. Units: milliseconds from a clip's begin; a day is `YYYY-MM-DD`; lists and groups are JSON.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from catalog.columns import time_column


class CaseRow(SQLModel, table=True):
    """A case (案件). `title` is None while it was only named at an ingest, `no` where it has no number yet.

    `no` is the number it is shown by; `reported`: what another system says of it, word for word; `fine` in yuan.
    """

    __tablename__ = "law_case"

    id: str = Field(primary_key=True)
    no: str | None = None
    title: str | None = None
    subject: str | None = None
    officers: str = "[]"
    begins_at: datetime | None = time_column(nullable=True)
    ends_at: datetime | None = time_column(nullable=True)
    added_at: datetime = time_column()
    added_by: str
    state: str = "open"
    kind: str | None = None
    procedures: str = "[]"
    matter: str | None = None
    unit: str | None = None
    place: str | None = None
    parties: str = "[]"
    facts: str = "[]"
    inspected: str | None = None
    opened: str | None = None
    decided: str | None = None
    closed: str | None = None
    reported: str = "{}"
    penalty: str | None = None
    fine: int | None = Field(default=None, sa_column=Column(BigInteger))
    merged_into: str | None = None


class CaseOfficerRow(SQLModel, table=True):
    """A number in `officers` of a case (承办人), so that a person's cases are found without reading all."""

    __tablename__ = "case_officer"

    case_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)


class CasePartyRow(SQLModel, table=True):
    """The name of a party of a case (当事人), so that parties, and the cases of one, are found without reading all."""

    __tablename__ = "case_party"

    case_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)


class CaseNumberRow(SQLModel, table=True):
    """A number of a case (案件编号、文号): as it was written, of which kind, by whose word, its key."""

    __tablename__ = "case_number"

    case_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    kind: str
    key: str
    source: str
    added_at: datetime = time_column()
    added_by: str


class LinkRow(SQLModel, table=True):
    """That a clip, or a part of it, belonged to a case (关联): from when, by whom, what for, and how it ended."""

    __tablename__ = "link"

    clip_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    case_id: str
    begins_at: datetime = time_column()
    how: str
    by: str
    from_ms: int | None = None
    to_ms: int | None = None
    step: str | None = None
    proves: str = "[]"
    place: str | None = None
    why: str | None = None
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    reason: str | None = None


class PaperRow(SQLModel, table=True):
    """A written record of a case (执法文书). `scan` is the digest of the manifest of its scan, if one is sealed."""

    __tablename__ = "paper"

    id: str = Field(primary_key=True)
    case_id: str
    code: str
    number: str | None = None
    number_key: str | None = None
    step: str | None = None
    day: str | None = None
    begins_at: datetime | None = time_column(nullable=True)
    ends_at: datetime | None = time_column(nullable=True)
    place: str | None = None
    officers: str = "[]"
    party: str | None = None
    served: str = "{}"
    volume: str | None = None
    position: int | None = None
    pages: int | None = None
    note: str | None = None
    scan: str | None = None
    added_at: datetime = time_column()
    added_by: str


class PaperScanRow(SQLModel, table=True):
    """A sealed scan of a written record (扫描件); `id` is the digest of its manifest."""

    __tablename__ = "paper_scan"

    id: str = Field(primary_key=True)
    paper: str
    name: str
    format: str
    pages: int | None = None
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str
    sm3: str
    at: datetime = time_column()
    by: str


class PaperTextRow(SQLModel, table=True):
    """What a page of a scan says (文书文本): its text layer, read again at any time; for search alone."""

    __tablename__ = "paper_text"

    scan: str = Field(primary_key=True)
    page: int = Field(primary_key=True)
    text: str


class CaseNoteRow(SQLModel, table=True):
    """A signed note that answers what was found of a case (情况说明), or of one of its records."""

    __tablename__ = "case_note"

    id: str = Field(primary_key=True)
    case_id: str
    paper_id: str | None = None
    verdict: str | None = None
    note: str
    at: datetime = time_column()
    by: str


class CasePartRow(SQLModel, table=True):
    """The part a person has in a case besides its officers (案件参与人): `reviewer`, or `recused`."""

    __tablename__ = "case_part"

    id: str = Field(primary_key=True)
    case_id: str
    person: str
    part: str
    reason: str
    by: str
    begins_at: datetime = time_column()
    until: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    ended_reason: str | None = None


class ReviewRoundRow(SQLModel, table=True):
    """A round of legal review (法制审核轮次); what was reviewed is kept as digests by name, in JSON."""

    __tablename__ = "review_round"

    no: str = Field(primary_key=True)
    case_id: str
    state: str
    policy: int
    sent_at: datetime = time_column()
    sent_by: str
    note: str | None = None
    papers: str = "[]"
    substance: str = "{}"
    again_of: str | None = None
    extended: str | None = None
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    opinion: str | None = None
    reason: str | None = None
    opened: str = "[]"


class ReviewPointRow(SQLModel, table=True):
    """A point of a round as it was judged (审核要点), and the answer of the unit."""

    __tablename__ = "review_point"

    round: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    verdict: str
    note: str | None = None
    rests: str = "[]"
    at: datetime = time_column()
    by: str
    adopted: bool | None = None
    answer: str | None = None
    answered_at: datetime | None = time_column(nullable=True)
    answered_by: str | None = None


class DisclosureRow(SQLModel, table=True):
    """A decision as it stands, or stood, in public on a channel (公示), as the row `shown`; which one it corrects."""

    __tablename__ = "disclosure"

    id: str = Field(primary_key=True)
    case_id: str
    channel: str
    place: str | None = None
    day: str
    until: str | None = None
    gravity: str | None = None
    shown: str
    corrects: str | None = None
    at: datetime = time_column()
    by: str
    ended: str | None = None
    ended_day: str | None = None
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    reason: str | None = None


class DisclosureExceptionRow(SQLModel, table=True):
    """That a decision is not made public (不予公示), on one channel or on none; ended by making it public."""

    __tablename__ = "disclosure_exception"

    id: str = Field(primary_key=True)
    case_id: str
    channel: str | None = None
    ground: str
    reason: str
    at: datetime = time_column()
    by: str
    confirmed_by: str
    ended_at: datetime | None = time_column(nullable=True)


class DecisionEndRow(SQLModel, table=True):
    """That a decision no longer stands (决定变更、撤销、确认违法、确认无效), by which document."""

    __tablename__ = "decision_end"

    id: str = Field(primary_key=True)
    case_id: str
    how: str
    day: str
    number: str | None = None
    reason: str
    at: datetime = time_column()
    by: str
