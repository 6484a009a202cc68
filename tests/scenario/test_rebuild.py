"""A catalog rebuilt from the vault alone equals the first, row by row; what cannot be trusted is left out by name."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.cases import cases, decisions, links, notes, papers, reading
from catalog.clips import classes
from catalog.database import Database
from catalog.keeping import disposals, holds
from catalog.recorders import dockings
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from docking_station.station.station import Station
from ingest.custody.rebuild import Rebuilder
from tests.catalog.schema import faults
from tests.fakes import people
from tests.fakes.asked import every_step
from tests.fakes.callers import ME
from tests.fakes.disclosed import every_change, excepted
from tests.fakes.dockings import docking
from tests.fakes.released import released
from tests.fakes.reviewed import REVIEW, as_it_stands, every_round
from tests.house.tree import ROOT
from tests.scenario.comparing import TABLES, Told, catalog
from tests.scenario.dock import Dock
from tests.scenario.keeping import scanned, somebody
from tests.scenario.test_keeping import Unreadable
from tests.scenario.truth import make_small_card
from vault.errors import VaultUnreachable
from vault.signature import make_key

PROPOSED, STATED = "2026-0305-1", "2026-0305-2"
POLICIES = ("# 管理制度\n[clearing]\nwhen = 'after-receipt'\n", f"[dock]\ncopies = 2\n{REVIEW}")
FORGED = "a_forged_recorder"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station with two cards, two cases, links that came and went, and looks."""
    place = tmp_path_factory.mktemp("rebuild")
    for recorder in ("EV00001", "EV00002"):
        make_small_card(place / recorder, recorder)
    dock = new_dock(place / "home")
    enforcement = ("--since", "2026-03-05T09:00", "--until", "2026-03-05T09:40")
    dock.run("cases", "add", PROPOSED, "--title", "占道经营", "--party", "某店", "--officer", "JY0001", *enforcement)
    first = dock.ingest(place / "EV00001", "--unit", "U1").filed
    second = dock.ingest(place / "EV00002", "--case", STATED).filed
    dock.run("cases", "add", STATED, "--title", "named at the ingest, entered later")
    one, two, *_ = (clip["id"] for clip in first.values())
    dock.run("clips", "link", one, "--case", PROPOSED, "--reason", "confirmed")
    dock.run("clips", "link", one, "--case", STATED)
    dock.run("clips", "link", two, "--case", PROPOSED)
    dock.run("clips", "unlink", two, "--reason", "another shop")
    with dock.opened() as station:
        with_cases(station, one, two)
    dock.run("clips", "unlink", next(iter(second.values()))["id"], "--reason", "not of this case")
    for number, text in enumerate(POLICIES):
        (place / f"policy{number}.toml").write_text(text)
        dock.run("policy", "adopt", place / f"policy{number}.toml", "--yes")
    in_register(dock)
    in_lists(dock, place)
    three, four = [each["id"] for each in dock.every_clip() if each["id"] not in (one, two)][:2]
    dock.run("clips", "link", four, "--case", PROPOSED)
    with dock.opened() as station:
        one_of_two, other = somebody("somebody"), somebody("another")
        station.act_writer.carry_out(disposals.asking(two, reason="over", at=station.now(), by=one_of_two))
        station.act_writer.carry_out(holds.setting(two, reason="a complaint", at=station.now(), by=one_of_two))
        station.act_writer.carry_out(holds.asking_end(two, reason="settled", at=station.now(), by=one_of_two))
        station.act_writer.carry_out(holds.ending(two, at=station.now(), by=other))
        for act in every_step(two, station.now(), one_of_two, other):
            station.act_writer.carry_out(act)
        for act in released(station, four, one_of_two, other):
            station.act_writer.carry_out(act)
        station.act_writer.carry_out(
            classes.classifying(three, "state", reason="x", at=station.now(), actor="somebody")
        )
        handed = partial(classes.handing_over, three, receipt="7", medium="disc", to="x", two=(one_of_two, other))
        station.act_writer.carry_out(handed(at=station.now()))
        reviewed(station, one)
    dock.show(one)
    dock.run("clips", "verify", two)
    with dock.opened() as station:
        people.everything(station.database, station.act_writer.carry_out, station.now(), keeper=ME.person)
        people.in_a_case(station.database, station.act_writer.carry_out, station.now)
    return dock


def with_cases(station: Station, one: str, two: str) -> None:
    """Cases that were opened, corrected, closed and merged, with written records; clips of several classes."""
    made: dict[str, Any] = {"actor": "somebody"}

    def done(act: Callable[..., Act], *args: Any, **said: Any) -> str:
        return opened_by(station.act_writer.carry_out(act(*args, **said, at=station.now(), **made)))

    case = done(cases.opening, [cases.number("示民罚立字〔2026〕第1号")], {"title": "罚", "officers": ["JY0001"]})
    unnumbered = done(cases.opening, [], {"title": "an inspection", "opened": "2026-03-05"})
    done(cases.changing, unnumbered, {}, numbers=[cases.number("A7")], reason="its number came")
    twice = done(cases.opening, [cases.number("A8")], {"title": "entered twice"})
    done(links.linking, one, twice, {"step": "s", "from_ms": 0, "class": "privacy"}, reason=None)
    done(links.linking, one, unnumbered, {}, reason="x")
    paper = done(papers.adding, twice, {"code": "site-record", "served": {"how": "x"}})
    station.act_writer.carry_out(scanned(station, paper, twice))
    done(notes.noting, twice, "flat battery", paper=paper, verdict=None)
    first, second = somebody("first"), somebody("second")
    for act in (
        *every_change(twice, station.now, (first, second)),
        excepted(unnumbered, station.now, (first, second)),
    ):
        station.act_writer.carry_out(act)
    done(cases.merging, twice, case, reason="the same")
    done(papers.changing, paper, {"day": "2026-03-05"}, reason=None)
    done(cases.closing, unnumbered, "2026-03-06", reason=None)
    done(classes.classifying, two, "work", reason="x")
    station.act_writer.carry_out(classes.asking(one, "privacy", reason="y", at=station.now(), by=first))
    (asked,) = classes.of_clip(station.database, one)
    station.act_writer.carry_out(classes.declassifying(one, asked, at=station.now(), by=second))


def reviewed(station: Station, clip: str) -> None:
    """A case with rounds of legal review, decided in the end."""
    case = next(link.case_id for link in reading.of_clip(station.database, clip) if link.ended_at is None)
    paper = papers.adding(case, {"code": "penalty-notice"}, at=station.now(), actor="somebody")
    number = opened_by(station.act_writer.carry_out(paper))
    who = somebody("one"), somebody("two")
    sent = partial(as_it_stands, station.database, case, station.now())
    for act in every_round(case, clip, number, station.now, *who, sent):
        station.act_writer.carry_out(act)
    decided = partial(decisions.deciding, case, "2026-03-20", review=None, approved_by=None, reason=None)
    station.act_writer.carry_out(decided(at=station.now(), actor="somebody"))


def in_register(dock: Dock) -> None:
    """Recorders that came, were handed out, given back, lent, retired and docked; some of it entered late."""
    for words in (
        ("add", "EV00001", "--unit", "U1", "--note", "new"),
        ("add", "EV00002", "--label", "CAM 2"),
        ("add", "EV00003"),
        ("change", "EV00002", "--label", "CAM 9", "--unit", "U2"),
        ("issue", "EV00001", "--officer", "JY0002", "--at", "2026-03-06T08:00"),
        ("issue", "EV00001", "--officer", "JY0001", "--at", "2026-03-05T08:00"),
        ("return", "EV00001", "--at", "2026-03-05T18:00"),
        ("lend", "EV00001", "--officer", "JY0003", "--until", "2099-01-01"),
        ("return", "EV00001"),
        ("issue", "EV00003", "--officer", "JY0004"),
        ("retire", "EV00003", "--reason", "lost"),
        ("add", "EV00003", "--usb-serial", "S3"),
    ):
        dock.run("recorders", *words)
    with dock.opened() as station:
        for cleared in (0, 7):
            record = docking("d1", "EV00001", station.now(), cleared=cleared)
            station.act_writer.carry_out(dockings.docked(record, at=station.now(), actor="dock"))


def in_lists(dock: Dock, place: Path) -> None:
    """Lists of other systems, with a row that the register refuses, and one that says otherwise later."""
    people, recorders, book, roster = (place / f"{name}.csv" for name in ("people", "recorders", "book", "roster"))
    people.write_text("人员编号,姓名\nN1,王某\nN2,李某\n")
    beside = ("--beside", f"people={people}", "--apply")
    recorders.write_text("设备编号,产品编号,备注\nMZ-R01,TA00001,新\nMZ-R02,TA00002,\n")
    dock.run("import", "recorders", recorders, *beside)
    head = "日期,设备编号,领用人,领用时间,归还时间\n"
    book.write_text(f"{head}2026-03-05,MZ-R01,王某,08:30,17:00\n2026-03-05,MZ-R01,李某,09:00,10:00\n")
    said = dock.run("import", "holdings", book, *beside, "--json").document
    assert [row["verdict"] for row in said["rows"][1:]] == ["new", "refused"]
    book.write_text(f"{head}2026-03-05,MZ-R01,李某,08:30,17:30\n")
    assert dock.run("import", "holdings", book, *beside, "--json").document["counts"]["changed"] == 1
    roster.write_text("日期,带班领导,执勤人员,备注\n2026-03-05,王某,李某,调休上班\n")
    dock.run("import", "roster", roster, *beside)


@pytest.fixture
def copied(lived: Dock, tmp_path: Path) -> Dock:
    """The same station, to be harmed."""
    shutil.copytree(lived.home, tmp_path / "home")
    return Dock(tmp_path / "home")


def rebuilt(dock: Dock, into: Path, status: int = 0) -> dict[str, str]:
    """Rebuild the catalog; what was left out, by its key."""
    said = dock.run("rebuild", "--into", f"sqlite:///{into}", "--json", status=status).document
    assert set(said) == {"clips", "acts", "faults"}
    return {fault["key"]: fault["what"] for fault in said["faults"]}


def told(path: Path) -> Told:
    """Every row; of the trail what was changed, when and by whom, for the lines are counted anew without the looks."""
    every = {table: set[str]() for table in TABLES}
    found = catalog(path, every | {"trail": {"line", "leaf_hash", "chain_hash"}})
    found["trail"] = [line for line in found["trail"] if not json.loads(line)["is_look"]]
    for name in ("trail_node", "reading", "refusal", "refused_look"):  # of the vault as it was looked at, or of looks
        del found[name]
    return found


def test_every_act_in_the_vault_is_of_the_published_schema(lived: Dock) -> None:
    schema = json.loads((ROOT / "docs/schema/evidock.act-1.json").read_text())
    acts = [json.loads(path.read_bytes()) for path in lived.objects("acts")]
    assert len({act["action"] for act in acts}) > 8
    assert [fault for act in acts for fault in faults(act, schema)] == []


def test_every_row_of_every_table_is_there_again(lived: Dock, tmp_path: Path) -> None:
    assert rebuilt(lived, tmp_path / "again.db") == {}
    first, again = told(lived.home / "catalog.db"), told(tmp_path / "again.db")
    assert {table: len(rows) for table, rows in first.items() if not rows} == {}, "an empty table compares nothing"
    for table, rows in first.items():
        assert again[table] == rows, table
    actions = {json.loads(line)["action"] for line in first["trail"]}
    classed = ("classified", "declassify-asked", "declassified", "handed-over")
    of_people = ("named", "recused", "part-ended")
    wanted = {
        "case": ("added", "changed", "closed", "decided", "decision-ended", "merged", "noted", *of_people),
        "clip": ("filed", "link-added", "link-ended", "disposal-asked", *classed),
        "disclosure": ("published", "excepted", "corrected", "withdrawn"),
        "copy": ("made", "handed", "returned"),
        "emergency": ("opened", "upheld", "faulted"),
        "hold": ("set", "end-asked", "ended"),
        "import": ("applied",),
        "paper": ("added", "changed", "scanned"),
        "policy": ("adopted",),
        "release": (
            *("asked", "drafted", "sent-back", "checked", "approved", "published"),
            *("corrected", "withdrawn", "dropped"),
        ),
        "request": ("asked", "filled", "withdrawn", "refused", "granted", "revoked"),
        "review": ("sent", "again", "returned", "extended", "judged", "given", "answered"),
        "recorder": ("added", "changed", "issued", "lent", "returned", "retired", "docked"),
    }
    assert actions == {f"{noun}.{what}" for noun, every in wanted.items() for what in every} | {
        act.action for act in people.examples()
    }


def test_the_rebuilt_catalog_works_and_is_proven(copied: Dock, tmp_path: Path) -> None:
    before = copied.clips_of(PROPOSED), copied.clips_of(STATED)  # a list of somebody who is entered writes a line
    rebuilt(copied, tmp_path / "again.db")
    copied.set('url = ""', f'url = "sqlite:///{tmp_path}/again.db"')
    assert (copied.clips_of(PROPOSED), copied.clips_of(STATED)) == before
    copied.verify()


def test_a_catalog_that_is_there_is_not_rebuilt_over(lived: Dock) -> None:
    answer = lived.run("rebuild", "--into", f"sqlite:///{lived.home}/catalog.db", "--json", status=57)
    assert answer.error == "catalog.not-empty"


def test_a_flipped_bit_leaves_a_manifest_out_by_name(copied: Dock, tmp_path: Path) -> None:
    harmed = copied.objects("manifests")[0]
    clip = json.loads(harmed.read_bytes())["clip"]
    flip(harmed)
    faults = rebuilt(copied, tmp_path / "again.db", status=31)
    assert "not what its name says" in faults.pop(key(copied, harmed))
    assert all(act.endswith(clip) for act in faults), "and what was done to that clip alone"
    first, again = told(copied.home / "catalog.db"), told(tmp_path / "again.db")
    missing = set(first["clip"]) - set(again["clip"])
    assert [json.loads(row)["id"] for row in missing] == [clip]
    failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    acts_on_it = {one["path"] for one in failed if one["what"] == "act" and one["path"].endswith(f" {clip}")}
    assert {one["clip"] for one in failed if one["path"] not in {key(copied, harmed), *acts_on_it}} == {clip}
    assert {one["what"] for one in failed if one["path"] == key(copied, harmed)} == {"lock", "manifest"}


def test_a_flipped_bit_leaves_an_act_out_by_name(copied: Dock, tmp_path: Path) -> None:
    harmed = copied.objects("acts")[0]
    flip(harmed)
    assert key(copied, harmed) in rebuilt(copied, tmp_path / "again.db", status=31)


@pytest.fixture
def mirrored(copied: Dock) -> Dock:
    """The same station with a second vault that holds all of it."""
    shutil.copytree(copied.home / "vault", copied.home / "other")
    copied.set('"folder:vault"', '"mirror:1 folder:vault folder:other"')
    return copied


@pytest.mark.parametrize("how", ["flipped", "gone"])
@pytest.mark.parametrize("folder", ["manifests", "signatures", "acts"])
def test_what_one_vault_of_a_mirror_has_whole_is_not_left_out(
    mirrored: Dock, tmp_path: Path, folder: str, how: str
) -> None:
    for path in mirrored.objects(folder):
        if how == "flipped":
            flip(path)
        else:
            path.unlink()
    assert rebuilt(mirrored, tmp_path / "again.db") == {}
    first, again = told(mirrored.home / "catalog.db"), told(tmp_path / "again.db")
    assert first == again


def test_a_document_the_disk_cannot_read_is_left_out_by_name(copied: Dock, tmp_path: Path) -> None:
    key_of_it = key(copied, copied.objects("acts")[0])
    with copied.opened() as station:
        vault: Any = Unreadable(station.vault, key_of_it)
        database = Database(f"sqlite:///{tmp_path}/again.db")
        database.migrate()
        found = Rebuilder(vault, station.trusted, lambda _: None).into(database)
        database.close()
    assert {fault.key: "Input/output" in fault.what for fault in found.faults}[key_of_it]
    assert found.clips == len(copied.every_clip())


def test_a_vault_that_goes_away_makes_no_half_catalog(copied: Dock, tmp_path: Path) -> None:
    class Gone(Unreadable):
        def keys(self, prefix: str) -> Iterator[str]:
            if prefix == "keys":
                raise VaultUnreachable(reason="gone")
            return self._real.keys(prefix)

    with copied.opened() as station:
        vault: Any = Gone(station.vault, key(copied, copied.objects("acts")[0]))
        database = Database(f"sqlite:///{tmp_path}/again.db")
        database.migrate()
        with pytest.raises(VaultUnreachable, match="gone"):
            Rebuilder(vault, station.trusted, lambda _: None).into(database)
        database.close()


@pytest.mark.parametrize("how", ["foreign key", "old signature", "no signature", "no text"])
def test_a_forged_manifest_is_left_out_by_name(copied: Dock, tmp_path: Path, how: str) -> None:
    true = copied.objects("manifests")[0]
    manifest = json.loads(true.read_bytes())
    manifest["source"]["recorder"] = FORGED
    manifest["clip"] = "c" + "f" * 20
    body = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    signature = json.loads(signature_of(copied, true.stem).read_bytes()) | {"sha256": sha256}
    if how == "foreign key":
        (tmp_path / "keys").mkdir()
        foreign = make_key(tmp_path / "keys")
        signature |= {"signature": foreign.sign(body), "key_id": foreign.key_id}
    write(copied.home / f"vault/objects/manifests/{sha256[:2]}/{sha256}.json", body)
    if how != "no signature":
        text = b"\xff" if how == "no text" else json.dumps(signature).encode()
        write(signature_of(copied, sha256), text)
    faults = rebuilt(copied, tmp_path / "again.db", status=31)
    assert list(faults) == [f"manifests/{sha256[:2]}/{sha256}.json"]
    assert told(tmp_path / "again.db")["clip"] == told(copied.home / "catalog.db")["clip"]
    failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    named = [(one["what"], one["path"].partition("/")[0], sha256 in one["path"]) for one in failed]
    unlocked = [("lock", "signatures", True)] if how != "no signature" else []
    manifest_faults = [(what, "manifests", True) for what in ("catalog", "manifest", "lock")]
    assert named == [*manifest_faults, *unlocked], "what nobody locked has no lock either"


def test_a_foreign_key_slipped_into_the_vault_is_not_believed(copied: Dock, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    foreign = make_key(tmp_path / "keys")
    write(copied.home / f"vault/objects/keys/{foreign.key_id}.pub.pem", foreign.public_pem())
    act = copied.objects("acts")[0]
    body = act.read_bytes().replace("占道经营".encode(), "别的名称".encode())
    sha256 = hashlib.sha256(body).hexdigest()
    text = {"algorithm": "Ed25519", "key_id": foreign.key_id, "sha256": sha256, "signature": foreign.sign(body)}
    write(copied.home / f"vault/objects/acts/{act.name.split('-')[0]}-{sha256}.json", body)
    write(signature_of(copied, sha256), json.dumps(text).encode())
    (fault,) = rebuilt(copied, tmp_path / "again.db", status=31).values()
    assert foreign.key_id in fault
    assert told(tmp_path / "again.db")["law_case"] == told(copied.home / "catalog.db")["law_case"]


def test_a_missing_or_flipped_original_is_named(copied: Dock, tmp_path: Path) -> None:
    missing, harmed = [path for path in copied.objects() if path.stat().st_size][:2]
    named = {clip["sha256"]: clip["id"] for clip in copied.every_clip()}
    missing.unlink()
    flip(harmed)
    assert list(rebuilt(copied, tmp_path / "again.db", status=31)) == [key(copied, missing)]
    failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    assert {named[missing.name], named[harmed.name]} <= {one["clip"] for one in failed}
    assert {one["what"] for one in failed} <= {"original", "lock"}


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    write(path, bytes(body))


def write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(body)
    path.chmod(0o444)


def key(dock: Dock, path: Path) -> str:
    return str(path.relative_to(dock.home / "vault/objects"))


def signature_of(dock: Dock, sha256: str) -> Path:
    return dock.home / f"vault/objects/signatures/{sha256[:2]}/{sha256}.json"
