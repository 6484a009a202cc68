"""What a case file is worth by the items of its evaluation (案卷评查), as far as a program can tell.

Source: the policy's `[evaluation]`; of each item the findings that cost its points. Shapes: an item a row; no points
means that a person says: it asks what nothing here records, nothing had to be recorded, a note answered it, or not
every clip may be seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from catalog.cases import reviews
from catalog.clips.search import ClipSummary
from catalog.rules.bureau_policy import EvaluationItem
from catalog.rules.completeness import WHOLE
from catalog.rules.review_rounds import Round
from docking_station.services.case_file import CaseFile
from docking_station.station.station import Station
from docking_station.texts.completeness import VERDICTS
from docking_station.texts.evaluation import WHY

LIST = "e-data-list"
"""The record that lists a case's recordings with their digests (电子数据清单), as the policy codes it."""
OF_CLIPS = frozenset({"overdue", "label-missing", "not-listed", "not-opened"})
Sentence = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with the points the file keeps (评查项), None where a person says; `why` in both languages."""

    item: EvaluationItem
    points: int | None
    why: tuple[Sentence, ...]

    @property
    def fails(self) -> bool:
        """Whether the whole file fails by it (一票否决)."""
        return self.item.fail and self.points == 0

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `report case --json`."""
        names = {name: getattr(self.item, name) for name in ("code", "zh", "fail")}
        return {**names, "of": self.item.points, "points": self.points, "fails": self.fails, "why": self.why}


def evaluated(station: Station, file: CaseFile) -> tuple[Scored, ...]:
    """The items of the policy of this moment, for one case."""
    wrong, answered = defaultdict[str, list[Sentence]](list), defaultdict[str, list[Sentence]](list)
    for one in file.shown.completeness:
        if one.finding.verdict not in WHOLE:
            (answered if one.finding.answered else wrong)[one.finding.verdict].append(one.says)
    rounds = reviews.of_case(station.database, file.shown.case.id)
    for code, facts in _own(file, rounds):
        wrong[code].append(
            {language: said.format(**facts) for language, said in zip(("en", "zh"), WHY[code], strict=True)}
        )
    is_whole = {one.clip for one in file.shown.clips} == {one.id for one in file.clips}
    known = set(VERDICTS) if any(one.is_of_footage for one in file.shown.completeness) else set[str]()
    known |= OF_CLIPS if file.clips and is_whole else frozenset()
    known -= set() if _ended(rounds) else {"not-opened"}
    return tuple(_scored(one, wrong, answered, known) for one in file.policy.evaluation)


def _scored(
    item: EvaluationItem,
    wrong: Mapping[str, Sequence[Sentence]],
    answered: Mapping[str, Sequence[Sentence]],
    known: set[str],
) -> Scored:
    codes = item.from_.split(",")
    why, told = ([said for code in codes for said in some.get(code, ())] for some in (wrong, answered))
    if why:
        return Scored(item, 0, tuple(why))
    return Scored(item, None if told or not known.issuperset(codes) else item.points, tuple(told))


def _own(file: CaseFile, rounds: Sequence[Round]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What is wrong with a file besides what completeness finds: its code, and the facts of its sentence."""
    late = timedelta(hours=file.policy.dock.overdue_hours)
    overdue = sum(one.sealed_at - (one.ends_at or one.starts_at) > late for one in file.clips)
    if overdue:
        yield "overdue", {"count": overdue, "hours": file.policy.dock.overdue_hours}
    bare = sum(not _is_labelled(file, one) for one in file.clips)
    if bare:
        yield "label-missing", {"count": bare}
    if file.clips and not any(one.code == LIST for one in file.shown.papers):
        yield "not-listed", {}
    last = _ended(rounds)
    if file.clips and last is not None and not last.opened:
        yield "not-opened", {"no": last.no}


def _is_labelled(file: CaseFile, clip: ClipSummary) -> bool:
    """Whether a clip has what the policy wants said of each: it is linked, so its case is, and it has its time."""
    links = file.links.get(clip.id, ())
    said = {
        "place": clip.first_fix is not None or any(one.place for one in links),
        "officer": clip.officer is not None,
        "proves": any(one.proves for one in links),
    }
    return all(said.get(label, True) for label in file.policy.recordings.labels)


def _ended(rounds: Sequence[Round]) -> Round | None:
    """The last round in which an opinion was given."""
    return next((one for one in reversed(rounds) if one.opinion is not None), None)
