"""Which clips belong to which cases (资料关联): a clip may belong to many, each link with what it is there for.

Shapes: a link has an id of its own; its part of the clip is in milliseconds from the clip's begin, `step` and `proves`
are codes of the policy. What is ingested for a case is linked by its manifest. `clip.linked` and `clip.unlinked` are
acts of versions that knew one case a clip: an earlier link ends with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import cases
from catalog.clips import classes
from catalog.database import before
from catalog.errors import NoSuchCase, NotLinked
from catalog.rules.acts import CLIP_LINKED, CLIP_UNLINKED, LINK_ADDED, LINK_ENDED, Act
from catalog.rules.canonical import time_text
from catalog.rules.case_numbers import BY_ID, named, opened_by, stated

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import LinkRow
    from catalog.rules.manifest import Manifest

CONFIRMED, STATED = "linked by a person", "stated at ingest"
ABOUT = ("from_ms", "to_ms", "step", "proves", "place", "class")
"""What a link may say besides: its part of the clip, step, what it proves, where, the class the step gives the clip."""


def linking(clip: str, case: str, about: Mapping[str, Any], *, reason: str | None, at: datetime, actor: str) -> Act:
    """The act that links a clip to a case (关联案件), beside its other links; `about` has what is said of `ABOUT`."""
    assert about.keys() <= set(ABOUT)
    said = {name: value for name, value in about.items() if value not in (None, ())}
    return Act(at, actor, LINK_ADDED, clip, {"case": case, **said, "reason": reason})


def unlinking(clip: str, case: str, links: Sequence[str], *, reason: str, at: datetime, actor: str) -> Act:
    """The act that ends links of a clip to a case (解除关联); the reason is asked for."""
    return Act(at, actor, LINK_ENDED, clip, {"case": case, "links": list(links), "reason": reason})


def id_in(act: Act) -> str:
    """The id of the link an act makes; an earlier version could make one a clip and moment."""
    return opened_by(act) if act.action == LINK_ADDED else first_id(act.subject, act.at)


def first_id(clip: str, at: datetime) -> str:
    """The id of a link that a manifest states, or an act of an earlier version made."""
    return named(f"{clip} {time_text(at)}")


def links_after(act: Act, links: Mapping[str, str]) -> dict[str, str]:
    """The standing links of a clip by their ids, each with its case as it is stated, after an act on one of them."""
    kept = dict(links)
    if act.action in (CLIP_LINKED, CLIP_UNLINKED):
        kept.clear()
    for one in act.details.get("links", ()):
        kept.pop(one, None)
    if act.action == LINK_ADDED:
        kept[id_in(act)] = BY_ID + act.details["case"]
    elif act.action == CLIP_LINKED:
        kept[id_in(act)] = act.details["case"]
    return kept


def state(session: Session, manifest: Manifest) -> None:
    """Enter the link that a manifest states; its case may have gone into another since it was stated."""
    from catalog.cases.tables import CaseRow, LinkRow

    if manifest.case is not None:
        known = session.get(CaseRow, stated(manifest.case))
        case = stated(manifest.case) if known is None else known.merged_into or known.id
        at = manifest.sealed_at
        link, clip = first_id(manifest.clip, at), manifest.clip
        session.add(LinkRow(id=link, clip_id=clip, case_id=case, begins_at=at, how=STATED, by=manifest.docked_by))


# ---------------------------------------------------------------------- the changes


def _link(session: Session, act: Act) -> None:
    from catalog.cases.tables import LinkRow

    details = act.details
    is_first = act.action == CLIP_LINKED
    case = _check_link(session, act)
    if is_first:
        _end(session, act, _open(session, act.subject), f"linked to {details['case']}")
    row = LinkRow(
        id=id_in(act), clip_id=act.subject, case_id=case, begins_at=act.at, how=CONFIRMED, by=act.actor,
        why=None if is_first else details["reason"],
    )  # fmt: skip
    for name in ("from_ms", "to_ms", "step", "place"):
        setattr(row, name, details.get(name))
    row.proves = json.dumps(details.get("proves", []))
    session.add(row)
    if "class" in details:
        classes.add(session, act.subject, details["class"], act)


def _check_link(session: Session, act: Act) -> str:
    """The case a clip is linked to; raises where it, or the clip, cannot be."""
    said = act.details["case"]
    case = said if act.action == LINK_ADDED else named(said)
    try:
        cases.standing(session, case)
    except NoSuchCase as error:
        raise NoSuchCase(case=said) from error
    classes.clip_row(session, act.subject)
    return case


def _unlink(session: Session, act: Act) -> None:
    _end(session, act, _check_unlink(session, act), act.details["reason"])


def _check_unlink(session: Session, act: Act) -> list[LinkRow]:
    """The links that end; raises `NotLinked` where one of them does not stand."""
    classes.clip_row(session, act.subject)
    found = _open(session, act.subject)
    if act.action == LINK_ENDED:
        wanted = set(act.details["links"])
        found = [row for row in found if row.id in wanted]
        if len(found) < len(wanted):
            raise NotLinked(clip=act.subject)
    if not found:
        raise NotLinked(clip=act.subject)
    return found


def _open(session: Session, clip: str) -> list[LinkRow]:
    from sqlmodel import col, select

    from catalog.cases.tables import LinkRow

    return list(session.exec(select(LinkRow).where(LinkRow.clip_id == clip, col(LinkRow.ended_at).is_(None))))


def _end(session: Session, act: Act, links: Sequence[LinkRow], reason: str) -> None:
    for link in links:
        link.ended_at, link.ended_by, link.reason = act.at, act.actor, reason
        session.add(link)


APPLIES = {CLIP_LINKED: _link, CLIP_UNLINKED: _unlink, LINK_ADDED: _link, LINK_ENDED: _unlink}
DEMANDS = {
    CLIP_LINKED: before(_check_link),
    CLIP_UNLINKED: before(_check_unlink),
    LINK_ADDED: before(_check_link),
    LINK_ENDED: before(_check_unlink),
}
