"""What is said of completeness and of proposals (应录环节、关联建议): one sentence a finding, one a reason.

Shapes: `VERDICTS` and `REASONS` have for each code the sentence in English and Chinese; their facts are put in by
`said` and `reason_said`. A record is told by its step in English, by its name in Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from catalog.station_error import Language
from docking_station.texts.plain import called, span_text

if TYPE_CHECKING:
    from catalog.rules.bureau_policy import BureauPolicy
    from catalog.rules.completeness import Finding
    from catalog.rules.matching import Reason

LANGUAGES: tuple[Language, Language] = ("en", "zh")
NOBODY: Mapping[str, str] = MappingProxyType({})

WORDS: dict[str, tuple[str, str]] = {
    "check_no_policy": (
        "Nothing could be checked: no policy says what must be recorded. See `evidock policy example --civil-affairs`.",
        "未能核查：尚未发布管理制度，没有应录规定。可参照 `evidock policy example --civil-affairs`。",
    ),
    "check_none": ("No record wants footage, and nothing is wrong.", "没有应录环节，也没有问题。"),
    "check_sum": (
        "{count} records looked at: {whole} in order, {open} to be answered.",
        "共核查 {count} 项：{whole} 项齐全，{open} 项待处理。",
    ),
    "check_answered": ("answered by {notes}", "已有情况说明：{notes}"),
    "case_noted": ("The note stands in case {case} as {note}.", "情况说明已记入案件 {case}（{note}）。"),
    "check_cases": ("checking cases", "核查案件"),
    "propose": ("comparing clips with cases", "比对资料与案件"),
    "no_proposals": ("No case is proposed for any clip.", "没有关联建议。"),
    "proposals_confirmed": ("{count} links entered.", "已确认 {count} 项关联。"),
    "proposals_undone": ("{count} links taken back.", "已撤回 {count} 项关联。"),
}

VERDICTS: dict[str, tuple[str, str]] = {
    # ---- records and their footage
    "met": ("recorded", "已有音像记录"),
    "noted": ("not recorded; a note says why", "未录，已有情况说明"),
    "missing": ("should have been recorded, and nothing was{maybe}", "应录未录{maybe}"),
    "no-reason": ("not recorded, and no note says why{maybe}", "未录且无情况说明{maybe}"),
    "late-start": ("the recording begins {span} late", "开录偏晚 {span}"),
    "early-end": ("the recording ends {span} early", "停录偏早 {span}"),
    "gap": ("the recording has a hole of {span}", "记录中断 {span}"),
    "wrong-holder": ("recorded by somebody who is not on the case: {holders}", "持有人不符，非本案承办人：{holders}"),
    "unplayable": ("the recording cannot be played", "录像无法播放"),
    "clock-wrong": (
        "the recorder's clock may be wrong by {unsure}: a person must say when it was",
        "记录仪时钟有误（误差可达 {unsure}），须人工确认时间",
    ),
    "wrong-medium": ("recorded, but on the wrong medium: {media} is wanted", "载体不符，应为{media}"),
    "linked-elsewhere": ("the footage is linked to another case: {cases}", "音像已关联到其他案件：{cases}"),
    "time-missing": ("the record does not say from when to when it was", "文书未写明起止时间"),
    # ---- the case
    "decision-late": (
        "decided late: {due} was the last day ({rule}), {done}",
        "决定逾期：应不迟于 {due}（{rule}），{done}",
    ),
    "publish-late": (
        "published late: {due} was the last day ({rule}), {done}",
        "公示逾期：应不迟于 {due}（{rule}），{done}",
    ),
    "withdraw-late": (
        "taken down late after the decision ceased to stand: {due} was the last day ({rule}), {done}",
        "决定失效后撤下公示逾期：应不迟于 {due}（{rule}），{done}",
    ),
    "preserve-late": (
        "what was preserved was decided on late: {due} was the last day ({rule}), {done}",
        "先行登记保存处理逾期：应不迟于 {due}（{rule}），{done}",
    ),
    "limit-late": ("a limit was passed, {due} ({rule}), {done}", "{zh}逾期：应不迟于 {due}（{rule}），{done}"),
    "limit-early": ("earlier than {due} allows ({rule}), {done}", "{zh}不足：不得早于 {due}（{rule}），{done}"),
    "not-reviewed": (
        "decided without the legal review that {rule} asks for, {done}",
        "未经法制审核即作出决定（{rule} {zh}），{done}",
    ),
    "matter-not-reviewed": (
        "decided without a legal review, which every decision on matter {rule} needs, {done}",
        "该事项（{rule}）的决定一律须法制审核，未见审核，{done}",
    ),
    "review-unsure": (
        "a fine of {fine} yuan is a large one if the party is a person; then it had to be reviewed, {done}",
        "罚款 {fine} 元，当事人为公民的属较大数额，须法制审核，请核实，{done}",
    ),
    "decided-before-review": (
        "decided before the legal review passed on {due} ({rule}), {done}",
        "法制审核（{due}）通过前已作出决定（{rule}），{done}",
    ),
    "force-on-day-off": ("executed on a day off, {done} ({rule})", "在休息日或者法定节假日强制执行，{done}（{rule}）"),
    "force-at-night": ("executed at night, {done} ({rule})", "夜间强制执行，{done}（{rule}）"),
    "paper-missing": ("the case was closed without {paper} ({rule})", "已结案，缺少必备文书：{paper}"),
    "step-missing": ("the case was closed without a step it needs: {step_name}", "已结案，缺少必经步骤：{step_name}"),
    "card-ended": ("the card of {officer} had ended on {due}, {done}", "{officer} 的执法证已于 {due} 到期，{done}"),
}
MAYBE = (
    "; {count} clips of its officers from then are linked to no case",
    "；承办人当时有 {count} 段音像尚未关联案件，请核实",
)
HAD = ("; a recorder was held then: {holders}", "；当时持有记录仪：{holders}")
MEDIA: Mapping[str, tuple[str, str]] = {
    "video": ("video", "录像"),
    "audio": ("sound", "录音"),
    "image": ("stills", "照片"),
}
DONE, NOT_YET = ("it was on {day}", "实际为 {day}"), ("it is not done yet", "尚未办理")
DAY_S, MORE_THAN_A_DAY = 86_400, ("more than a day", "一天以上")
HEAD = ("{record}, {at}: ", "《{record}》（{at}）：")

PROPOSED = ("{score:.2f}: {why}.", "可信度 {score:.2f}：{why}。")
PAUSE: Mapping[str, str] = {"en": "; ", "zh": "；"}
REASONS: dict[str, tuple[str, str]] = {
    "number": ("the number of the case stands in “{text}”", "“{text}”中有本案编号"),
    "record": (
        "{who}, an officer of the case, had the recorder, and its time is that of the {record} of {at}",
        "承办人 {who} 持有该记录仪，时间与《{record}》（{at}）相符",
    ),
    "room": (
        "the camera of that room recorded at the time of the {record} of {at}",
        "该场所的固定摄像在《{record}》（{at}）期间采集",
    ),
    "time": (
        "{who}, an officer of the case, recorded it within the time of the case",
        "承办人 {who} 在案件办理期间采集",
    ),
    "party": ("“{text}” names the party", "“{text}”与当事人相符"),
    "neighbour": (
        "it goes on where another clip stops that fits this case, {clip}",
        "与另一份符合本案的资料首尾相接（{clip}）",
    ),
    "day": ("a record of the case is of the same day, {day}", "本案有同日（{day}）的文书"),
    "place": ("its place is that of a record, {text}", "地点与文书相符：{text}"),
    "name": ("{who}, an officer of the case, is named", "提到承办人 {who}"),
    "duty": ("{who} was on duty that day", "{who} 当日值班"),
    "rival": ("case {case} fits as well: a person decides", "案件 {case} 同样符合，须人工判断"),
}


def said(finding: Finding, policy: BureauPolicy, zone: tzinfo, names: Mapping[str, str] = NOBODY) -> dict[str, str]:
    """The sentence of a finding in both languages; who is meant by name, where `names` has one for their number."""
    named = replace(finding, facts=_named(finding.facts, names))
    return {language: _said(named, policy, zone, is_zh=language == "zh") for language in LANGUAGES}


def _said(finding: Finding, policy: BureauPolicy, zone: tzinfo, *, is_zh: bool) -> str:
    facts = finding.facts
    told: dict[str, object] = {name: _shown(value, zone, is_zh=is_zh) for name, value in facts.items()}
    told |= {
        "span": span_text(finding.seconds),
        "unsure": _unsure(facts.get("unsure_s", 0), is_zh=is_zh),
        "maybe": _maybe(finding, str(told.get("holders", "")), is_zh=is_zh),
        "media": ("或" if is_zh else " or ").join(MEDIA[one][is_zh] for one in _media(finding, policy)),
        "done": DONE[is_zh].format(day=_shown(facts["done"], zone)) if facts.get("done") else NOT_YET[is_zh],
        "paper": _paper(policy, str(facts.get("rule", "")), is_zh=is_zh),
        "step_name": _step(policy, facts, is_zh=is_zh),
    }
    sentence = VERDICTS[finding.verdict][is_zh].format_map(told)
    if "at" not in facts:
        return sentence
    record = _record(policy, facts, is_zh=is_zh)
    at = _day(facts["at"], zone) if facts.get("is_day") else _shown(facts["at"], zone)
    return HEAD[is_zh].format(record=record, at=at) + sentence


def reason_said(
    reason: Reason, policy: BureauPolicy, zone: tzinfo, names: Mapping[str, str] = NOBODY
) -> dict[str, str]:
    """The sentence of a reason in both languages; who is meant by name, where `names` has one for their number."""
    told = {name: _shown(value, zone) for name, value in _named(reason.facts, names).items()}
    return {
        language: REASONS[reason.code][language == "zh"].format_map(
            told | {"record": _record(policy, reason.facts, is_zh=language == "zh")}
        )
        for language in LANGUAGES
    }


def proposal_said(score: float, reasons: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """How sure a proposal is, and why, in one sentence in both languages."""
    joined = {language: PAUSE[language].join(one[language] for one in reasons) for language in LANGUAGES}
    return {language: PROPOSED[language == "zh"].format(score=score, why=why) for language, why in joined.items()}


def _maybe(finding: Finding, holders: str, *, is_zh: bool) -> str:
    """What there is all the same of a record that lacks its footage."""
    if finding.clips:
        return MAYBE[is_zh].format(count=len(finding.clips))
    return HAD[is_zh].format(holders=holders) if holders else ""


def _unsure(seconds: object, *, is_zh: bool) -> str:
    return span_text(seconds) if int(str(seconds)) < DAY_S else MORE_THAN_A_DAY[is_zh]


def _media(finding: Finding, policy: BureauPolicy) -> tuple[str, ...]:
    return next((one.media for one in policy.recordings.every if one.code == finding.recording), ())


def _record(policy: BureauPolicy, facts: Mapping[str, object], *, is_zh: bool) -> str:
    """A record by its name, or by its step where the language is English."""
    if is_zh:
        return _paper(policy, str(facts.get("type", "")), is_zh=True)
    return _step(policy, facts, is_zh=False)


def _step(policy: BureauPolicy, facts: Mapping[str, object], *, is_zh: bool) -> str:
    code = str(facts.get("step", ""))
    return next((step.zh if is_zh else step.en for step in policy.steps if step.code == code), code)


def _paper(policy: BureauPolicy, code: str, *, is_zh: bool) -> str:
    return next((one.zh for one in policy.papers.every if is_zh and one.code == code), code)


def _named(facts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Facts in which people are called by name; beside a recorder the name is enough."""
    found = dict(facts)
    for one in found.keys() & {"officer", "who"}:
        found[one] = called(names, found[one])
    if "holders" in found:
        found["holders"] = [(names.get(who, who), recorder) for who, recorder in found["holders"]]
    return found


def _shown(value: object, zone: tzinfo, *, is_zh: bool = False) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        each = (" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
        return ("、" if is_zh else ", ").join(each)
    return str(value)


def _day(at: object, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}" if isinstance(at, datetime) else str(at)
