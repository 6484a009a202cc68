"""Copies for handing out, under a grant (凭批准制作对外副本): films with number, receiver and use in every picture.

The grant is read again from the signed acts in the vault, and the lines of the trail are there before the first byte is
read, and again before each that is handed out. Shapes: a copy in the register has the digest of the list of its films,
`SHA-256  name`, one a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from catalog.clips import clips, search
from catalog.errors import NoSuchRequest, RequestState
from catalog.people import people
from catalog.requests import requests
from catalog.rules.callers import Caller
from catalog.rules.canonical import local_time
from catalog.rules.requests import Copy, Request, demand_open
from docking_station.bundle.errors import CannotExport
from docking_station.derived.burnt import Burnt, burn, font
from docking_station.derived.copies import choose_view
from docking_station.services.permits import permit_granted
from docking_station.services.requests import copy_of, demand_maker, signed_request
from docking_station.station.errors import CopyDiffers, NothingToView
from docking_station.station.station import Station
from docking_station.texts.plain import called

BURNT: Literal["burnt"] = "burnt"
DAY_S = 86_400
READ_BYTES = 1 << 20
Spans = Mapping[str, tuple[int | None, int | None]]
"""From which time of day to which of each clip, in seconds since midnight; a clip that is not there is copied whole."""


def make_burnt(
    station: Station, caller: Caller, no: str, spans: Spans, progress: Callable[[float], None] = lambda _: None
) -> str:
    """Make the films that a request was granted; returns the number of the copy in the register.

    Raises `NoSuchRequest`, `NotGranted`, `RequestPerson`, `RecordsDisagree`, `NothingToView` where one has no film to
    show yet, `CannotExport`, and as `permit_granted`.
    """
    request = demand_open(signed_request(station, no), no, station.now())
    known = demand_maker(station, caller, request)
    letters = font()
    if letters is None:
        todo = {"todo": "Install a Chinese font (fonts-wqy-microhei)", "todo_zh": "安装中文字体（fonts-wqy-microhei）"}
        raise CannotExport(path="-", reason="no Chinese font", reason_zh="没有中文字体", **todo)
    films = [choose_view(station, clip) for clip in request.granted if is_film(station, clip)]
    if not films:
        raise NothingToView(clip=no, why="it was granted no film")
    cut = {one.clip: _span(station, one.clip, *spans[one.clip]) for one in films if one.clip in spans}
    number = requests.next_copy_no(station.database, no)
    originals = {one.clip: one.manifest.sha256 for one in films}
    permit_granted(station, known, no, tuple(originals), {"copy": number})
    made = dict[str, Burnt]()
    for place, one in enumerate(films):
        name, label = film_name(number, place), _label(station, request, number)
        span = cut.get(one.clip)

        def share(done: float, before: int = place) -> None:
            progress((before + done) / len(films))

        made[name] = burn(station, one, name, label, span, letters, share)
    digest = hashlib.sha256(listed({name: one.sha256 for name, one in made.items()})).hexdigest()
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        demand_open(signed_request(station, no), no, station.now(), originals)  # it may be revoked meanwhile
        if requests.next_copy_no(station.database, no) != number:  # another copy took the number that is in the films
            raise RequestState(request=no, state="another copy was made meanwhile", state_zh="期间已制作其他副本")
        act = requests.making(number, no, originals, number, digest, at=station.now(), by=known, kind=BURNT)
        station.act_writer.carry_out(act)
    return number


def open_film(station: Station, caller: Caller, copy: str, name: str) -> tuple[Path, int]:
    """One film of a copy, for who makes it, while the grant stands: its path and size; the lines are on the trail.

    Raises `NoSuchRequest`, `CopyDiffers` where it is not what the register says, `NothingToView` where it was removed,
    and as `make_burnt`.
    """
    found = copy_of(station, caller, copy)
    if found.kind != BURNT:
        raise NoSuchRequest(request=copy)
    request = demand_open(signed_request(station, found.request), found.request, station.now(), found.clips)
    known = demand_maker(station, caller, request)
    films = paths(station, found)
    if name not in films:
        raise NoSuchRequest(request=name)
    permit_granted(station, known, found.request, (films[name][0],), {"copy": copy, "film": name})
    digests = {one: _digest(path, clip) for one, (clip, path) in films.items()}
    listing = hashlib.sha256(listed(digests)).hexdigest()
    if listing != found.sha256:
        raise CopyDiffers(clip=films[name][0], path=name, expected=found.sha256, found=listing)
    path = films[name][1]
    return path, path.stat().st_size


def pieces(path: Path) -> Iterator[bytes]:
    """A film piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            yield piece


def paths(station: Station, copy: Copy) -> dict[str, tuple[str, Path]]:
    """The films of a copy by their names: the clip, and where the film lies, if it was not removed."""
    each = enumerate(copy.clips)
    return {
        film_name(copy.no, place): (
            clip,
            station.settings.derived_of(clips.manifest(station.database, clip).sha256) / film_name(copy.no, place),
        )
        for place, clip in each
    }


def there(station: Station, copy: Copy) -> list[str]:
    """The names of the films of a copy that still lie at the station."""
    return [name for name, (_, path) in paths(station, copy).items() if path.is_file()]


def is_film(station: Station, clip: str) -> bool:
    """Whether a clip has pictures that move."""
    return search.get(station.database, clip).kind == "video"


def film_name(copy: str, place: int) -> str:
    """What a film of a copy is called, by its place in it."""
    return f"{copy}_{place + 1:02}.mp4"


def listed(digests: Mapping[str, str]) -> bytes:
    """The list whose digest stands in the register."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def _digest(path: Path, clip: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NothingToView(clip=clip, why="the copy was removed from the station: make another") from error


def _label(station: Station, request: Request, number: str) -> str:
    """What stands in every picture: number, receiver, use."""
    receiver = request.organ or called(people.names(station.database), request.asked_by) or ""
    return f"{number} {receiver}\n{request.use or request.reason}"


def _span(station: Station, clip: str, begin: int | None, end: int | None) -> tuple[float, float] | None:
    """From–to as seconds of the film: what lies before its beginning, or behind its end, is left out of account."""
    one = search.get(station.database, clip)
    at, length_s = local_time(one.starts_at, station.settings.zone), one.duration_s or 0.0
    first = 0.0 if begin is None else max(0.0, _after(at, begin))
    last = length_s if end is None else min(length_s, _after(at, end))
    if last <= first:
        raise NothingToView(clip=clip, why="nothing of it lies between the two times")
    return None if begin is None and end is None else (first, last - first)


def _after(at: datetime, clock_s: int) -> float:
    """How many seconds after a moment it was so late on the clock, on the same day or around midnight."""
    said = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=clock_s)
    apart_s = (said - at).total_seconds()
    return apart_s + DAY_S if apart_s < -DAY_S / 2 else apart_s
