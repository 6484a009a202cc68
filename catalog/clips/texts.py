"""What can be read about clips (检索文本): each text with its kind, and whose it is; straight from their rows.

Shapes: a text is the clip's own, its link's (then with its part of the clip), or its case's (then with the written
record it stands in). Units: milliseconds from the clip's begin.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalog.readable import any_of, readable

if TYPE_CHECKING:
    from catalog.database import Database, Row

TextKind = Literal["matter", "name", "note", "number", "page", "party", "path", "place", "proves", "step", "title"]
PAGES_MAX = 10_000
Names = Mapping[str, str]
"""What the policy calls its codes, in Chinese."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text a clip is found by; its fields are keys of `--json`."""

    kind: TextKind
    text: str
    case: str | None = None
    paper: str | None = None
    page: int | None = None
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A standing link as the index takes it: its case with its unit, the step it records, what the case is about."""

    case: str
    unit: str | None
    step: str | None
    matter: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """All that is said of a clip: its texts, and its standing links."""

    texts: tuple[Text, ...]
    links: tuple[Linked, ...]


@readable("clip")
def of_clips(database: Database, clips: Sequence[str], names: Names) -> dict[str, Said]:
    """What is said of each of these clips, as far as they are there."""
    these, values = any_of(clips)
    own = database.query(
        "SELECT id, path, numbers, (SELECT name FROM person WHERE person.no = clip.person) AS officer_name"
        f" FROM clip WHERE id IN {these}",
        values,
    )
    linked = database.query(f"SELECT * FROM link WHERE ended_at IS NULL AND clip_id IN {these}", values)
    cases = _of_cases(database, sorted({row["case_id"] for row in linked}), names)
    texts = {row["id"]: list(_of_clip(row)) for row in own}
    links = dict[str, list[Linked]]()
    for row in linked:
        case = row["case_id"]
        unit, matter, of_case = cases.get(case, (None, None, []))
        its = texts.setdefault(row["clip_id"], [])
        its += _of_link(row, names)
        its += of_case if case not in {one.case for one in links.get(row["clip_id"], ())} else ()
        links.setdefault(row["clip_id"], []).append(Linked(case, unit, row["step"], matter))
    return {row["id"]: Said(tuple(texts[row["id"]]), tuple(links.get(row["id"], ()))) for row in own}


def _of_clip(row: Row) -> Iterator[Text]:
    yield Text("path", row["path"])
    if row["numbers"]:
        yield Text("number", row["numbers"])
    if row["officer_name"]:
        yield Text("name", row["officer_name"])


def _of_link(row: Row, names: Names) -> Iterator[Text]:
    part = {"case": row["case_id"], "from_ms": row["from_ms"], "to_ms": row["to_ms"]}
    said: tuple[tuple[TextKind, str | None], ...] = (
        *(("step", _called(row["step"], names)), ("place", row["place"]), ("note", row["why"])),
        *(("proves", _called(one, names)) for one in json.loads(row["proves"])),
    )
    yield from (Text(kind, text, **part) for kind, text in said if text)


def _of_cases(
    database: Database, cases: Sequence[str], names: Names
) -> dict[str, tuple[str | None, str | None, list[Text]]]:
    """The unit and the matter of each case, and what is said of it and of its written records."""
    these, values = any_of(cases)
    found = dict[str, tuple[str | None, str | None, list[Text]]]()
    for row in database.query(f"SELECT * FROM law_case WHERE id IN {these}", values):
        said: tuple[tuple[TextKind, str | None], ...] = (
            *(("title", row["title"]), ("party", row["subject"]), ("place", row["place"])),
            *(("matter", _called(row["matter"], names)), ("number", row["no"])),
            *(("party", str(one.get("name") or "")) for one in json.loads(row["parties"])),
        )
        found[row["id"]] = (row["unit"], row["matter"], [Text(kind, text, row["id"]) for kind, text in said if text])
    for row in database.query(f"SELECT case_id, number FROM case_number WHERE case_id IN {these}", values):
        if row["case_id"] in found:
            found[row["case_id"]][2].append(Text("number", row["number"], row["case_id"]))
    papers = f"SELECT id, case_id, number, place, party, note FROM paper WHERE case_id IN {these}"
    for row in database.query(papers, values):
        its: tuple[tuple[TextKind, str | None], ...] = tuple(
            (kind, row[kind]) for kind in ("number", "place", "party", "note")
        )
        if row["case_id"] in found:
            found[row["case_id"]][2].extend(Text(kind, text, row["case_id"], row["id"]) for kind, text in its if text)
    pages = f"""SELECT paper.id AS paper, case_id, page, text FROM paper JOIN paper_text ON paper_text.scan = paper.scan
 WHERE case_id IN {these} ORDER BY paper.id, page LIMIT {PAGES_MAX}"""
    for row in database.query(pages, values):
        if row["case_id"] in found:
            found[row["case_id"]][2].append(Text("page", row["text"], row["case_id"], row["paper"], row["page"]))
    return found


def _called(code: str | None, names: Names) -> str | None:
    return None if code is None else f"{code} {names.get(code, '')}".strip()
