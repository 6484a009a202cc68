"""How long searches take over a full catalog, as six kinds of person; whether any hit is wrong; what filing costs.

.venv/bin/python -m bench.search --clips 1000000                 # SQLite, in a folder that is thrown away
.venv/bin/python -m bench.search --clips 1000000 --url postgresql+psycopg://…   # an empty database
.venv/bin/python -m bench.search --keep DIR …                    # keep the catalog; the next run with it only asks

Everything depends on --clips and --seed (`bench/bureau.py`). A vocabulary of 200,000 words by Zipf; no word means
anything. `wall` is what a person waits, `net` that less what this process stood in the run queue (of PostgreSQL the
server's own wait is in it). `deep`: page 1,000, or the last there is. `wrong`: hits that a LIKE over the rows does not
have, or misses of those it has, over phrases that at most 10,000 clips have.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from bench.bureau import BEGIN, CLOSED, DAYS, MATTERS, NAMES, OFFICERS, RECORDERS, UNITS, World, file_one, fill, index
from bench.harness import own_folder
from catalog.clips import finding, search_index
from catalog.clips.finding import Within
from catalog.clips.search import Search
from catalog.database import Database
from catalog.people import units
from catalog.rules.places import Area
from catalog.rules.visible import Visible
from tests.fakes.clips import clip

FILED, DEEP = 500, 50_000
ALL = frozenset({"none", "privacy", "business", "work"})
# ---------------------------------------------------------------------- what is asked


class Draw:
    """What searches are drawn from."""

    def __init__(self, world: World) -> None:
        self.world, self.chance = world, world.chance

    def case(self) -> tuple[str, int, str]:
        """Some case."""
        return self.chance.choice(self.world.cases)

    def subject(self) -> str:
        """Whom some case is about."""
        return self.chance.choice(self.world.subjects)

    def common(self) -> str:
        """One of the commonest words."""
        return self.world.words[self.chance.randrange(200)]

    def month(self) -> dict[str, Any]:
        """Thirty days."""
        since = BEGIN + timedelta(days=self.chance.randrange(DAYS - 30))
        return {"since": since, "until": since + timedelta(days=30)}

    def point(self) -> tuple[float, float]:
        """Somewhere near a unit."""
        lat, lon = self.world.centres[self.world.unit()]
        return lat + self.chance.gauss(0, 0.008), lon + self.chance.gauss(0, 0.008)

    def box(self, metres: float) -> Area:
        """A square of that side."""
        (lat, lon), high, wide = self.point(), metres / 2 / 111_319, metres / 2 / 95_800
        return Area(((lat - high, lon - wide), (lat + high, lon + wide)))

    def line(self) -> Area:
        """Along a walk of five points."""
        found = [self.point()]
        for _ in range(4):
            lat, lon = found[-1]
            found.append((lat + self.chance.uniform(-0.006, 0.006), lon + self.chance.uniform(-0.006, 0.006)))
        return Area(tuple(found), 50.0)

    def unit(self, least: int = 0, most: int = UNITS) -> str:
        """Some unit; the first are larger."""
        return f"U{self.chance.randrange(least, most):03d}"

    def officer(self) -> str:
        """Some officer's number."""
        return f"JX{self.chance.randrange(OFFICERS):04d}"

    def recorder(self) -> str:
        """Some recorder's number."""
        return f"TA{self.chance.randrange(RECORDERS):05d}"


def flag(name: str) -> frozenset[str]:
    """One flag."""
    return frozenset({name})


def searches(world: World) -> dict[str, Callable[[], Search]]:
    """Every search of the table; each call draws one."""
    draw = Draw(world)
    old = f"U{CLOSED:03d}"
    wide: dict[str, Any] = {"since": BEGIN + timedelta(30), "until": BEGIN + timedelta(1800)}
    day: dict[str, Any] = {"until": BEGIN + timedelta(days=900, hours=24), "since": BEGIN + timedelta(days=900)}
    return {
        "newest": Search,
        "newest, one day": lambda: Search(**day),
        "officer": lambda: Search(officer=draw.officer()),
        "officer, one month": lambda: Search(officer=draw.officer(), **draw.month()),
        "unit": lambda: Search(unit=draw.unit()),
        "district": lambda: Search(unit=f"D{world.chance.randrange(12)}"),
        "recorder": lambda: Search(recorder=draw.recorder()),
        "case": lambda: Search(case=draw.case()[2]),
        "matter": lambda: Search(matter=f"M{world.chance.randrange(1, MATTERS):02d}"),
        "matter + step": lambda: Search(matter=f"M{world.chance.randrange(1, MATTERS):02d}", step="S3"),
        "party": lambda: Search(party=draw.subject()),
        "text: a subject's name (rare)": lambda: Search(text=(draw.subject(),)),
        "text: a common word": lambda: Search(text=(draw.common(),)),
        "text: 涉嫌 (60%)": lambda: Search(text=("涉嫌",)),
        "text: two signs": lambda: Search(text=(world.word()[:2],)),
        "text: document number": lambda: Search(text=(draw.case()[2],)),
        "text rare, wide time": lambda: Search(text=(draw.subject(),), **wide),
        "text 涉嫌 + small unit": lambda: Search(text=("涉嫌",), unit=draw.unit(100, CLOSED)),
        "text + month + unit": lambda: Search(text=(draw.common(),), unit=draw.unit(), **draw.month()),
        "text + officer": lambda: Search(text=(draw.common(),), officer=draw.officer()),
        "old only: closed unit + 涉嫌": lambda: Search(text=("涉嫌",), unit=old),
        "old only: matter of year 1": lambda: Search(matter="M00"),
        "old only: matter of year 1 + audio": lambda: Search(matter="M00", kind="audio"),
        "officer + recorder never met": lambda: Search(officer=draw.officer(), recorder=draw.recorder()),
        "two words never together": lambda: Search(text=(draw.common(), draw.common(), draw.common())),
        "place: box 300 m": lambda: Search(area=draw.box(300)),
        "place: box 2 km": lambda: Search(area=draw.box(2000)),
        "place: circle 500 m": lambda: Search(area=Area((draw.point(),), 500.0)),
        "place: along a track": lambda: Search(area=draw.line()),
        "place: nobody was there": lambda: Search(area=Area(((31.9, 105.9),), 500.0)),
        "box 300 m + month + unit": lambda: Search(area=draw.box(300), unit=draw.unit(), **draw.month()),
        "box 2 km + text": lambda: Search(area=draw.box(2000), text=(draw.common(),)),
        "marked": lambda: Search(flags=flag("marked")),
        "marked + unit": lambda: Search(flags=flag("marked"), unit=draw.unit()),
        "retention due": lambda: Search(due=BEGIN + timedelta(days=world.chance.randrange(200, 1500))),
        "unlinked": lambda: Search(flags=flag("unlinked")),
        "unlinked + unit": lambda: Search(flags=flag("unlinked"), unit=draw.unit()),
        "overdue + district": lambda: Search(flags=flag("overdue"), unit=f"D{world.chance.randrange(12)}"),
        "unplayable": lambda: Search(flags=flag("unplayable")),
        "unplayable + small unit": lambda: Search(flags=flag("unplayable"), unit=draw.unit(100, CLOSED)),
    }


def people(world: World) -> dict[str, Within]:
    """Six kinds of person; an officer is named on two hundred cases."""
    nobody = Visible("0101", frozenset(), (), (), (), frozenset(), frozenset(), with_disposed=True)
    named = frozenset(case for case, *_ in world.cases[:200])
    district = frozenset({"D3", *(f"U{one:03d}" for one in range(UNITS) if one % 12 == 3)})
    every = frozenset({units.ROOT, *(f"U{one:03d}" for one in range(UNITS)), *(f"D{one}" for one in range(12))})
    few = frozenset(clip(number).id for number in range(1, 200))
    return {
        "no people": Within(),
        "officer": Within((replace(nobody, own=ALL, cases=((ALL, named),)),)),
        "head": Within((replace(nobody, units=((ALL, district),)),)),
        "custodian": Within((replace(nobody, units=((ALL, every),)),)),
        "granted": Within((replace(nobody, clips=((ALL, few),)),)),
        "nobody": Within((nobody,)),
    }


class Timed:
    """How long something took in ms: on the wall, and net of what this process waited for a processor."""

    def __enter__(self) -> Self:
        self.began, self.queued = time.perf_counter(), queued_ms()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = (time.perf_counter() - self.began) * 1000
        self.net = self.wall - (queued_ms() - self.queued)


def queued_ms() -> float:
    """How long this process stood in the run queue so far."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e6


def ask(database: Database, wanted: Search, within: Within) -> Timed:
    """How long a page takes."""
    with Timed() as taken:
        finding.page(database, wanted, within, NAMES)
    return taken


def deep(database: Database, wanted: Search, within: Within) -> float | None:
    """How long page 1,000 takes, or the last there is, of 50; None where there is one page."""
    hits, values = finding.proposals(database, wanted, within)
    (end,) = database.query(f"SELECT MIN(pos) AS pos, COUNT(*) AS n FROM ({hits}) AS hit", values | {"want": DEEP})
    return ask(database, replace(wanted, after=f"{end['pos'] + 1:x}"), within).net if end["n"] > wanted.limit else None


LIKE = """SELECT id FROM clip WHERE path LIKE :like OR id IN (SELECT clip_id FROM link WHERE ended_at IS NULL
 AND (place LIKE :like OR case_id IN (SELECT id FROM law_case WHERE title LIKE :like OR subject LIKE :like
 OR place LIKE :like UNION SELECT case_id FROM case_number WHERE number LIKE :like
 UNION SELECT case_id FROM paper WHERE number LIKE :like OR note LIKE :like)))"""


def wrong(database: Database, world: World, rounds: int) -> tuple[int, int]:
    """Phrases compared with a LIKE over the rows, half of them joined of two names; how many clips differ."""
    compared = differ = 0
    for number in range(rounds):
        one, other = (world.subjects[world.chance.randrange(len(world.subjects))] for _ in range(2))
        phrase = one[-2:] + other[:2] if number % 2 else one
        page = finding.page(database, Search(text=(phrase,), limit=10_000), Within(), NAMES)
        has = {row["id"] for row in database.query(LIKE, {"like": f"%{phrase}%"})}
        if page.after is None:
            compared, differ = compared + 1, differ + len(has ^ {found.id for found in page.clips})
    return compared, differ


def p95(values: list[float]) -> float:
    """The value 95 of 100 are not above."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def table(database: Database, world: World, rounds: int) -> None:
    """Print the table: for each search over all kinds of person the first page, a deep page, counts."""
    kinds = people(world)
    print(
        f"{'search, ms net':36} {'p50':>7} {'p95':>7} {'wall p95':>9} {'deep':>7} {'counts p95':>11} {'worst for':>10}"
    )
    for name, draw in searches(world).items():
        taken, counts, worst = list[Timed](), list[float](), ("", 0.0)
        for number in range(rounds):
            for who, within in kinds.items():
                wanted = replace(draw(), limit=50)
                taken.append(one := ask(database, wanted, within))
                worst = max(worst, (who, one.net), key=lambda pair: pair[1])
                if number < 3:
                    with Timed() as counted:
                        finding.counts(database, wanted, within, NAMES)
                    counts.append(counted.net)
        found = deep(database, replace(draw(), limit=50), kinds["no people"])
        far = "–" if found is None else f"{found:.1f}"
        nets, walls = [one.net for one in taken], [one.wall for one in taken]
        print(
            f"{name:36} {statistics.median(nets):7.1f} {p95(nets):7.1f} {p95(walls):9.1f} {far:>7} {p95(counts):11.1f} "
            f"{worst[0]:>10}",
            flush=True,
        )


def filing(database: Database, world: World) -> None:
    """File some more, one in a transaction and sixteen, and index them; print the rates and the worst stall."""
    by_unit: dict[int, list[str]] = {}
    for case, unit, _ in world.cases:
        by_unit.setdefault(unit, []).append(case)
    first = world.count + 1_000_000
    for size in (1, 16):
        taken = list[Timed]()
        for some in (range(one, min(one + size, first + FILED)) for one in range(first, first + FILED, size)):
            with Timed() as filed, database.transaction() as session:
                for number in some:
                    file_one(session, world, number, by_unit)
            taken.append(filed)
        first += FILED
        walls, nets = [one.wall for one in taken], [one.net for one in taken]
        rate, net = (FILED / sum(times) * 1000 for times in (walls, nets))
        stall = f"worst {max(walls):.0f} ms, net {max(nets):.0f}"
        print(f"filed whole, {size} a transaction: {rate:.0f}/s, net {net:.0f}/s; {stall}")
    taken = []
    while search_index.due(database):
        with Timed() as indexed:
            search_index.bring(database, NAMES)
        taken.append(indexed)
    nets = [one.net for one in taken]
    print(
        f"indexed in {len(taken)} transactions: net median {statistics.median(nets):.0f} ms, worst {max(nets):.0f} ms"
    )


def main() -> None:
    """Fill a catalog, or take one that was kept, and ask it everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=1_000_000, help="how many (1000000)")
    parser.add_argument("--url", help="an empty PostgreSQL database; else an SQLite file")
    parser.add_argument("--keep", type=Path, help="a folder to keep the SQLite file in, or that has it")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--rounds", type=int, default=5, help="how often each search is drawn for each person (5)")
    parser.add_argument("--seed", type=int, default=1, help="another world (1)")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        place = (chosen.keep or folder) / "catalog.db"
        database = Database(chosen.url or f"sqlite:///{place.absolute()}")
        is_new, world = not database.exists(), World(chosen.clips, chosen.seed)
        if is_new:
            database.migrate()
            fill(database, world)
            index(database, chosen.clips)
        else:
            rows = database.query("SELECT id, no, unit, subject FROM law_case ORDER BY no", {})
            world.cases = [(row["id"], int(row["unit"][1:]), row["no"]) for row in rows]
            world.subjects = [row["subject"] for row in rows]
        if place.exists():
            print(f"{place.stat().st_size / chosen.clips:.0f} bytes a clip, manifests and trail with it")
        table(database, world, chosen.rounds)
        print("phrases compared with LIKE: {}, clips wrong: {}".format(*wrong(database, world, 40)))
        filing(database, world)
        database.close()


if __name__ == "__main__":
    main()
