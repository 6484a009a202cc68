"""What a check or an ingest came to, at a terminal (结果显示): a person's lines, or one JSON document."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import language, word, zone
from docking_station.texts.plain import in_zone, size_text, span_text, visible
from ingest.card import KNOWN, KNOWN_WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from docking_station.services import clearing_check, ingest_card
    from docking_station.services.checkpoints import Verified
    from docking_station.services.holds import HoldChange
    from docking_station.services.verify import Verdict
    from ingest.journal import Held

LINES_MAX = 20
MINUTE_S = 60
KNOWN_WORDS = {KNOWN: "known_left", KNOWN_WHOLE: "known_whole_left"}
"""Known by its edges, and known by its bytes: two states, counted apart."""
ODD = {what: f"odd_{what}" for what in ("deleted", "added", "mended", "missing", "foreign", "modeless")}


def show_verdict(verdict: Verdict, *, as_json: bool) -> None:
    """Say what was checked and what differs."""
    if as_json:
        print_json({"checked": verdict.count, "failed": verdict.findings, "oddities": verdict.oddities})
        return
    here = zone()
    for finding in verdict.findings:
        expected, found = in_zone(finding.expected, here), in_zone(finding.found, here)
        difference = word("differs", what=finding.what, expected=expected, found=found)
        say(visible(f"{finding.clip} {finding.path}: {difference}"))
    differing = len({(finding.clip, finding.path) for finding in verdict.findings})
    if differing:
        say(word("differ_sum", failed=differing, count=verdict.count))
    else:
        say(word(verdict.text, count=verdict.count, size=size_text(verdict.size_bytes)))
    for odd in verdict.oddities:
        say(visible(word("odd", key=odd.key, what=word(ODD[odd.what]), version=odd.version)))


def show_hold(changed: HoldChange, zone: tzinfo, *, as_json: bool) -> None:
    """Say how the hold stands now, and what the storage refused."""
    if as_json:
        print_json({"clip": changed.clip, "state": changed.state, "refused": [one.code for one in changed.refused]})
        return
    say(word(f"hold_{changed.state}", clip=changed.clip))
    for error in changed.refused:
        say(visible(word("hold_refused", what=error.message(language(), zone))))


def show_trail(verified: Verified, *, as_json: bool) -> None:
    """Say whether the trail and its checkpoints are as they were written."""
    verdict, compared = verified.verdict, verified.compared
    if as_json:
        fault = None if verdict.fault is None else {"line": verdict.fault_line, "what": verdict.fault}
        found = {"held": compared.held, "earlier": compared.earlier}
        details = {"lines": verdict.lines, "root": verdict.root, "fault": fault}
        lost = None if verified.lost is None else {"code": verified.lost.code, "message": verified.lost.message()}
        backwards = [{"line": line, "before": before} for line, before in verified.backwards]
        print_json(
            details | {"checkpoints": found | {"faults": compared.faults}, "catalog": lost, "backwards": backwards}
        )
        return
    if verified.lost is not None:
        chosen = language()
        say(visible(f"{verified.lost.message(chosen, zone())} [{verified.lost.code}]"))
        say(f"→ {verified.lost.hint(chosen)}")
    if verdict.fault is not None:
        say(word("trail_fault", line=verdict.fault_line, what=verdict.fault))
    elif verified.is_valid:
        say(word("trail_holds", lines=verdict.lines, root=verdict.root))
    if verified.backwards:
        line, before = verified.backwards[0]
        say(word("trail_backwards", count=len(verified.backwards), line=line, before=before))
    for one in compared.faults:
        say(visible(word(f"checkpoint_{one.what}", key=one.key, first=one.first, last=one.last)))
    if compared.held:
        say(word("checkpoints_hold", count=compared.held))
    elif not compared.faults and verdict.fault is None:
        say(word("checkpoints_none"))
    if compared.earlier:
        say(word("checkpoints_earlier", count=compared.earlier))


def show_ingest(report: ingest_card.Report) -> None:
    """Say the sum, then what needs a look."""
    skipped, held, chinese = report.outcome.skipped, report.outcome.held, language() == "zh"
    say(
        word(
            "ingest_sum",
            filed=len(report.filed),
            size=size_text(sum(clip.size_bytes for clip in report.filed)),
            held=len(held),
            skipped=len(skipped),
            seconds=f"{report.seconds:.1f} s" if report.seconds < MINUTE_S else span_text(report.seconds),
        )
    )
    if held:
        say(word("held_heading"))
        for code in dict.fromkeys(one.code for one in held):
            _show_held(code, [one for one in held if one.code == code])
    if skipped:
        say(word("skipped_heading"))
        counted = Counter(left.reasons for left in skipped)
        others = [left for left in skipped if left.reasons not in KNOWN_WORDS]
        for left in others[:LINES_MAX]:
            say(f"  {visible(left.path)}: {left.reasons[chinese]}{f' {left.clip}' if left.clip else ''}")
        if len(others) > LINES_MAX:
            say(f"  … {len(others) - LINES_MAX}")
        for reasons, name in KNOWN_WORDS.items():
            if counted[reasons]:
                say(f"  {word(name, count=counted[reasons])}")


def _show_held(code: str, some: Sequence[Held]) -> None:
    """Say one reason once, with everything it kept: a full disk keeps a whole card."""
    said, others = some[0].said(language()), some[1:]
    say(f"  {visible(in_zone(said['message'], zone()))} [{code}]")
    for one in others[:LINES_MAX]:
        say(f"    {visible(one.path)}")
    if len(others) > LINES_MAX:
        say(f"    … {len(others) - LINES_MAX}")
    say(f"  → {visible(said['hint'])}")


def show_clearing(report: clearing_check.Report) -> None:
    """Say the sum, then what stays and why."""
    erased, left, chinese, here = report.clearing.erased, report.clearing.left, language() == "zh", zone()
    size = size_text(sum(one.size_bytes for one in erased))
    say(word("clearing_sum", erased=len(erased), size=size, left=len(left), others=report.others))
    for code, count in Counter(one.why.code for one in left).most_common():
        some = [one for one in left if one.why.code == code]
        say(f"{word('clearing_left', count=count)} [{code}]")
        for one in some[:LINES_MAX]:
            say(f"  {visible(one.path)}: {visible(in_zone(one.why.zh if chinese else one.why.en, here))}")
        if count > LINES_MAX:
            say(f"  … {count - LINES_MAX}")
