"""Whose a clip is (资料归属人): its officer's number, as it was sealed, to a person then; and the unit it counts to.

Shapes: `clip.person` and `clip.house_unit` are settled when a clip is filed and when what is known of people or units
changes, always from all that is known: the order in which things came to be known does not matter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from catalog.readable import any_of

if TYPE_CHECKING:
    from sqlmodel import Session

ROOT = "bureau"
"""The bureau itself (本机关): every unit lies below it, and what no unit is known of counts to it."""


_PERSON = """(SELECT MIN(person) FROM person_number WHERE number = clip.officer AND begins_at <= clip.starts_at
 AND (ends_at IS NULL OR ends_at > clip.starts_at))"""
"""Who had the clip's number when it was recorded."""
_UNIT = f"""COALESCE((SELECT MIN(unit) FROM unit_name WHERE name = clip.unit HAVING COUNT(*) = 1),
 (SELECT unit FROM posting WHERE person = {_PERSON} AND begins_at <= clip.starts_at ORDER BY begins_at DESC LIMIT 1),
 '{ROOT}')"""
"""The unit the clip was sealed with, if one alone is called so; else its person's then; else the bureau."""
# A row that stays as it is is not written: each that is must be indexed again.
_SETTLE = f"""UPDATE clip SET person = {_PERSON}, house_unit = {_UNIT}
 WHERE (COALESCE(person, '') <> COALESCE({_PERSON}, '') OR house_unit <> {_UNIT}) AND"""


def settle(
    session: Session, *, clips: Collection[str] = (), numbers: Collection[str] = (), units: Collection[str] = ()
) -> None:
    """Settle person and unit of these clips, of those sealed with these officers' numbers, and with these units."""
    from sqlalchemy import text

    session.flush()
    for column, some in (("id", clips), ("officer", numbers), ("unit", units)):
        if some:
            these, values = any_of(sorted(some))
            session.connection().execute(text(f"{_SETTLE} {column} IN {these}"), values)


def people_in(session: Session, unit: str) -> list[str]:
    """The numbers of the people who belong to a unit now."""
    from sqlmodel import col, select

    from catalog.people.tables import PersonRow, PostingRow

    found = dict[str, str]()
    here = select(PostingRow).join(PersonRow, col(PersonRow.no) == col(PostingRow.person))
    for one in session.exec(here.where(col(PersonRow.left_at).is_(None)).order_by(col(PostingRow.begins_at))):
        found[one.person] = one.unit
    return sorted(person for person, its in found.items() if its == unit)
