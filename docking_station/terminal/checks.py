"""How checked cases and proposals are told at a terminal (核查结果与关联建议的显示)."""

from __future__ import annotations

from collections.abc import Sequence

from docking_station.services.completeness import Checked, open_ones
from docking_station.services.proposals import Proposed
from docking_station.terminal.output import remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import visible

MARK_OPEN, MARK_WHOLE = "!", " "


def tell_checked(found: Sequence[Checked], *, has_policy: bool = True) -> None:
    """Print a line a finding, under its case, what is open marked; and how many there are.

    Without a policy nothing says what should have been recorded: then that is said.
    """
    last, waiting = "", {id(one) for one in open_ones(found)}
    for one in found:
        if one.called != last:
            say(visible(one.called))
        last, finding = one.called, one.finding
        answered = f" [{word('check_answered', notes=', '.join(finding.answered))}]" if finding.answered else ""
        mark, code = MARK_OPEN if id(one) in waiting else MARK_WHOLE, finding.recording or ""
        say(visible(f"{mark} {code:3} {one.says[language()]}{answered}"))
    counts = {"count": len(found), "whole": len(found) - len(waiting), "open": len(waiting)}
    none = "check_none" if has_policy else "check_no_policy"
    remark(word("check_sum", **counts) if found else word(none))


def tell_proposed(found: Sequence[Proposed]) -> None:
    """Print a line a proposal, the surest first, with its reasons."""
    for one in found:
        say(visible(f"{one.scored.clip}  {one.called}  {one.says[language()]}"))
    if not found:
        remark(word("no_proposals"))
