"""How long one decision of the rule of rights takes, and a page of a list for each of a bureau's five people.

.venv/bin/python bench/rights.py --clips 20000

People are entered by acts, clips filed as an ingest files them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.harness import own_folder
from catalog.acts import dispatch
from catalog.clips import clips, search
from catalog.database import Database
from catalog.people import standing
from catalog.rules.access import decide
from catalog.rules.acts import Act
from catalog.rules.rights import Action, ClipFacts, Switches
from catalog.rules.visible import visible
from tests.fakes import people
from tests.fakes.clips import clip, sealed

DECISION_US = 50
AT = datetime(2026, 3, 5, tzinfo=UTC)
BATCH, ROUNDS = 500, 5


def main() -> None:
    """Enter five people, file clips, decide about each, and turn to pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20_000, help="how many (20000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        base = Database(f"sqlite:///{folder}/catalog.db", lasting=False)
        base.migrate()
        _enter(base)
        _file(base, chosen.clips)
        numbers = [str(row["id"]) for row in base.query("SELECT id FROM clip", {})]
        facts = list(standing.facts(base, numbers).values())
        for no, role, _ in people.SEATS:
            _of(base, no, role, facts)
        base.close()


def _enter(base: Database) -> None:
    done = list[Act]()

    def carry_out(act: Act) -> None:
        done.append(Act(AT + timedelta(seconds=len(done)), act.actor, act.action, act.subject, act.details))
        with base.transaction() as session:
            dispatch.apply(session, done[-1])

    people.enter(base, carry_out, AT)


def _file(base: Database, count: int) -> None:
    for first in range(0, count, BATCH):
        with base.transaction() as session:
            for number in range(first, min(first + BATCH, count)):
                made = clip(number, officer=f"010{number % 3}", unit=None)
                document = sealed(made).signed.manifest.encode()
                clips.file(session, clips.Document(document, "", ""), AT)


def _of(base: Database, no: str, role: str, facts: list[ClipFacts]) -> None:
    person, switches = standing.person(base, no, AT + timedelta(days=1)), Switches()
    decisions = _seconds(lambda: [decide(person, one, Action.STREAM, switches) for one in facts])
    shown = visible(person, Action.ROW, switches)
    page = _seconds(lambda: search.search(base, search.Search(), shown))
    found = len(search.search(base, search.Search(limit=search.LIMIT_MAX), shown))
    each_us = decisions / len(facts) * 1e6
    print(
        f"{role:10} {each_us:6.1f} µs a decision (wanted: under {DECISION_US}), page {page * 1e3:6.1f} ms, sees {found}"
    )


def _seconds(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    took = list[float]()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


if __name__ == "__main__":
    main()
