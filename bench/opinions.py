"""Our readers against ExifTool over every shared sample, in one run: how fast each is, and where each is right.

Ours is `media.look` without ffprobe and ffmpeg, in this process; ExifTool is one process that stays open, with `-ee`,
behind `media.exiftool`. A round is a run of one side over all files, one after the other, out of the page cache; the
sides take turns, `--rounds` times, and of each file the median of its rounds counts. What is right is the `expect` of
`expected.json`, made with ExifTool 13.58 and corrected where that is wrong: positions by count, first and last within
1e-5 degrees; times by the value of every tag that is a date with time. It is asked of the whole look once more, with
ffprobe and untimed: it reads subtitles in MKV.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from typing import Any

from catalog.evidence import Fix, TimeClaim
from catalog.station_error import StationError
from docking_station.station.settings import OWN_EXIFTOOL
from media.exiftool import ExifTool, found
from media.ffmpeg import Tools
from media.look import look
from media.second_opinion import read_opinion
from tests.media.test_shared_footage import OTHERWISE

SAMPLES = Path(__file__).parents[2] / "shared/samples"
NO_TOOLS = Tools("/nonexistent/ffprobe", "/nonexistent/ffmpeg")
CHINA = timezone(timedelta(hours=8))
DEGREES = 1e-5
WANTED = 20.0
SHOWN_MAX = 40
DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")
NO_CLOCKS = ("ICC-header:",)
"""Groups whose dates are those of a colour profile."""


@dataclass(frozen=True, slots=True)
class Result:
    """One file: seconds of each side, and whether each is right about places and about how many of the times."""

    file: str
    kind: str
    ours_s: float
    theirs_s: float
    places: tuple[bool, bool]
    counts: tuple[int, int, int]
    times: tuple[int, int, int]


def ours(path: Path, tools: Tools) -> tuple[tuple[TimeClaim, ...], tuple[Fix, ...]]:
    """Our claims and positions."""
    seen = look(path, path.name, tools=tools, zone=CHINA, mtime_ns=0, docked_at=datetime.now(UTC))
    return seen.claims, seen.track


def theirs(path: Path, tool: ExifTool) -> Mapping[str, object]:
    """ExifTool's tags; none where it fails."""
    try:
        return tool.ask(path, path.suffix)
    except StationError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return {}


def timed(paths: Sequence[Path], tool: ExifTool, rounds: int) -> list[tuple[float, float]]:
    """Return what each file took either side, in seconds: each runs over all of them in turn."""
    sides: tuple[Callable[[Path], object], ...] = (lambda path: ours(path, NO_TOOLS), lambda path: theirs(path, tool))
    spent: tuple[list[list[float]], ...] = ([], [])
    for number in range(-1, rounds):  # the first fills caches and does not count
        for side in (number % 2, 1 - number % 2):
            took = []
            for path in paths:
                began = time.perf_counter()
                sides[side](path)
                took.append(time.perf_counter() - began)
            if number >= 0:
                spent[side].append(took)
    mine, other = ([median(of_file) for of_file in zip(*of_side, strict=True)] for of_side in spent)
    return list(zip(mine, other, strict=True))


def judged(sample: Any, path: Path, tool: ExifTool, took: tuple[float, float]) -> Result:
    """Compare what both say with what is right."""
    tags = theirs(path, tool)
    claims, track = ours(path, Tools())
    other = read_opinion(tags, CHINA, None).track
    expect = sample["expect"]
    wanted = {str(value) for tag, value in expect["times"] if DATE.match(str(value)) and not tag.startswith(NO_CLOCKS)}
    wanted = {value for value in wanted if not value.startswith("0000")}
    values = {str(value) for value in tags.values()}
    return Result(
        sample["file"],
        sample["kind"],
        *took,
        (is_right(expect["gps"], track), is_right(expect["gps"], other)),
        (expect["gps"]["n"], len(track), len(other)),
        (len(wanted), sum(is_told(value, claims) for value in wanted), len(wanted & values)),
    )


def is_right(expect: Any, track: Sequence[Fix]) -> bool:
    """Whether count, first and last are as expected."""
    if len(track) != expect["n"]:
        return False
    ends = ((track[0], expect.get("first")), (track[-1], expect.get("last"))) if track else ()
    return all(
        abs(fix.latitude_deg - place["lat"]) <= DEGREES and abs(fix.longitude_deg - place["lon"]) <= DEGREES
        for fix, place in ends
        if place is not None
    )


def is_told(value: str, claims: Sequence[TimeClaim]) -> bool:
    """Whether a claim holds this reading, digit for digit as it stands, or the same moment."""
    digits = "".join(re.findall(r"\d", value)[:14])
    parts = DATE.match(value)
    assert parts is not None
    moment = None
    if parts[7]:
        zone = "+00:00" if parts[7] == "Z" else parts[7]
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*parts.groups()[:6]) + zone)
    for claim in claims:
        if digits in "".join(re.findall(r"\d", claim.raw)):
            return True
        at = None if claim.value is None else claim.value.replace(microsecond=0)
        if at is not None and (f"{at.astimezone(UTC):%Y%m%d%H%M%S}" == digits or at == moment):
            return True
    return False


def report(results: Sequence[Result]) -> None:
    """Print the table, who is right where, and the ratios."""
    print(f"\n{'kind':<12}{'files':>6}{'ours ms':>10}{'ExifTool':>10}{'ratio':>8}   places right: ours, ExifTool")
    for kind, count in sorted(Counter(result.kind.partition("-")[0] for result in results).items()):
        some = [result for result in results if result.kind.partition("-")[0] == kind]
        mine, other = (median(getattr(result, name) for result in some) * 1e3 for name in ("ours_s", "theirs_s"))
        right, theirs_right = (sum(result.places[side] for result in some) for side in (0, 1))
        print(f"{kind:<12}{count:>6}{mine:>10.2f}{other:>10.2f}{other / mine:>8.1f}   {right:>4}, {theirs_right}")
    for what, some in (
        ("with positions", [result for result in results if result.counts[0]]),
        ("without any", [result for result in results if not result.counts[0]]),
    ):
        right, theirs_right = (sum(result.places[side] for result in some) for side in (0, 1))
        print(f"places right, {len(some)} files {what}: ours {right}, ExifTool {theirs_right}")
    wanted, mine_told, other_told = (sum(result.times[index] for result in results) for index in range(3))
    print(f"expected times found, of {wanted}: ours {mine_told}, ExifTool {other_told}")
    for title, side in (("only ours is right about places", 0), ("only ExifTool is as expected about places", 1)):
        listed(title, [(one.file, one.counts) for one in results if one.places[side] and not one.places[1 - side]])
    neither = [(one.file, one.counts) for one in results if not any(one.places)]
    listed("neither is as expected about places", neither)
    listed("expected times we do not have", [(one.file, one.times) for one in results if one.times[1] < one.times[0]])
    ratios = sorted(result.theirs_s / result.ours_s for result in results)
    total = sum(result.theirs_s for result in results) / sum(result.ours_s for result in results)
    print(f"\nfaster per file: median {median(ratios):.1f} times, all together {total:.1f} times; wanted {WANTED:g}")
    slow = sum(ratio < WANTED for ratio in ratios)
    print(
        f"least {ratios[0]:.1f}, a tenth of them below {ratios[len(ratios) // 10]:.1f}; {slow} files below {WANTED:g}"
    )


def listed(title: str, files: Sequence[tuple[str, tuple[int, int, int]]]) -> None:
    """Print files with what is expected, and what each side has; why the oracle may be wrong, where that is known."""
    print(f"\n{title}: {len(files)} (expected, ours, ExifTool)")
    for file, counts in files[:SHOWN_MAX]:
        why = next((why for part, (_, why) in OTHERWISE.items() if file.startswith(part)), "")
        print(f"  {file}: {', '.join(map(str, counts))}{f'  – {why}' if why else ''}")


def main() -> None:
    """Compare over all samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, default=SAMPLES, help="the folder that holds expected.json")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if not (asked.samples / "expected.json").exists():
        print(f"no samples here: {asked.samples}")
        return
    try:
        program = found((str(OWN_EXIFTOOL), "exiftool"))
    except StationError as error:
        sys.exit(error.message())
    samples = json.loads((asked.samples / "expected.json").read_text())
    print(f"ExifTool {program.version}, {len(samples)} files, {asked.rounds} rounds")
    with ExifTool(program, folders=(asked.samples,)) as tool:
        paths = [asked.samples / sample["file"] for sample in samples]
        both = zip(samples, paths, timed(paths, tool, asked.rounds), strict=True)
        report([judged(sample, path, tool, took) for sample, path, took in both])


if __name__ == "__main__":
    main()
