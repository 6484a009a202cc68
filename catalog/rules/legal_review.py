"""Legal review of major decisions (重大执法决定法制审核, R15–R17): which case, what is sent, what is reviewed; pure.

Source: 行政处罚法 58; the policy's catalogue of reviews. Shapes: what was reviewed is kept as digests by name
(`substance`), so that a decision is held against it (`review_rounds`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog.rules.bureau_policy import BureauPolicy, Review, ReviewCase
from catalog.rules.canonical import canonical, time_text_or_none
from catalog.rules.case_file import CaseFacts, PaperFacts
from catalog.rules.recording_needs import EVERY

REQUEST, OPINION, STEP = "review-request", "review-opinion", "legal-review"
"""The records a review is asked for with and answered by, and its step, as the policy codes them."""
LARGE = "large-fine"
FOUND_BY_PAPER = {"hearing-record": "hearing-held", "transfer-form": "transferred-crime"}
"""Facts of a case that a record of it shows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a case is reviewed (是否须法制审核): rows of the catalogue, its matter where all of that are.

    `unsure`: what must be known first, the fine or whether the party is a person; None where it is clear.
    """

    rows: tuple[ReviewCase, ...] = ()
    matter: str | None = None
    unsure: Literal["fine", "party"] | None = None

    @property
    def is_listed(self) -> bool:
        """Whether the decision waits for a passed round."""
        return bool(self.rows or self.matter)

    @property
    def materials(self) -> tuple[str, ...]:
        """What is sent with it (送审材料), as types of written records."""
        every = dict.fromkeys(one for row in self.rows for one in row.materials)
        return tuple(every) or ((REQUEST,) if self.matter else ())


# ---------------------------------------------------------------------- which case


def asked(case: CaseFacts, policy: BureauPolicy) -> Asked:
    """Whether the policy wants the decision of a case reviewed, and by which rows."""
    by, facts = policy.review, case.facts | {FOUND_BY_PAPER[it.type] for it in case.papers if it.type in FOUND_BY_PAPER}
    if case.penalty:
        facts |= {one.code for one in policy.facts if one.by == "person" and case.penalty in one.zh}
    large = _is_large(case, by)
    rows = tuple(_rows(case, by, facts | ({LARGE} if large else set())))
    matter = next((one.code for one in policy.matters if one.code == case.matter and one.review), None)
    if rows or large is not None or next(_rows(case, by, facts | {LARGE}), None) is None:
        return Asked(rows, matter)
    return Asked(rows, matter, "fine" if case.fine is None else "party")


def _rows(case: CaseFacts, by: Review, facts: frozenset[str]) -> Iterator[ReviewCase]:
    for row in by.catalogue:
        is_kind = EVERY in row.kinds or not set(row.kinds).isdisjoint(case.kinds)
        if is_kind and (EVERY in row.matters or case.matter in row.matters) and (row.if_ in facts or not row.if_):
            yield row


def _is_large(case: CaseFacts, by: Review) -> bool | None:
    """Whether a fine is a large one; None where nobody said how much, or whether the party is a person.

    What kind of party it is, imported lists leave to the form of its number: a person ticks the fact.
    """
    limits = [limit for limit in (by.large_fine_person, by.large_fine_organisation) if limit is not None]
    if case.is_organisation and by.large_fine_organisation is not None:
        limits = [by.large_fine_organisation]
    if not limits:
        return False
    if case.fine is None:
        return None
    return False if case.fine < min(limits) else True if case.fine >= max(limits) else None


def lacking(case: CaseFacts, wanted: Asked) -> tuple[str, ...]:
    """The types of records that must be sent and are not there."""
    there = {one.type for one in case.papers}
    return tuple(one for one in wanted.materials if one not in there)


# ---------------------------------------------------------------------- what was reviewed


def counting(case: CaseFacts, policy: BureauPolicy) -> tuple[PaperFacts, ...]:
    """The records a review is about: those of the steps before it, and what is sent with it."""
    order = {one.code: place for place, one in enumerate(policy.steps)}
    last, sent = order.get(STEP, len(order)), asked(case, policy).materials
    own = {REQUEST, OPINION}
    return tuple(it for it in case.papers if it.type not in own and (it.type in sent or order.get(it.step, -1) < last))


def substance(case: CaseFacts, policy: BureauPolicy) -> dict[str, str]:
    """Facts, law, proposal and the records that count (`paper ` and their id), each as a digest by its name."""
    said: dict[str, Any] = {"kind": list(case.kinds), "matter": case.matter, "parties": list(case.parties)}
    said |= {"facts": sorted(case.facts), "penalty": case.penalty}
    said["fine"] = case.fine if case.fine is None or isinstance(case.fine, int) else str(case.fine)  # cents, imported
    for one in counting(case, policy):
        times = [time_text_or_none(at) for at in (one.begins_at, one.ends_at)]
        day = None if one.day is None else one.day.isoformat()
        said[f"paper {one.id}"] = [one.type, day, *times, list(one.officers), one.scan]
    return {name: hashlib.sha256(canonical(value)).hexdigest()[:16] for name, value in said.items()}


def changed(reviewed: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The names of what is not as it was reviewed."""
    return tuple(name for name in dict.fromkeys([*reviewed, *now]) if reviewed.get(name) != now.get(name))
