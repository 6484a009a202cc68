"""A case as the rules see it (案件所见): its written records, its days, and the footage there is; plain values, no I/O.

Shapes: times are aware UTC, days those of the bureau's zone. People are numbers of one kind, whichever the house uses;
who had a recorder then is found before. A fixed camera belongs to a room and has no holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A written record (文书): `type` and `step` are codes of the policy; `witness`: a service had one.

    `scan` is the id of its sealed scan; `passes`: of an opinion of ours, whether it agrees.
    """

    id: str
    type: str
    step: str
    day: date | None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    officers: tuple[str, ...] = ()
    witness: bool = False
    scan: str | None = None
    passes: bool = True


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """A signed note that answers a finding (情况说明): of a record, or of the whole case; `verdict` None: any."""

    id: str
    paper: str | None
    verdict: str | None
    by: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case (案件): `kinds` begins with its main kind, `facts` are what people ticked.

    `penalty` is what it is called, `fine` is in yuan, to the cent: what is proposed, or was decided. `unit` is empty
    where nobody said it.

    `begins_at` to `ends_at` is when its enforcement happened, where a person said so.
    `is_organisation`: every party is one, and no natural person. `is_kept_back`: the decision is not to be public, or
    stands no more; `withdrawals`: since when each publication has to go, and when it went.
    """

    id: str
    kinds: tuple[str, ...]
    matter: str = ""
    officers: tuple[str, ...] = ()
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    papers: tuple[PaperFacts, ...] = ()
    facts: frozenset[str] = frozenset()
    opened: date | None = None
    decided: date | None = None
    closed: date | None = None
    published: date | None = None
    reviewed: date | None = None
    fine: float | None = None
    penalty: str = ""
    is_organisation: bool = False
    notes: tuple[NoteFacts, ...] = ()
    parties: tuple[str, ...] = ()
    unit: str = ""
    is_kept_back: bool = False
    withdrawals: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """Footage (音像资料) as it is compared with records; `cases` are those a person confirmed it for.

    `holder` is who had the recorder then, None for a fixed camera, which has a `room`, and where nobody is known.
    """

    id: str
    medium: str
    starts_at: datetime
    ends_at: datetime | None
    uncertainty_s: float
    playable: bool = True
    holder: str | None = None
    room: str | None = None
    cases: tuple[str, ...] = ()
    recorder: str | None = None

    @property
    def until(self) -> datetime:
        """When it ends; where nobody knows its length, when it begins."""
        return self.ends_at or self.starts_at

    def touches(self, begins_at: datetime, ends_at: datetime, slack: timedelta = timedelta()) -> bool:
        """Whether it lies within a time, or so near to it."""
        return self.starts_at <= ends_at + slack and begins_at - slack <= self.until
