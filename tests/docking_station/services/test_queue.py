"""What waits to be linked, in groups of one sitting, and how sure each is."""

from __future__ import annotations

from pathlib import Path

from docking_station.services.queue import link_group, take_group_back, waiting
from tests.fakes.callers import ME
from tests.review.desk import FILES, FIRST, HOME_VISIT, OTHER, SEAL, SECOND, Filed, enter_cases


def test_clips_that_follow_each_other_are_one_group_until_they_are_linked(filed_dock: Filed, tmp_path: Path) -> None:
    with filed_dock(tmp_path / "home", FILES).opened() as station:
        enter_cases(station)
        found = waiting(station, ME, None)
        groups = [([clip.path for clip in one.clips], one.candidates[0].proposed.called) for one in found.groups]
        assert groups == [([OTHER], SEAL), ([SECOND, FIRST], HOME_VISIT)]
        assert {one.candidates[0].sureness for one in found.groups} == {"likely"}, "an officer in that time alone"
        assert [one.candidates[0].case.named for one in found.groups if one.candidates[0].case] == [
            "某社会组织",
            "某养老院",
        ]
        clips = [clip.id for clip in found.groups[1].clips]
        assert len(link_group(station, ME, clips, HOME_VISIT)) == 2
        assert len(waiting(station, ME, None).groups) == 1
        take_group_back(station, ME, clips, HOME_VISIT)
        assert len(waiting(station, ME, None).groups) == 2
