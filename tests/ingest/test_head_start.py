"""Which files of a card may be copied while the others are not known yet."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from devices.errors import CardUnreadable
from ingest.head_start import not_yet, some_edged

LONG_S, NO_TIME_S = 60.0, 0.0


def file(name: str, size: int, at: int = 0) -> SourceFile:
    return SourceFile(None, name.encode(), size, at, "")


def edged(files: Sequence[SourceFile], *, within_s: float = LONG_S, done: str = "", bad: str = "") -> list[SourceFile]:
    """With edges that are the path itself; `done` and `bad` are names."""

    def edges(source: SourceFile) -> str:
        if source.path.decode() in bad.split():
            raise CardUnreadable(path=source.shown, offset=0, reason="Input/output error")
        return source.path.decode()

    def is_done(source: SourceFile) -> bool:
        assert source.edges, "asked before its edges were read"
        return source.path.decode() in done.split()

    return list(some_edged(files, edges, is_done, lambda one: b"IMP" in one.path, within_s))


def waiting(files: Sequence[SourceFile]) -> set[str]:
    return {path.decode() for path in not_yet(files, lambda one: b"copy" in one.path)}


def test_with_time_enough_all_are_known_and_none_waits() -> None:
    files = [file("a.MP4", 1), file("b.MP4", 1), file("copy of a.MP4", 1)]
    known = edged(files, done="a.MP4")
    assert [one.edges for one in known] == ["a.MP4", "b.MP4", "copy of a.MP4"]
    assert waiting(known) == set()


def test_without_time_none_is_known_and_all_wait() -> None:
    files = [file("a.MP4", 1), file("b.MP4", 2)]
    assert waiting(edged(files, within_s=NO_TIME_S)) == {"a.MP4", "b.MP4"}


def test_what_cannot_be_read_waits_and_no_error_is_raised() -> None:
    files = [file("a.MP4", 1), file("b.MP4", 2)]
    assert waiting(edged(files, bad="a.MP4")) == {"a.MP4"}
    assert issubclass(CardUnreadable, StationError)


def test_what_may_be_equal_to_an_unknown_file_waits_too() -> None:
    files = [file("a.MP4", 7), file("b.MP4", 7), file("c.MP4", 8)]
    assert waiting(edged(files, bad="a.MP4")) == {"a.MP4", "b.MP4"}


def test_a_copy_waits_while_any_is_unknown() -> None:
    files = [file("a.MP4", 1), file("copy of z.MP4", 2), file("c.MP4", 3)]
    assert waiting(edged(files, bad="a.MP4")) == {"a.MP4", "copy of z.MP4"}


def test_a_clip_waits_for_its_sidecar_and_a_sidecar_for_its_clip() -> None:
    files = [file("a.MP4", 1), file("a.NMEA", 2), file("b.MP4", 3), file("b.NMEA", 4), file("c.MP4", 5)]
    assert waiting(edged(files, bad="a.NMEA b.MP4")) == {"a.MP4", "a.NMEA", "b.MP4", "b.NMEA"}


def test_important_ones_are_read_first_then_the_oldest_that_are_new() -> None:
    asked: list[str] = []

    def edges(source: SourceFile) -> str:
        asked.append(source.path.decode())
        return "edges"

    names = [f"{number:02d}.MP4" for number in range(16)]
    files = [file(name, number, number) for number, name in enumerate(names)] + [file("IMP.MP4", 99, 99)]
    done = set(names[:11])
    some_edged(files, edges, lambda one: one.path.decode() in done, lambda one: b"IMP" in one.path, LONG_S)
    assert asked[0] == "IMP.MP4"
    probes = asked[1 : asked.index("12.MP4")]
    assert len(probes) <= 6, "where the new ones begin is found by halving"
    new = [name for name in asked if name in names[11:]]
    assert set(new) == set(names[11:])
    assert len(asked) == len(set(asked)) == len(files)
