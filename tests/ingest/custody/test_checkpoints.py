"""Who rewrites or cuts the trail with everything that hangs on it, as the database's owner can, is found by name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.acts import station_acts
from catalog.database import Database
from catalog.errors import TrailUnreadable
from catalog.rules import merkle
from catalog.rules.acts import Act
from catalog.trail import trail
from ingest.custody.checkpoints import Checkpoints, Fault, Kept, checkpoint_due, checkpoint_key
from ingest.errors import TrailRewritten
from ingest.sealing import act_key, signature_body, signature_key
from vault.backends.directory import DirectoryVault
from vault.signature import Signer, make_key

START = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
UNTIL = START + timedelta(days=400)
ORIGIN = "evidock/test"


@dataclass(frozen=True)
class Bench:
    database: Database
    vault: DirectoryVault
    signer: Signer

    @property
    def kept(self) -> Checkpoints:
        return Checkpoints(self.vault, {self.signer.key_id: self.signer.public})

    def grow(self, count: int, actor: str = "custodian") -> None:
        with self.database.transaction() as session:
            for number in range(count):
                trail.append(session, trail.Entry(START, actor, "clip.shown", f"c{number}", {"n": number}))

    def sign(self, day: int) -> Kept | None:
        return self.kept.write(self.database, self.signer, ORIGIN, START + day * DAY, UNTIL)

    def faults(self, *given: Kept) -> tuple[Fault, ...]:
        return self.kept.compare(self.database, trail.recompute(self.database), given).faults

    def as_root(self, change: Callable[[list[trail.Entry]], list[trail.Entry]]) -> None:
        """Write all of history anew: rows, nodes, chain; nothing inside the database tells afterwards."""
        entries = [
            dataclasses.replace(line.entry, details=json.loads(line.details))
            for line in trail.every_line(self.database)
        ]
        triggers = self.database.query("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", {})
        with self.database.transaction() as session:
            for row in triggers:
                session.connection().execute(text(f"DROP TRIGGER {row['name']}"))
            for table in ("trail", "trail_node"):
                session.connection().execute(text(f"DELETE FROM {table}"))
            for entry in change(entries):
                trail.append(session, entry)
            for row in triggers:
                session.connection().execute(text(row["sql"]))
        assert trail.verify(self.database).fault is None


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    (tmp_path / "keys").mkdir()
    made = Bench(database, DirectoryVault(tmp_path / "vault", immutable=False), make_key(tmp_path / "keys"))
    for day, count in enumerate((5, 4, 8)):
        made.grow(count)
        made.sign(day)
    yield made
    database.close()


SIZES = (5, 9, 17)


def key(day: int) -> str:
    return checkpoint_key(START + day * DAY, SIZES[day])


def test_an_untouched_trail_agrees_with_every_checkpoint_and_so_it_does_when_it_has_grown(bench: Bench) -> None:
    assert [one.key for one in bench.kept.every()] == [key(0), key(1), key(2)]
    bench.grow(3)
    compared = bench.kept.compare(bench.database, trail.recompute(bench.database))
    assert (compared.held, compared.earlier, compared.faults) == (3, 0, ())


@pytest.mark.parametrize("left", [16, 10, 9, 6, 5, 4, 1, 0])
def test_a_trail_cut_at_its_end_with_its_tree_is_found_out(bench: Bench, left: int) -> None:
    """Nothing inside the catalog tells of this one: only the checkpoints do."""
    bench.as_root(lambda entries: entries[:left])
    assert bench.faults() == (Fault(key(2), "cut", left + 1, 17),)


@pytest.mark.parametrize(
    ("line", "found"),
    [(1, (0, 1, 5)), (5, (0, 1, 5)), (6, (1, 6, 9)), (9, (1, 6, 9)), (10, (2, 10, 17)), (17, (2, 10, 17))],
)
@pytest.mark.parametrize("how", ["altered", "struck out", "put in"])
def test_a_rewritten_history_is_found_out_by_the_lines_it_lies_in(
    bench: Bench, line: int, found: tuple[int, int, int], how: str
) -> None:
    def change(entries: list[trail.Entry]) -> list[trail.Entry]:
        other = dataclasses.replace(entries[line - 1], actor="nobody")
        into = {"altered": [other], "struck out": [], "put in": [other, entries[line - 1]]}[how]
        return [*entries[: line - 1], *into, *entries[line:], *entries[:2]]

    bench.as_root(change)
    day, first, last = found
    assert bench.faults() == (Fault(key(day), "rewritten", first, last),)


def test_a_trail_cut_and_grown_again_is_found_out(bench: Bench) -> None:
    bench.as_root(lambda entries: entries[:11])
    bench.grow(20, actor="somebody else")
    assert bench.faults() == (Fault(key(2), "rewritten", 10, 17),)


def test_nothing_is_signed_over_a_trail_that_is_no_continuation(bench: Bench) -> None:
    bench.as_root(lambda entries: entries[:11])
    for _ in range(2):
        with pytest.raises(TrailRewritten):
            bench.sign(3)
        bench.grow(20)
    assert len(list(bench.kept.every())) == 3


def test_a_trail_that_has_not_grown_gets_no_second_checkpoint(bench: Bench) -> None:
    again = bench.sign(3)
    assert again is not None
    assert again.key == key(2)


def test_a_copy_somebody_kept_finds_out_who_also_cleared_the_vault(bench: Bench) -> None:
    kept = next(iter(bench.kept.every()))
    copy = dataclasses.replace(kept, key="/notice/board.txt", at=None)
    assert bench.faults(copy) == ()
    bench.as_root(lambda entries: [dataclasses.replace(one, actor="nobody") for one in entries])
    for path in (bench.vault.root / "objects/checkpoints").iterdir():
        path.unlink()
    assert bench.faults() == ()
    assert bench.faults(copy) == (Fault("/notice/board.txt", "rewritten", 1, 5),)


def test_a_checkpoint_by_a_foreign_key_or_of_no_form_is_named(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    foreign = make_key(tmp_path / "foreign")
    empty = DirectoryVault(tmp_path / "other", immutable=False)
    Checkpoints(empty, {}).write(bench.database, foreign, ORIGIN, START, UNTIL)
    (other,) = Checkpoints(empty, {}).every()
    bench.vault.put_document(checkpoint_key(START + 3 * DAY, 17), other.body, UNTIL)
    bench.vault.put_document(checkpoint_key(START + 4 * DAY, 18), b"nothing", UNTIL)
    assert {(one.key, one.what) for one in bench.faults()} == {
        (checkpoint_key(START + 3 * DAY, 17), "untrusted"),
        (checkpoint_key(START + 4 * DAY, 18), "unreadable"),
    }


def rebuilt(bench: Bench, signer: Signer, day: int, *, in_vault: bool = True, lines: int = 3) -> Act:
    """The trail begun anew by somebody with that key, said of so many of its lines."""
    root = trail.recompute(bench.database).root(lines)
    act = station_acts.rebuilt(None, lines, root, at=START + day * DAY, actor="custodian")
    body = act.body()
    sha256 = hashlib.sha256(body).hexdigest()
    if in_vault:
        document = signature_body(sha256, signer.sign(body), signer.key_id)
        bench.vault.put_document(signature_key(sha256), document, UNTIL)
        bench.vault.put_document(act_key(act.at, sha256), body, UNTIL)
    entry = trail.Entry(act.at, act.actor, act.action, act.subject, act.details)
    bench.as_root(lambda entries: [*entries[:3], entry])
    return act


def test_a_rebuild_signed_by_the_station_begins_a_trail_anew(bench: Bench) -> None:
    copy = dataclasses.replace(next(iter(bench.kept.every())), key="copy", at=None)
    rebuilt(bench, bench.signer, 5)
    compared = bench.kept.compare(bench.database, trail.recompute(bench.database), [copy])
    assert (compared.held, compared.earlier, compared.faults) == (0, 3, (Fault("copy", "earlier"),))
    kept = bench.sign(6)
    assert kept is not None
    assert bench.faults() == ()
    bench.as_root(lambda entries: [dataclasses.replace(entries[0], actor="x"), *entries[1:]])
    assert Fault(kept.key, "rewritten", 1, 4) in bench.faults(), "and the earlier ones count again: it is no such trail"


@pytest.mark.parametrize("how", ["foreign key", "not in the vault", "before the checkpoints"])
def test_a_rebuild_nobody_signed_excuses_nothing(bench: Bench, tmp_path: Path, how: str) -> None:
    (tmp_path / "foreign").mkdir()
    signer = make_key(tmp_path / "foreign") if how == "foreign key" else bench.signer
    rebuilt(bench, signer, -1 if how == "before the checkpoints" else 5, in_vault=how != "not in the vault")
    assert [one.what for one in bench.faults()] == ["cut"]
    with pytest.raises(TrailRewritten):
        bench.sign(6)


def test_a_rebuild_of_another_trail_excuses_nothing(bench: Bench) -> None:
    """Somebody rebuilt into another catalog: that act is signed and in the vault, and its words can be copied."""
    rebuilt(bench, bench.signer, 5, lines=2)
    assert [one.what for one in bench.faults()] == ["cut"]
    with pytest.raises(TrailRewritten):
        bench.sign(6)


def test_a_checkpoint_is_due_when_the_trail_has_grown_and_the_time_has_come(bench: Bench) -> None:
    newest = bench.kept.newest()
    assert newest is not None
    assert newest.at == START + 2 * DAY
    assert not checkpoint_due(newest, 17, START + 9 * DAY, DAY)
    assert not checkpoint_due(newest, 18, START + 2.5 * DAY, DAY)
    assert checkpoint_due(newest, 18, START + 3 * DAY, DAY)
    assert checkpoint_due(None, 1, START, DAY)
    assert not checkpoint_due(None, 0, START, DAY)


def test_an_old_checkpoint_under_the_name_of_a_day_to_come_stops_no_new_one(bench: Bench) -> None:
    """Who may write into the vault, and signs nothing, can put a copy there."""
    bench.grow(2)
    old = next(iter(bench.kept.every()))
    now, size = START + 3 * DAY, trail.size(bench.database)
    bench.vault.put_document(checkpoint_key(START + 9999 * DAY, size), old.body, UNTIL)
    assert checkpoint_due(bench.kept.newest(), size, now, DAY)
    made = bench.sign(3)
    assert made is not None
    assert made.key == checkpoint_key(now, size)
    assert bench.faults() == ()


def test_the_stored_tree_gives_the_root_that_is_computed(bench: Bench) -> None:
    head, found = trail.head(bench.database), trail.recompute(bench.database)
    assert head.root() == found.root(17)
    assert [merkle.root(size, head.node) for size in range(18)] == [found.root(size) for size in range(18)]


def test_a_clock_that_was_ahead_for_once_puts_off_no_checkpoint(bench: Bench) -> None:
    bench.grow(1)
    ahead = bench.sign(2000)
    bench.grow(1)
    newest = bench.kept.newest_of_this_trail(bench.database)
    assert newest == ahead
    assert checkpoint_due(newest, 19, START + 4 * DAY, DAY)
    assert bench.sign(4) == bench.kept.newest_of_this_trail(bench.database) != ahead
    assert bench.sign(5) == bench.sign(4), "nothing was added"
    assert bench.faults() == ()
    bench.as_root(lambda entries: entries[:18])
    with pytest.raises(TrailRewritten):
        bench.sign(6)


@pytest.mark.parametrize(
    ("change", "line", "what", "held"),
    [
        ("at = 'long ago'", 4, "altered", 0),
        ("at = 17", 17, "altered", 2),
        ("actor = x'ff00'", 7, "altered", 1),
        ("details = 'no JSON', subject = 'trail', action = 'trail.rebuilt'", 4, "altered", 0),
        ("leaf_hash = 'zz'", 12, "altered", 2),
        ("chain_hash = 'zz'", 17, "chain", 2),
    ],
)
def test_what_can_be_no_line_is_named_like_any_other_change(
    bench: Bench, change: str, line: int, what: str, held: int
) -> None:
    """SQLite keeps anything anywhere; a checkpoint that reaches behind the broken line agrees with nothing."""
    with bench.database.transaction() as session:
        for verb in ("update", "delete"):
            session.connection().execute(text(f"DROP TRIGGER trail_no_{verb}"))
        session.connection().execute(text(f"UPDATE trail SET {change} WHERE line = {line}"))
    found = trail.recompute(bench.database)
    assert (found.verdict.fault, found.verdict.fault_line, found.verdict.lines) == (what, line, line - 1)
    compared = bench.kept.compare(bench.database, found)
    assert (compared.held, compared.faults) == (held, ())
    for ask in (lambda: [one.as_json() for one in trail.lines(bench.database)], lambda: bench.grow(1)):
        with suppress(TrailUnreadable):  # and never anything nobody can act on
            ask()


def test_a_checkpoint_written_while_another_looks_is_no_rewritten_trail(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for the station's state reads while the dock writes."""
    real = Checkpoints.newest_of_this_trail

    def newest(kept: Checkpoints, database: Database) -> Kept | None:
        monkeypatch.undo()
        bench.grow(3)
        bench.sign(3)
        return real(kept, database)

    monkeypatch.setattr(Checkpoints, "newest_of_this_trail", newest)
    found, head = bench.kept.demand_continued(bench.database)
    assert found is not None
    assert (found.key, head.size) == (checkpoint_key(START + 3 * DAY, 20), 20)
