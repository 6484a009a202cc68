"""Two people are two by the kernel's word, or by a secret of their own; a variable makes nobody (docs/adr/0020)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer

from catalog.acts import policy
from catalog.clips.errors import ClassNotSet, HandedOver, HandOverNeedsAnother, StateSecret
from catalog.errors import DisposalNeedsAnother, DisposalNotAsked, NotDue, PolicyNeedsAnother
from catalog.keeping import disposals
from catalog.rules.acts import DISPOSAL_ASKED, Act
from catalog.rules.callers import LOGIN, SECRET, Account, Caller
from catalog.trail import trail
from devices.clock import StationClock
from docking_station.commands import policy as policy_commands
from docking_station.commands import vault as vault_commands
from docking_station.commands.people import persons, secrets
from docking_station.services import people
from docking_station.services.classes import HandedTo, classify_clip, hand_over_clip
from docking_station.services.dispose import dispose_clip
from docking_station.services.links import link_clip
from docking_station.services.people import Typed, caller_typed, entered, set_secret
from docking_station.services.policy import adopt_policy
from docking_station.station.errors import PersonUnknown, SecretLocked, SecretNotSet, SecretWrong
from docking_station.station.identity import caller_of_process
from ingest.errors import ClockDoubted, ClockWrong, RecordsDisagree
from tests.scenario.dock import demand_whole
from tests.scenario.keeping import Later, Years, somebody
from tests.scenario.test_lies import as_root, due, stored

HALF_A_YEAR = 185
UNKNOWN = Caller("root", "root", None)
SECRETS = {"one": "first secret", "two": "second secret", "three": "third secret"}
UIDS = {"one": 1001, "two": 1002, "three": 1003, "four": 1004, "evidock": 990, "root": 0}
At = Callable[[Caller], AbstractContextManager[Later]]


@pytest.fixture(autouse=True)
def accounts(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The accounts of this machine."""
    uids = dict(UIDS)
    monkeypatch.setattr(people, "account_called", lambda name: Account(uids[name], name) if name in uids else None)
    return uids


@pytest.fixture
def at(years: Years, monkeypatch: pytest.MonkeyPatch) -> At:
    """The station in half a year, used by anybody; commands open it too."""

    @contextmanager
    def opened(caller: Caller) -> Iterator[Later]:
        with years.at(HALF_A_YEAR) as station:
            station.caller = caller
            monkeypatch.setattr("docking_station.station.station.opened_station", lambda _: opened(caller))
            monkeypatch.setattr("docking_station.station.identity.caller_of_process", lambda: caller)
            yield station

    return opened


def enter(at: At, *names: str) -> None:
    with at(UNKNOWN) as station:
        for name in names:
            set_secret(station, station.caller, name, SECRETS[name], [])


def by(name: str) -> Caller:
    return Caller(name, "root", SECRET)


def test_a_state_secret_stays_until_two_people_hand_it_over(at: At, years: Years, clip: str) -> None:
    enter(at, "one", "two")
    to = HandedTo("7", "an encrypted disc", "保密局")
    with at(somebody("one")) as station:
        who = station.caller
        assert clip in due(station)
        with pytest.raises(ClassNotSet):
            hand_over_clip(station, who, clip, to)
        assert classify_clip(station, who, clip, "state", reason="x").refused == ()
        assert stored(station, clip).on_legal_hold
        with pytest.raises(StateSecret):
            dispose_clip(station, who, clip, "over")
        with pytest.raises(StateSecret):
            link_clip(station, who, clip, "C1", {}, reason=None)
        with pytest.raises(HandOverNeedsAnother):
            hand_over_clip(station, who, clip, to)
    as_root(years, "UPDATE clip_class SET handed_at = added_at")
    with years.at(3 * HALF_A_YEAR, "one") as station:
        station.locks.keep_all(station.now(), lambda: False)
        with pytest.raises((RecordsDisagree, NotDue)):
            dispose_clip(station, station.caller, clip, "over")
    as_root(years, "UPDATE clip_class SET handed_at = NULL")
    with at(somebody("one")) as station:
        done = hand_over_clip(station, station.caller, clip, to, lambda: Typed("two", SECRETS["two"]))
        assert (done.state, done.class_) == ("handed-over", "state")
        assert not stored(station, clip).on_legal_hold
        with pytest.raises(HandedOver):
            hand_over_clip(station, station.caller, clip, to, lambda: Typed("two", SECRETS["two"]))
    with years.at(5 * HALF_A_YEAR, "one") as station:
        assert clip in due(station)
        assert dispose_clip(station, station.caller, clip, "handed over") == ("asked", clip)
        assert dispose_clip(station, somebody("two"), clip, None) == ("disposed", clip)
        demand_whole(station)


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_variable_makes_nobody(years: Years) -> None:
    """Whatever is typed before a command: on the trail stands who the kernel says it is."""
    years.dock.within(SUDO_USER="x", USER="x", LOGNAME="x").run("cases", "add", "C9", "--title", "x")
    with years.at(0) as station:
        (line,) = trail.lines(station.database, subject="C9")
        assert line.entry.actor == caller_of_process().actor


def test_a_variable_makes_no_second_person(
    years: Years, clip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/loginuid").write_text("1001")
    monkeypatch.setattr(
        "docking_station.station.identity.account_of", lambda uid: Account(uid, {1001: "one"}.get(uid, "root"))
    )
    typing(monkeypatch)
    with years.at(HALF_A_YEAR) as station:
        station.caller = caller_of_process(tmp_path)
        assert dispose_clip(station, station.caller, clip, "over") == ("asked", clip)
        monkeypatch.setenv("SUDO_USER", "x")
        station.caller = caller_of_process(tmp_path)
        with pytest.raises(DisposalNeedsAnother):
            dispose_clip(station, station.caller, clip, "over")
        monkeypatch.setenv("SUDO_UID", "1002")
        station.caller = caller_of_process(tmp_path)
        with pytest.raises(PersonUnknown):
            dispose_clip(station, station.caller, clip, "over")


def test_whoever_nothing_vouches_for_asks_for_nothing(at: At, clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch)
    with at(UNKNOWN) as station:
        with pytest.raises(PersonUnknown):
            vault_commands.dispose([clip], "over", as_json=True)
        assert station.disposer.asked(clip) is None


def test_two_people_type_their_secrets(at: At, clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(at, "one", "two")
    with at(UNKNOWN) as station:
        typing(monkeypatch, "one", SECRETS["one"])
        vault_commands.dispose([clip], "over", as_json=True)
        for lines in ((), ("one", SECRETS["one"])):
            typing(monkeypatch, *lines)
            with pytest.raises((DisposalNeedsAnother, PersonUnknown)):
                vault_commands.dispose([clip], "over", as_json=True)
        typing(monkeypatch, "two", SECRETS["two"])
        vault_commands.dispose([clip], None, as_json=True)
        (act,) = (trail.act_of(one) for one in trail.lines_of(station.database, ("clip.disposed",)))
        assert (act.actor, act.details["how"]) == ("two as root", "secret")
        assert (act.details["asked_by"], act.details["asked_how"]) == ("one as root", "secret")


def test_the_second_person_types_a_secret_where_the_first_is_logged_in(
    at: At, clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(Caller("two", "two", LOGIN)) as station:
        assert set_secret(station, station.caller, "two", SECRETS["two"], [station.caller]) == "login"
    with at(Caller("one", "evidock", LOGIN)) as station:
        typing(monkeypatch)
        vault_commands.dispose([clip], "over", as_json=True)
        with pytest.raises(DisposalNeedsAnother):
            vault_commands.dispose([clip], None, as_json=True)
        typing(monkeypatch, "two", SECRETS["two"])
        vault_commands.dispose([clip], None, as_json=True)
        assert disposals.is_done(station.database, clip)


def test_what_was_asked_for_when_a_variable_was_believed_is_asked_for_again(years: Years, clip: str) -> None:
    with years.at(HALF_A_YEAR, "two") as station:
        old = Act(station.now(), "x as root", DISPOSAL_ASKED, clip, {"reason": "over"})
        station.act_writer.carry_out(old)
        with pytest.raises(DisposalNotAsked):
            dispose_clip(station, station.caller, clip, None)
        assert dispose_clip(station, station.caller, clip, "over") == ("asked", clip)


def test_no_new_act_disposes_without_saying_what_told_the_two(years: Years, clip: str) -> None:
    with years.at(HALF_A_YEAR, "one") as station:
        dispose_clip(station, station.caller, clip, "over")
        act = station.disposer.disposal(clip, at=station.now(), by=somebody("two"))
        for name in ("how", "asked_how"):
            details = {key: value for key, value in act.details.items() if key != name}
            with pytest.raises(DisposalNeedsAnother):
                station.act_writer.carry_out(Act(act.at, act.actor, act.action, clip, details))


def test_a_third_person_needs_two_others(at: At) -> None:
    enter(at, "one", "two")
    with at(UNKNOWN) as station:
        for callers in ([], [by("one")], [by("one"), by("one")], [by("one"), by("four")]):
            with pytest.raises(SecretNotSet):
                set_secret(station, station.caller, "three", SECRETS["three"], callers)
        assert set_secret(station, station.caller, "three", SECRETS["three"], [by("one"), by("two")]) == "vouched"
        assert entered(station)["three"].details["vouched"] == ["one", "two"]
        with pytest.raises(SecretNotSet):
            set_secret(station, station.caller, "one", "another secret", [])
        assert set_secret(station, station.caller, "one", "another secret", [by("one")]) == "secret"
        with pytest.raises(SecretWrong):
            caller_typed(station, station.caller, Typed("one", SECRETS["one"]))
        assert caller_typed(station, station.caller, Typed("one", "another secret")) == by("one")
        assert len(list(station.home.secrets.iterdir())) == 3, "of the secret before nothing is left"


@pytest.mark.parametrize("caller", [Caller("one", "evidock", LOGIN), Caller("one", "evidock", None, True)])
def test_where_people_log_in_nobody_speaks_for_another(at: At, caller: Caller) -> None:
    with at(caller) as station, pytest.raises(SecretNotSet):
        set_secret(station, station.caller, "two", SECRETS["two"], [caller])


@pytest.mark.parametrize(
    ("name", "secret"),
    [("no such", "long enough"), ("root", "long enough"), ("evidock", "long enough"), ("one", "short"), ("one", "")],
)
def test_what_is_no_persons_account_or_no_secret_is_refused(at: At, name: str, secret: str) -> None:
    with at(UNKNOWN) as station:
        with pytest.raises(SecretNotSet):
            set_secret(station, station.caller, name, secret, [])
        assert entered(station) == {}


def test_a_secret_is_bound_to_its_account(at: At, accounts: dict[str, int]) -> None:
    enter(at, "one", "two")
    with at(UNKNOWN) as station:
        accounts["one"] = 1010
        with pytest.raises(SecretWrong):
            caller_typed(station, station.caller, Typed("one", SECRETS["one"]))
        del accounts["two"]
        with pytest.raises(SecretWrong):
            caller_typed(station, station.caller, Typed("two", SECRETS["two"]))


def test_nobody_gives_themselves_a_secret_by_a_file(at: At) -> None:
    enter(at, "one", "two")
    with at(UNKNOWN) as station:
        ones, twos = (station.home.secrets / entered(station)[name].details["record"] for name in ("one", "two"))
        twos.write_bytes(ones.read_bytes())
        with pytest.raises(SecretWrong):
            caller_typed(station, station.caller, Typed("two", SECRETS["one"]))
        twos.unlink()
        with pytest.raises(SecretWrong):
            caller_typed(station, station.caller, Typed("two", SECRETS["two"]))


def test_guessing_ends_and_is_on_the_trail(at: At) -> None:
    enter(at, "one", "two")
    with at(UNKNOWN) as station:
        for _ in range(people.WRONG_MAX):
            with pytest.raises(SecretWrong):
                caller_typed(station, station.caller, Typed("one", "a guess, and no more"))
        with pytest.raises(SecretLocked):
            caller_typed(station, station.caller, Typed("one", SECRETS["one"]))
        assert caller_typed(station, station.caller, Typed("two", SECRETS["two"])) == by("two")
        lines = trail.lines(station.database, subject="one")
        assert [line.entry.action for line in lines][1:] == ["person.secret-wrong"] * people.WRONG_MAX
        assert "a guess" not in "".join(line.details for line in lines)
        assert isinstance(station, Later)
        station.ahead += timedelta(minutes=16)
        assert caller_typed(station, station.caller, Typed("one", SECRETS["one"])) == by("one")


@pytest.mark.parametrize("days", [3650, -100], ids=["ahead", "behind"])
def test_guesses_end_while_the_clock_is_not_believed(at: At, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """They are counted, and no line of theirs says a time later than what was known."""
    enter(at, "one", "two")
    monkeypatch.setattr(Later, "other_clocks", lambda _: iter(()))
    monkeypatch.setattr("devices.clock.station_clock", lambda: StationClock(False, None, "test"))
    with at(UNKNOWN) as station:
        assert isinstance(station, Later)
        newest = max(line.entry.at for line in trail.lines(station.database))
        station.ahead += timedelta(days=days)
        with pytest.raises((ClockDoubted, ClockWrong)) as doubted:
            station.demand_clock()
        for _ in range(people.WRONG_MAX):
            with pytest.raises(SecretWrong):
                caller_typed(station, station.caller, Typed("one", "a guess, and no more"))
        with pytest.raises(SecretLocked):
            caller_typed(station, station.caller, Typed("one", SECRETS["one"]))
        known = doubted.value.facts["known"]
        assert isinstance(known, datetime)
        wrong = trail.lines(station.database, subject="one")[1:]
        assert all(line.entry.at <= max(newest, known) for line in wrong)
        assert all(json.loads(line.details).keys() == {"clock"} for line in wrong), "what it said is written too"
        assert caller_typed(station, station.caller, Typed("two", SECRETS["two"])) == by("two")


def test_the_commands_set_and_list(at: At, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with at(UNKNOWN) as station:
        with pytest.raises(typer.BadParameter):
            secrets.secret(None)
        for name in ("one", "two"):
            typing(monkeypatch, *[SECRETS[name]] * 2)
            secrets.secret(name)
        typing(monkeypatch, "one", SECRETS["one"], "two", SECRETS["two"], *[SECRETS["three"]] * 2)
        secrets.secret("three")
        typing(monkeypatch, SECRETS["one"], "another secret", "yet another")
        with pytest.raises(SecretNotSet):
            secrets.secret("one")
        typing(monkeypatch, SECRETS["one"], *["another secret"] * 2)
        secrets.secret("one")
        capsys.readouterr()
        persons.list_people(as_json=True)
        told = {one["account"]: (one["by"], one["vouched"]) for one in json.loads(capsys.readouterr().out)}
        assert told == {"one": ("secret", []), "two": ("first", []), "three": ("vouched", ["one", "two"])}
        assert caller_typed(station, station.caller, Typed("one", "another secret")) == by("one")


def test_secrets_stand_whatever_becomes_of_the_catalog(years: Years, tmp_path: Path) -> None:
    with years.at(0) as station:
        for name in ("one", "two"):
            set_secret(station, UNKNOWN, name, SECRETS[name], [])
    years.dock.verify()
    into = f"sqlite:///{tmp_path}/again.db"
    assert years.dock.run("rebuild", "--into", into, "--json").document["faults"] == []


RIGHTS = "[access]\nsupervisor_trail = false\n"


def test_two_people_adopt_what_changes_rights_once_anybody_is_known(at: At, tmp_path: Path) -> None:
    file, asked = tmp_path / "policy.toml", list[str]()

    def answers(*names: str) -> Callable[[], Typed | None]:
        left = iter(names)
        return lambda: next((Typed(name, SECRETS[name]) for name in left), None)

    def agree(before: str, after: str) -> None:
        asked.append(after)

    file.write_text(RIGHTS)
    with at(UNKNOWN) as station:
        assert adopt_policy(station, UNKNOWN, file, agree).version == 1, "nobody is known yet: as ever"
    enter(at, "one", "two")
    file.write_text("")
    with at(UNKNOWN) as station:
        for names, error in (((), PersonUnknown), (("one",), PolicyNeedsAnother), (("one", "one"), PolicyNeedsAnother)):
            with pytest.raises(error):
                adopt_policy(station, UNKNOWN, file, agree, answers(*names))
        with pytest.raises(PolicyNeedsAnother, match="one is one"):
            adopt_policy(station, Caller("one", "one", LOGIN), file, agree, answers("one"))
        assert len(policy.history(station.database)) == 1
        assert adopt_policy(station, UNKNOWN, file, agree, answers("one", "two")).version == 2
        (*_, line) = trail.lines(station.database, subject=policy.SUBJECT)
        assert line.entry.actor == "one as root"
        details = json.loads(line.details)
        assert (details["how"], details["confirmed_by"], details["confirmed_how"]) == (SECRET, "two as root", SECRET)
        file.write_text("[dock]\nnot_docked_days = 3\n[retention]\nmonths = 24\n")
        assert adopt_policy(station, UNKNOWN, file, agree).version == 3, "what keeps longer is for one person"
        file.write_text("[dock]\nnot_docked_days = 3\n")
        with pytest.raises(PersonUnknown):
            adopt_policy(station, UNKNOWN, file, agree)


def test_an_act_of_twice_the_same_person_adopts_nothing(at: At) -> None:
    two = (by("one"), Caller("one", "evidock", LOGIN))
    with at(UNKNOWN) as station, pytest.raises(PolicyNeedsAnother):
        station.act_writer.carry_out(policy.adopting(RIGHTS, at=station.now(), actor="x", two=two))


def test_at_a_terminal_each_of_the_two_types_account_and_secret(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(at, "one", "two")
    file = tmp_path / "policy.toml"
    file.write_text(RIGHTS)
    with at(UNKNOWN) as station:
        typing(monkeypatch, "one", SECRETS["one"], "two", "wrong secret")
        with pytest.raises(SecretWrong):
            policy_commands.adopt(file)
        assert policy.history(station.database) == ()
        typing(monkeypatch, "one", SECRETS["one"], "two", SECRETS["two"])
        policy_commands.adopt(file)
        said = capsys.readouterr()
        assert said.err.count("two people adopt it") == 4
        assert "access.supervisor_trail: yes → no" in said.out
        assert [one.by for one in policy.history(station.database)] == ["one as root"]
