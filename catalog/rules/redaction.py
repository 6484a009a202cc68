"""The recipe of a copy for release (遮盖方案), schema `evidock.redaction/1`: what is covered, silent, cut, and by whom.

Canonical JSON; the same recipe over the same original, by the same tools, gives the same bytes. Shapes: a key is
`(milliseconds, left, top, width, height)`, in pixels of the shown picture; between two keys a box moves evenly, and it
stands from two ticks before its first to two after its last. Spans are milliseconds from the film's start. A box that
a detector suggested is `open` until a person confirms or dismisses it, and never goes: a missed face is the failure
that matters.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from catalog.errors import RecipeUnfit
from catalog.rules.canonical import canonical
from catalog.rules.typed_words import demand_words, says_something

SCHEMA = "evidock.redaction/1"
DETECTOR = "detector"
"""Who suggested a box that no person drew."""
WHATS = ("face", "minor", "plate", "door", "document", "other")
"""What a box covers: 面部, 未成年人, 车牌, 门牌, 证件或文书, 其他."""
Verdict = Literal["open", "confirmed", "dismissed"]
BOXES_MAX, KEYS_MAX, SPANS_MAX, ID_CHARS_MAX = 1000, 20_000, 200, 20
SIDE_MAX, DAY_MS, MS = 20_000, 86_400_000, 1000


class Key(NamedTuple):
    """Where a box is at a moment (关键点)."""

    at_ms: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """What is covered (遮盖框): by whom it was suggested or drawn, and who confirmed or dismissed it, and why."""

    id: str
    what: str
    by: str
    keys: tuple[Key, ...]
    verdict: Verdict = "confirmed"
    decided_by: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From-to, silent or cut out (静音、剪除)."""

    from_ms: int
    to_ms: int
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person may change of a recipe."""

    boxes: tuple[Box, ...] = ()
    mutes: tuple[Span, ...] = ()
    cuts: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe; `source` is the SHA-256 of what is decoded, the original or its viewing copy; `rate` ticks a second."""

    release: str
    clip: str
    original: str
    source: str
    size: tuple[int, int]
    rate: str
    duration_ms: int
    notice: str
    tools: Mapping[str, str | None]
    threads: int = 1
    boxes: tuple[Box, ...] = ()
    mutes: tuple[Span, ...] = ()
    cuts: tuple[Span, ...] = ()

    def body(self) -> bytes:
        """The exact bytes whose digest the act names."""
        return canonical({"schema": SCHEMA, **asdict(self)})

    def digest(self) -> str:
        """The SHA-256 of the body."""
        return hashlib.sha256(self.body()).hexdigest()

    def covered(self, at_ms: int) -> Iterator[tuple[int, int, int, int]]:
        """The boxes that stand at a moment, or two ticks from it: (left, top, width, height).

        Whoever draws one sees a picture that began a little before, and that a film of even ticks may show a tick off.
        """
        slack_ms = math.ceil(2 * MS / Fraction(self.rate))
        for box in self.boxes:
            first_ms, last_ms = box.keys[0].at_ms, box.keys[-1].at_ms
            if box.verdict != "dismissed" and first_ms - slack_ms <= at_ms <= last_ms + slack_ms:
                yield _at(box.keys, min(max(at_ms, first_ms), last_ms))

    @property
    def cut_ms(self) -> int:
        """How much of the film is left out."""
        ends, total = 0, 0
        for one in sorted(self.cuts, key=lambda one: one.from_ms):
            total += max(0, one.to_ms - max(ends, one.from_ms))
            ends = max(ends, one.to_ms)
        return total


def read_recipe(body: bytes) -> Recipe:
    """The recipe in a document; raises `RecipeUnfit` for anything else."""
    try:
        read = json.loads(body)
        if read.pop("schema") != SCHEMA:
            raise ValueError("schema")
        edit = {name: read.pop(name) for name in ("boxes", "mutes", "cuts")}
        plain = Recipe(**{**read, "size": (int(read["size"][0]), int(read["size"][1]))})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise unfit("-", f"it is no recipe ({error})", "不是遮盖方案") from error
    read_edit = edit_in(plain, edit)
    return replace(plain, boxes=read_edit.boxes, mutes=read_edit.mutes, cuts=read_edit.cuts)


def edit_in(recipe: Recipe, said: Mapping[str, Any]) -> Edit:
    """What somebody sent as boxes, mutes and cuts of a recipe; raises `RecipeUnfit`, `WordsUnfit`."""
    try:
        boxes = tuple(_box(recipe, one) for one in said["boxes"])
        mutes, cuts = (tuple(_span(recipe, one) for one in said[name]) for name in ("mutes", "cuts"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise unfit(recipe.release, f"it cannot be read ({error})", "内容无法读取") from error
    if len(boxes) > BOXES_MAX or max(len(mutes), len(cuts)) > SPANS_MAX:
        raise unfit(recipe.release, "it has too much in it", "内容过多")
    if len({one.id for one in boxes}) < len(boxes):
        raise unfit(recipe.release, "two boxes have one id", "遮盖框编号重复")
    return Edit(boxes, mutes, cuts)


def edited(recipe: Recipe, edit: Edit, by: str) -> Recipe:
    """The recipe as a person changed it: who suggested, drew and decided is not theirs to say.

    What they drew they may take away again; what the detector suggested stays, and is dismissed with a reason.
    """
    before, after = {box.id: box for box in recipe.boxes}, {box.id: box for box in edit.boxes}
    kept = [box for box in recipe.boxes if box.by == DETECTOR or box.id in after]
    boxes = [_changed(box, after.get(box.id, box), by) for box in kept]
    drawn = [replace(box, by=by, decided_by=by) for box in edit.boxes if box.id not in before]
    mutes, cuts = (
        tuple(next((old for old in was if _same(old, one)), replace(one, by=by)) for one in now)
        for was, now in ((recipe.mutes, edit.mutes), (recipe.cuts, edit.cuts))
    )
    return replace(recipe, boxes=(*boxes, *drawn), mutes=mutes, cuts=cuts)


def suggested(recipe: Recipe, tracks: Sequence[Sequence[tuple[int, int, int, int, int]]], detector: str) -> Recipe:
    """The recipe with what a detector found, instead of what it found before and nobody decided."""
    kept = [box for box in recipe.boxes if box.verdict != "open"]
    taken = {box.id for box in kept}
    free = (f"d{number}" for number in range(1, BOXES_MAX + len(taken) + 1) if f"d{number}" not in taken)
    settled = [box.keys for box in kept if box.by == DETECTOR]
    fresh = [tuple(Key(*one) for one in track) for track in tracks]
    found = [Box(next(free), "face", DETECTOR, keys, "open") for keys in fresh if keys not in settled]
    room = BOXES_MAX - len(kept)
    return replace(recipe, boxes=(*kept, *found[:room]), tools={**recipe.tools, "detector": detector})


def demand_settled(recipe: Recipe) -> None:
    """Raise `RecipeUnfit` while a suggestion waits for a person, or nothing would be left of the film."""
    waiting = [box.id for box in recipe.boxes if box.verdict == "open"]
    if waiting:
        what = f"{len(waiting)} suggestions are neither confirmed nor dismissed"
        raise unfit(recipe.release, what, f"有 {len(waiting)} 处建议遮盖尚未确认或排除")
    if recipe.cut_ms >= recipe.duration_ms:
        raise unfit(recipe.release, "all of the film is cut out", "整段视频均被剪除")


def unfit(release: str, what: str, what_zh: str) -> RecipeUnfit:
    """What a person is told of a recipe that cannot be."""
    return RecipeUnfit(release=release, what=what, what_zh=what_zh)


# ---------------------------------------------------------------------- inside


def _at(keys: Sequence[Key], at_ms: int) -> tuple[int, int, int, int]:
    """Where a box is between its keys; whatever it touches is covered."""
    place = bisect_right(keys, at_ms, key=lambda one: one.at_ms)
    one, other = keys[place - 1], keys[min(place, len(keys) - 1)]
    apart_ms, done_ms = max(1, other.at_ms - one.at_ms), at_ms - one.at_ms
    left, top, wide, high = (
        (a * (apart_ms - done_ms) + b * done_ms) // apart_ms for a, b in zip(one[1:], other[1:], strict=True)
    )
    return left, top, wide + 1, high + 1


def _changed(box: Box, now: Box, by: str) -> Box:
    if (box.keys, box.verdict, box.why, box.what) == (now.keys, now.verdict, now.why, now.what):
        return box
    return replace(now, by=box.by, decided_by=by)


def _same(one: Span, other: Span) -> bool:
    return (one.from_ms, one.to_ms, one.why) == (other.from_ms, other.to_ms, other.why)


def _box(recipe: Recipe, said: Mapping[str, Any]) -> Box:
    keys = tuple(Key(*(_whole(one) for one in key)) for key in said["keys"])
    verdict, why, name = said.get("verdict", "confirmed"), said.get("why") or None, str(said["id"])
    wide, high = recipe.size
    if not 0 < len(keys) <= KEYS_MAX or any(one.at_ms >= other.at_ms for one, other in pairwise(keys)):
        raise unfit(recipe.release, f"box {name} has no keys in time order", f"遮盖框 {name} 的关键点次序有误")
    if any(key.width < 1 or key.height < 1 or max(map(abs, key[1:])) > SIDE_MAX for key in keys):
        raise unfit(recipe.release, f"box {name} has no size", f"遮盖框 {name} 大小有误")
    inside = (-key.width < key.left < wide and -key.height < key.top < high for key in keys)
    if not all(inside) or not all(0 <= key.at_ms <= DAY_MS for key in keys):
        raise unfit(recipe.release, f"box {name} lies outside the picture", f"遮盖框 {name} 在画面之外")
    if verdict not in ("open", "confirmed", "dismissed") or said["what"] not in WHATS:
        raise ValueError(f"{verdict}, {said['what']}")
    if not 0 < len(name) <= ID_CHARS_MAX or not name.isalnum():
        raise ValueError("id")
    if not isinstance(why, str | None) or not isinstance(said.get("decided_by"), str | None):
        raise TypeError("a reason is a text")
    if verdict == "dismissed" and not says_something(why or ""):
        raise unfit(recipe.release, f"box {name} is dismissed without a reason", f"排除遮盖框 {name} 须说明理由")
    demand_words({"why": why})
    return Box(name, said["what"], str(said.get("by") or ""), keys, verdict, said.get("decided_by"), why)


def _span(recipe: Recipe, said: Mapping[str, Any]) -> Span:
    begin, end, why = _whole(said["from_ms"]), _whole(said["to_ms"]), str(said["why"])
    if not 0 <= begin < end <= DAY_MS:
        raise unfit(recipe.release, "a span ends before it begins", "起止时间有误")
    demand_words({"why": why})
    return Span(begin, end, why, str(said.get("by") or ""))


def _whole(one: object) -> int:
    if not isinstance(one, int) or isinstance(one, bool):
        raise TypeError(f"{one!r} is no whole number")
    return one
