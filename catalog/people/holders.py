"""Whose a clip is (资料归属人): its officer's number, as it was sealed, to a person then; and the unit it counts to.

Shapes: `clip.person` and `clip.house_unit` are settled when a clip is filed and when what is known of people or units
changes, always from all that is known: the order in which things came to be known does not matter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlmodel import Session

ROOT = "bureau"
"""The bureau itself (本机关): every unit lies below it, and what no unit is known of counts to it."""


def settle(
    session: Session, *, clips: Collection[str] = (), numbers: Collection[str] = (), units: Collection[str] = ()
) -> None:
    """Settle person and unit of these clips, of those sealed with these officers' numbers, and with these units."""
    from sqlmodel import col, or_, select, update

    from catalog.clips.tables import ClipRow
    from catalog.people.tables import PersonNumberRow, UnitNameRow

    rows = (select(UnitNameRow.name), select(PersonNumberRow.number))
    is_known = any(session.exec(some.limit(1)).first() is not None for some in rows)
    chosen = [
        column.in_(sorted(some))
        for column, some in ((col(ClipRow.id), clips), (col(ClipRow.officer), numbers), (col(ClipRow.unit), units))
        if some
    ]
    if not chosen or not is_known:
        return
    for values in ({"person": _person()}, {"house_unit": _unit()}):  # the unit follows from the person
        session.exec(update(ClipRow).where(or_(*chosen)).values(**values).execution_options(synchronize_session=False))


def people_in(session: Session, unit: str) -> list[str]:
    """The numbers of the people who belong to a unit now."""
    from sqlmodel import col, select

    from catalog.people.tables import PersonRow, PostingRow

    found = dict[str, str]()
    here = select(PostingRow).join(PersonRow, col(PersonRow.no) == col(PostingRow.person))
    for one in session.exec(here.where(col(PersonRow.left_at).is_(None)).order_by(col(PostingRow.begins_at))):
        found[one.person] = one.unit
    return sorted(person for person, its in found.items() if its == unit)


def _person() -> Any:
    """Who had the clip's number when it was recorded."""
    from sqlmodel import col, func, or_, select

    from catalog.clips.tables import ClipRow
    from catalog.people.tables import PersonNumberRow

    had = (
        col(PersonNumberRow.number) == col(ClipRow.officer),
        col(PersonNumberRow.begins_at) <= col(ClipRow.starts_at),
        or_(col(PersonNumberRow.ends_at).is_(None), col(PersonNumberRow.ends_at) > col(ClipRow.starts_at)),
    )
    return select(func.min(PersonNumberRow.person)).where(*had).correlate(ClipRow).scalar_subquery()


def _unit() -> Any:
    """The unit the clip was sealed with, if one alone is called so; else its person's then; else the bureau."""
    from sqlmodel import col, func, select

    from catalog.clips.tables import ClipRow
    from catalog.people.tables import PostingRow, UnitNameRow

    named = select(func.min(UnitNameRow.unit)).where(col(UnitNameRow.name) == col(ClipRow.unit))
    alone = named.having(func.count() == 1).correlate(ClipRow).scalar_subquery()
    then = (col(PostingRow.person) == col(ClipRow.person), col(PostingRow.begins_at) <= col(ClipRow.starts_at))
    posted = select(PostingRow.unit).where(*then).order_by(col(PostingRow.begins_at).desc()).limit(1)
    return func.coalesce(alone, posted.correlate(ClipRow).scalar_subquery(), ROOT)
