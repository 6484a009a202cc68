"""A made-up bureau of a size to choose (虚构单位): its people, cases and clips in a catalog, for `bench.search`.

Shapes: the first clips are filed and linked whole, by the product's own doors; of the others the rows that the same
functions make of a manifest go in by the thousand, with manifests and links and without trail lines.
Everything follows from the number of clips and the seed.
"""

from __future__ import annotations

import random
import time
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from catalog.acts import dispatch
from catalog.cases import cases, links, papers
from catalog.cases.tables import LinkRow
from catalog.clips import clips, search_index
from catalog.clips.tables import ClipRow, ManifestRow
from catalog.columns import insert_rows
from catalog.database import Database
from catalog.evidence import CaptureTime, Clip, Fix
from catalog.people import holders, units
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from tests.fakes.clips import clip, sealed

BEGIN = datetime(2021, 1, 1, tzinfo=UTC)
DAYS, UNITS, CLOSED, OFFICERS, RECORDERS, MATTERS = 1826, 120, 117, 3000, 2000, 60
WORDS, SIGNS, CLIPS_A_CASE = 200_000, 3000, 50
TRANSACTION = 1000
WHOLE = 5_000
"""So many are filed whole."""
NAMES = {f"M{number:02d}": f"事项{chr(0x4E00 + number * 7)}{chr(0x5000 + number * 11)}" for number in range(MATTERS)}


class measured:
    """Print how many of something a second."""

    def __init__(self, what: str, count: int) -> None:
        self.what, self.count = what, count

    def __enter__(self) -> None:
        self.began, self.cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self.began, time.process_time() - self.cpu
        print(f"{self.what}: {self.count} in {wall:.1f} s, {self.count / wall:.0f}/s; cpu {cpu:.1f} s", flush=True)


class World:
    """A made-up bureau: who, where, about what; the same for the same seed."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.chance = count, random.Random(seed)
        self.words = ["".join(self.sign() for _ in range(self.chance.choice((2, 2, 2, 3, 4)))) for _ in range(WORDS)]
        self.weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
        self.centres = [(30.6 + self.chance.gauss(0, 0.11), 104.0 + self.chance.gauss(0, 0.13)) for _ in range(UNITS)]
        self.subjects: list[str] = []
        self.cases: list[tuple[str, int, str]] = []
        """Id, unit and number of each case."""

    def sign(self) -> str:
        """One of the signs of the vocabulary."""
        return chr(0x4E00 + self.chance.randrange(SIGNS))

    def word(self) -> str:
        """A word, common ones more often."""
        return self.words[bisect(self.weights, self.chance.random() * self.weights[-1])]

    def unit(self) -> int:
        """A unit; the first are larger, the last three were closed after a year."""
        return min(int(UNITS * self.chance.random() ** 2), UNITS - 1)

    def moment(self, *, first_year: bool = False) -> datetime:
        """A time of work."""
        day = self.chance.randrange(365 if first_year else DAYS)
        return BEGIN + timedelta(days=day, seconds=int(self.chance.triangular(0, 86_399, 36_000)))

    def clip(self, number: int) -> Clip:
        """One of many clips, with a walk of some fixes for four in ten."""
        chance, unit = self.chance, self.unit()
        starts = self.moment(first_year=unit >= CLOSED)
        late = timedelta(hours=chance.choice((3, 5, 9, 9, 12, 80 if chance.random() < 0.1 else 14)))
        lat, lon = (value + chance.gauss(0, 0.015) for value in self.centres[unit])
        fixes = tuple(
            Fix(starts + timedelta(seconds=30 * step), lat + chance.gauss(0, 0.0009), lon + chance.gauss(0, 0.0009))
            for step in range(3 + int(chance.expovariate(1 / 9.5)) if chance.random() < 0.4 else 0)
        )
        made = clip(
            number,
            kind=chance.choices(("video", "audio", "image", "log", "other"), (72, 12, 12, 3, 1))[0],
            recorder=f"TA{chance.randrange(RECORDERS):05d}",
            officer=f"JX{(unit * 25 + chance.randrange(25)) % OFFICERS:04d}",
            unit=f"U{unit:03d}",
            time=CaptureTime(starts, "name", 60.0),
            claims=(),
            track=fixes,
            marks=("important",) if chance.random() < 0.03 else (),
            docked_at=starts + late,
        )
        return replace(made, media=replace(made.media, playable=chance.random() > 0.005))


def fill(database: Database, world: World) -> None:
    """File every clip, open every case, link six clips of ten; then index it all. Prints how quick each was."""
    made: dict[str, Any] = {"at": BEGIN, "actor": "clerk"}
    acts = [units.adding(f"D{one}", name=f"District {one}", kind="enforcing", **made) for one in range(12)]
    acts += [units.adding(f"U{one:03d}", name=f"Unit {one}", parent=f"D{one % 12}", **made) for one in range(UNITS)]
    with database.transaction() as session:
        for act in acts:
            dispatch.apply(session, act)
    with measured("cases opened", max(20, world.count // CLIPS_A_CASE)):
        for some in batched_range(0, max(20, world.count // CLIPS_A_CASE)):
            with database.transaction() as session:
                for number in some:
                    open_case(session, world, number)
    by_unit: dict[int, list[str]] = {}
    for case, unit, _ in world.cases:
        by_unit.setdefault(unit, []).append(case)
    whole = min(world.count, WHOLE)
    with measured("clips filed and linked", whole):
        for some in batched_range(0, whole):
            with database.transaction() as session:
                for number in some:
                    file_one(session, world, number, by_unit)
    with measured("clips entered", world.count - whole):
        for some in batched_range(whole, world.count):
            enter(database, world, some, by_unit)
        with database.transaction() as session:
            holders.settle(session, units=[f"U{one:03d}" for one in range(UNITS)])


def index(database: Database, count: int) -> None:
    """Index all that is due."""
    with measured("clips indexed", count):
        search_index.bring_all(database, NAMES, lambda _: None, lambda: False)


def batched_range(first: int, count: int) -> Iterator[range]:
    """Numbers in parts of one transaction."""
    yield from (range(one, min(one + TRANSACTION, count)) for one in range(first, count, TRANSACTION))


def open_case(session: Any, world: World, number: int) -> None:
    """Open a case with a title of common words, and three written records."""
    unit, chance = world.unit(), world.chance
    subject = "".join(world.sign() for _ in range(3)) if chance.random() < 0.4 else world.word() + world.word()
    matter = 0 if unit >= CLOSED else 1 + int((MATTERS - 1) * chance.random() ** 2)
    no, at = f"民立字〔{2021 + number % 5}〕第{number}号", world.moment(first_year=unit >= CLOSED)
    about: dict[str, Any] = {
        "title": f"{subject}涉嫌{world.word()}{world.word()}案",
        "subject": subject,
        "matter": f"M{matter:02d}",
    }
    about |= {"unit": f"U{unit:03d}", "parties": [{"name": subject}], "place": f"{world.word()}路{number % 400}号"}
    act = cases.opening([cases.number(no)], about, at=at, actor="clerk")
    dispatch.apply(session, act)
    case = opened_by(act)
    for part in range(3):
        said = {
            "code": f"P{part}",
            "number": f"民罚字〔{2021 + number % 5}〕第{number * 3 + part}号",
            "note": world.word() * 2,
        }
        dispatch.apply(session, papers.adding(case, said, at=at + timedelta(seconds=part), actor="clerk"))
    world.subjects.append(subject)
    world.cases.append((case, unit, no))


def made_one(
    world: World, number: int, by_unit: Mapping[int, list[str]]
) -> tuple[clips.Document, datetime, Act | None]:
    """A clip as it was sealed, when its lock ends, and the act that links it to a case of its unit."""
    signed = sealed(one := world.clip(number), one.docked_at).signed
    document = clips.Document(signed.manifest.encode(), signed.signature, signed.seal.key_id)
    until = one.docked_at + timedelta(days=world.chance.choice((180, 365, 1095, 3650)))
    its = by_unit.get(int((one.unit or "U0")[1:]))
    if not its or world.chance.random() >= 0.6:
        return document, until, None
    about = {"step": f"S{world.chance.randrange(6)}", "place": f"{world.word()}街"}
    case = its[world.chance.randrange(len(its))]
    return document, until, links.linking(one.id, case, about, reason=None, at=one.docked_at, actor="clerk")


def file_one(session: Any, world: World, number: int, by_unit: Mapping[int, list[str]]) -> None:
    """File a clip, and link it to a case of its unit."""
    document, until, link = made_one(world, number, by_unit)
    clips.file(session, document, until)
    if link is not None:
        dispatch.apply(session, link)


def enter(database: Database, world: World, some: range, by_unit: Mapping[int, list[str]]) -> None:
    """Enter the rows of many clips, of their manifests and links, at once."""
    made = [made_one(world, number, by_unit) for number in some]
    acts = [link for _, _, link in made if link is not None]
    with database.transaction() as session:
        insert_rows(session, ClipRow, [clips.row_of(one.read(), until).model_dump() for one, until, _ in made])
        keys = ("sha256", "body", "signature", "key_id")
        manifests = [{"clip_id": one.read().clip, **{key: getattr(one, key) for key in keys}} for one, *_ in made]
        insert_rows(session, ManifestRow, manifests)
        insert_rows(session, LinkRow, [linked(act) for act in acts])


def linked(act: Act) -> dict[str, object]:
    """The row of a link that an act makes."""
    said = {"case_id": act.details["case"], "step": act.details["step"], "place": act.details["place"]}
    made = {"id": links.id_in(act), "clip_id": act.subject, "begins_at": act.at, "by": act.actor}
    return {**said, **made, "how": links.CONFIRMED, "proves": "[]"}
