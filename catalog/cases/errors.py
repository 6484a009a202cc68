"""What can go wrong with cases, links and written records (案件故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class CaseAmbiguous(StationError):
    """A number is several cases' (案件编号不唯一)."""

    code, exit_status = "catalog.case-ambiguous", 52
    en = ("{case} may be one of several cases: {candidates}.", "Give the id, or another number, of the one you mean.")
    zh = ("{case} 对应多个案件：{candidates}。", "请改用其标识或其他编号。")


class CaseMerged(StationError):
    """The case went into another (案件已合并)."""

    code, exit_status = "catalog.case-merged", 55
    en = ("Case {case} was merged into {into}.", "Give {into} instead.")
    zh = ("案件 {case} 已并入 {into}。", "请改用 {into}。")


class CaseClosed(StationError):
    """The case is closed already (案件已结案)."""

    code, exit_status = "catalog.case-closed", 55
    en = ("Case {case} was closed on {day}.", "`evidock cases change {case} --state open` opens it again.")
    zh = ("案件 {case} 已于 {day} 结案。", "如须继续办理，请执行 `evidock cases change {case} --state open`。")


class CaseUnfinished(StationError):
    """The policy asks for more before the case is closed (不具备结案条件)."""

    code, exit_status = "catalog.case-unfinished", 55
    en = (
        "Case {case} cannot be closed, {count} things are open: {what}",
        "Enter what is missing, answer the rest (`evidock cases note`); or two people close it: `--despite WHY`.",
    )
    zh = (
        "案件 {case} 尚不具备结案条件，{count} 项待处理：{what_zh}",
        "请补录或作出情况说明（`evidock cases note`）；确须结案的，由两人执行 `--despite 理由`。",
    )


class ClosingNeedsAnother(StationError):
    """Two people close a case that is not in order (须两人结案)."""

    code, exit_status = "catalog.closing-needs-another", 55
    en = (
        "{person} cannot close case {case} alone: it is not in order.",
        "Run it again with a second person there, who types account and secret.",
    )
    zh = ("{person} 不能单独将案件 {case} 结案：尚有待处理事项。", "请由第二人在场，重新执行并输入其账户和个人口令。")


class LinkAmbiguous(StationError):
    """The clip belongs to several cases, and none was named (关联不唯一)."""

    code, exit_status = "catalog.link-ambiguous", 52
    en = ("Clip {clip} belongs to several cases: {candidates}.", "Name one: `--case NO`.")
    zh = ("资料 {clip} 关联多个案件：{candidates}。", "请用 `--case 编号` 指明。")


class NoSuchPaper(StationError):
    """No written record has this number or id (无此文书)."""

    code, exit_status = "catalog.no-such-paper", 53
    en = ("There is no written record {paper}.", "`evidock papers list` shows the written records there are.")
    zh = ("没有编号为 {paper} 的文书。", "执行 `evidock papers list` 查看现有文书。")


class PaperAmbiguous(StationError):
    """A number is several written records' (文号不唯一)."""

    code, exit_status = "catalog.paper-ambiguous", 52
    en = ("{paper} may be one of several written records: {candidates}.", "Give the id of the one you mean.")
    zh = ("{paper} 对应多份文书：{candidates}。", "请改用其标识。")


class NoScan(StationError):
    """A written record has no scan (无扫描件)."""

    code, exit_status = "catalog.no-scan", 53
    en = ("Written record {paper} has no scan.", "`evidock papers scan {paper} FILE` gives it one.")
    zh = ("文书 {paper} 没有扫描件。", "执行 `evidock papers scan {paper} 文件` 录入扫描件。")


class NoSuchPart(StationError):
    """The person has no such part in the case (无此指定或回避)."""

    code, exit_status = "catalog.no-such-part", 53
    en = ("{person} has no such part in case {case}.", "`evidock cases show {case}` shows who reviews, and is recused.")
    zh = ("{person} 在案件 {case} 中无此指定或回避。", "执行 `evidock cases show {case}` 查看审核人和回避人员。")


class NoSuchReview(StationError):
    """No round of a legal review has this number (无此法制审核)."""

    code, exit_status = "catalog.no-such-review", 53
    en = ("There is no legal review {review}.", "`evidock reviews list` shows those there are.")
    zh = ("没有编号为 {review} 的法制审核。", "执行 `evidock reviews list` 查看现有审核。")


class ReviewState(StationError):
    """What is to be done does not follow on the state of the round (审核状态不符)."""

    code, exit_status = "catalog.review-state", 55
    en = ("{review}: {state}; that does not follow.", "`evidock reviews show {review}` tells what was done.")
    zh = ("不能对 {review} 执行此操作：{state_zh}。", "执行 `evidock reviews show {review}` 查看办理情况。")
    page_hint = ("Its page tells what was done.", "办理情况见该审核页面。")


class ReviewUnfit(StationError):
    """A step of a legal review cannot be taken so (法制审核事项不符)."""

    code, exit_status = "catalog.review-unfit", 55
    en = ("{review} cannot go on so: {what}.", "Correct what is named, then do it again.")
    zh = ("{review} 不能如此办理：{what_zh}。", "请更正上述问题后重新办理。")


class ReviewIncomplete(StationError):
    """What must be sent for a legal review is not in the case yet (送审材料不全)."""

    code, exit_status = "catalog.review-incomplete", 55
    en = ("Case {case} cannot be sent for review, it lacks: {what}.", "Enter these written records, then send it.")
    zh = ("案件 {case} 送审材料不全，缺：{what_zh}。", "请录入上述文书后再送审。")


class ClipsUnopened(StationError):
    """The reviewer has not opened clips that the policy wants opened before an opinion (应调阅的音像未调阅)."""

    code, exit_status = "catalog.clips-unopened", 55
    en = (
        "{review}: open these clips before the opinion: {clips}.",
        "Open each first; what you are not shown, once a head names you on the case.",
    )
    zh = (
        "{review}：出具意见前须调阅下列资料：{clips}。",
        "请逐个调阅后再出具意见；看不到的资料，请负责人将您指定为本案审核人。",
    )


class NotReviewed(StationError):
    """No decision before legal review has passed (未经法制审核或者审核未通过的，不得作出决定)."""

    code, exit_status = "catalog.not-reviewed", 55
    en = (
        "Case {case} must not be decided before legal review ({rule}): {what}.",
        "Send it: `evidock reviews send {case}`; only a passed review after the last change opens the way.",
    )
    zh = (
        "案件 {case} 未通过法制审核，不得作出决定（{rule}）：{what_zh}。",
        "请执行 `evidock reviews send {case}` 送审；最后一次变更之后审核通过的，方可作出决定。",
    )
    page_hint = (
        "Send it for legal review; what was changed since is reviewed again.",
        "请送法制审核；审核后有变更的，须重新送审。",
    )


class NoSuchDisclosure(StationError):
    """No publication has this id (无此公示)."""

    code, exit_status = "catalog.no-such-disclosure", 53
    en = ("There is no publication {disclosure}.", "`evidock disclosures list` shows what is public, and what is due.")
    zh = ("没有编号为 {disclosure} 的公示。", "执行 `evidock disclosures list` 查看公示情况。")


class DisclosureUnfit(StationError):
    """A decision cannot be made public, corrected or withdrawn so (不能公示、更正或撤下)."""

    code, exit_status = "catalog.disclosure-unfit", 55
    en = ("The disclosure of case {case} cannot be entered: {what}.", "`evidock disclosures show {case}` shows it.")
    zh = ("案件 {case} 的公示不能登记：{what_zh}。", "执行 `evidock disclosures show {case}` 查看。")
    page_hint = ("Look at its page again.", "请刷新页面核对。")


class ExceptionNeedsAnother(StationError):
    """Two people keep a decision from the public (不予公示须两人)."""

    code, exit_status = "catalog.exception-needs-another", 55
    en = (
        "{person} cannot keep the decision of case {case} from the public alone.",
        "Run it again with a second person there, who types account and secret.",
    )
    zh = ("{person} 不能单独决定案件 {case} 不予公示。", "请由第二人在场，重新执行并输入其账户和个人口令。")
