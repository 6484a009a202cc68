"""What can go wrong with the catalog (编目故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class CatalogUnreachable(StationError):
    """The catalog's database does not answer or refuses (编目数据库不可用)."""

    code, retry, exit_status, reach = "catalog.unreachable", True, 50, "all"
    en = (
        "The catalog cannot be used: {reason}.",
        "Check its disk or server, then run the same command again; nothing sealed is lost.",
    )
    zh = ("无法使用编目数据库：{reason}。", "请检查其磁盘或服务器，然后重新执行同一命令；已入库的资料不会丢失。")


class CatalogLost(CatalogUnreachable):
    """The catalog is gone, empty, or an older copy: it lacks what this station wrote (编目丢失).

    Whoever can wait for a catalog that is away waits for this one too.
    """

    code, retry, exit_status = "catalog.lost", True, 50
    en = (
        "The catalog at {url} is not the one this station wrote to: {what}.",
        "If its disk is away or an older copy was put there, bring the right one back; else `evidock rebuild`.",
    )
    zh = (
        "{url} 处的编目不是本站写入的编目：{what_zh}。",
        "若其磁盘未挂载或误放旧副本，请恢复原编目；否则执行 `evidock rebuild` 由保全库重建。",
    )


class CatalogBusy(StationError):
    """Another station, or another program of this one, makes a change of the same kind, and takes long (编目占用)."""

    code, retry, exit_status, reach = "catalog.busy", True, 50, "all"
    en = (
        "The catalog at {url} is being changed by another program ({what}), which takes long.",
        "Wait until it has ended, then run the same command again.",
    )
    zh = ("{url} 处的编目正由另一程序更改（{what}），耗时较长。", "请等待其结束，然后重新执行同一命令。")


class CatalogAddressBad(StationError):
    """The address of a catalog is none this station can use (编目地址无效)."""

    code, exit_status, reach = "catalog.address-bad", 50, "all"
    en = (
        "The catalog's address cannot be used: {what}.",
        "Write it like sqlite:////path/catalog.db or postgresql+psycopg://user@host/name.",
    )
    zh = (
        "编目数据库地址无效：{what}。",
        "请按 sqlite:////路径/catalog.db 或 postgresql+psycopg://用户@主机/库名 的格式填写。",
    )


class NoSuchClip(StationError):
    """No clip has this number (无此资料)."""

    code, exit_status = "catalog.no-such-clip", 51
    en = ("There is no clip {clip}.", "`evidock clips list` shows the clips there are.")
    zh = ("没有编号为 {clip} 的资料。", "执行 `evidock clips list` 查看现有资料。")
    page_hint = ("Look for it in the list of clips.", "请从音像资料列表中查找。")


class AmbiguousClip(StationError):
    """The beginning of a number fits several clips (编号不唯一)."""

    code, exit_status = "catalog.ambiguous-clip", 52
    en = ("{clip} is the beginning of more than one clip's number.", "Give more of the number.")
    zh = ("{clip} 对应多个资料编号。", "请输入更长的编号。")


class NoSuchCase(StationError):
    """No case has this number (无此案件)."""

    code, exit_status = "catalog.no-such-case", 53
    en = ("There is no case {case}.", "Enter it first: `evidock cases add NO --title …`.")
    zh = ("没有编号为 {case} 的案件。", "请先登记：`evidock cases add 编号 --title …`。")


class CaseExists(StationError):
    """A case with this number and another title is there already (案件已存在)."""

    code, exit_status = "catalog.case-exists", 54
    en = ("Case {case} is there already, as “{title}”.", "Choose another number, or leave the case as it is.")
    zh = ("案件 {case} 已存在，名称为“{title}”。", "请换一个编号，或保留现有案件。")


class NotLinked(StationError):
    """The clip belongs to no case (资料未关联案件)."""

    code, exit_status = "catalog.not-linked", 55
    en = ("Clip {clip} is not linked to a case.", "`evidock clips show {clip}` tells what it is linked to.")
    zh = ("资料 {clip} 未关联案件。", "执行 `evidock clips show {clip}` 查看关联情况。")


class ClipConflict(StationError):
    """A clip of this number was filed with another manifest (资料清单冲突)."""

    code, exit_status = "catalog.clip-conflict", 56
    en = (
        "Clip {clip} is filed with another manifest than {manifest}.",
        "Run `evidock clips verify {clip}` and tell whoever keeps the station.",
    )
    zh = ("资料 {clip} 已登记的清单与 {manifest} 不一致。", "请执行 `evidock clips verify {clip}` 并通知本站管理人员。")


class CatalogNotEmpty(StationError):
    """A catalog is rebuilt only into an empty place (目标编目非空)."""

    code, exit_status = "catalog.not-empty", 57
    en = ("There is a catalog at {url} already.", "Give the address of a database that does not exist yet or is empty.")
    zh = ("{url} 处已有编目。", "请指定一个尚不存在或为空的数据库地址。")


class BadCursor(StationError):
    """The page cannot be continued from there (翻页位置无效)."""

    code, exit_status = "catalog.bad-cursor", 58
    en = (
        "A list cannot go on after {after}: there is no such clip.",
        "Give the id of the last clip of the page before.",
    )
    zh = ("无法从 {after} 之后继续：没有该资料。", "请使用上一页最后一条资料的编号。")


class ManifestUnreadable(StationError):
    """A manifest is not of the form this version knows (清单无法识别)."""

    code, exit_status = "catalog.manifest-unreadable", 59
    en = (
        "The manifest {key} cannot be read: {reason}.",
        "Update Evidock, or have the vault checked: `evidock clips verify --all`.",
    )
    zh = ("无法读取清单 {key}：{reason}。", "请升级 Evidock，或检查保全库：`evidock clips verify --all`。")


class PolicyBad(StationError):
    """A policy file says something the station cannot use (管理制度文件有误); each thing has a line of its own."""

    code, exit_status, is_many = "catalog.policy-bad", 58, True
    en = ("{what}.", "Fix the line; `evidock policy example` prints a policy with every key explained.")
    zh = ("{what_zh}。", "请修改该行；执行 `evidock policy example` 可打印带说明的完整示例。")


class CalendarEnds(StationError):
    """The policy's calendar does not list a year, and says not to count without it (工作日历未列该年)."""

    code, exit_status = "catalog.calendar-ends", 58
    en = (
        "The calendar of the policy does not list {year}.",
        'Add the year under [calendar] once it is announced, or set beyond = "weekends" to count provisionally.',
    )
    zh = (
        "管理制度的工作日历未列 {year} 年。",
        '请在该年放假安排公布后补入 [calendar]，或设 beyond = "weekends" 暂按周末推算。',
    )


class PolicyNeedsAnother(StationError):
    """A policy that changes rights, erases sooner or keeps shorter is adopted by two people (制度发布须两人办理)."""

    code, exit_status = "catalog.policy-needs-another", 58
    en = (
        "This policy changes rights, erases sooner or keeps shorter: it needs two people, and {person} is one.",
        "Let another person type account and secret when asked; `evidock people secret` sets one.",
    )
    zh = (
        "该制度变更权限、提前清除或缩短保存期限，须两人办理，{person} 为其中一人。",
        "请由另一人按提示输入账户和个人口令；执行 `evidock people secret` 设置口令。",
    )


class PolicyOfVersion(StationError):
    """There is no policy of that version (无此版本制度)."""

    code, exit_status = "catalog.no-such-policy", 58
    en = (
        "There is no policy version {version}; {count} were adopted.",
        "`evidock policy show` shows the one in force.",
    )
    zh = ("没有第 {version} 版管理制度；共已发布 {count} 版。", "执行 `evidock policy show` 查看现行制度。")


class RowUnreadable(StationError):
    """A row of the catalog is no such thing any more: somebody altered it in the database (编目行无法读取)."""

    code, exit_status = "catalog.row-unreadable", 31
    en = (
        "A row of the catalog cannot be read: {what} ({reason}).",
        "Run `evidock clips verify --all`, which names every such row; `evidock rebuild` makes a catalog without them.",
    )
    zh = (
        "编目中有一行无法读取：{what}（{reason}）。",
        "请执行 `evidock clips verify --all` 列出所有此类行；`evidock rebuild` 可按签名记录重建编目。",
    )


class TrailUnreadable(StationError):
    """A line or node of the trail is no such thing any more: somebody altered it in the database (留痕无法读取)."""

    code, exit_status = "catalog.trail-unreadable", 32
    en = (
        "The trail was altered: {what} cannot be read any more.",
        "Run `evidock trail verify`, keep a copy of the catalog as it is, and find out who had access to it.",
    )
    zh = (
        "操作留痕已被改动：{what} 无法读取。",
        "请执行 `evidock trail verify`，按现状备份编目，并查明有访问权限的人员。",
    )


class NoSuchChore(StationError):
    """No chore has this id (无此任务)."""

    code, exit_status = "catalog.no-such-chore", 51
    en = ("There is no chore {chore}.", "`evidock chores list` shows the IDs.")
    zh = ("没有编号为 {chore} 的任务。", "执行 `evidock chores list` 查看编号。")


class ChoreLost(StationError):
    """A chore is no longer this worker's: cancelled, or taken over after its lease (任务已失效)."""

    code, exit_status = "catalog.chore-lost", 55
    en = (
        "Chore {chore} is no longer this worker's: it was cancelled, or another worker took it over.",
        "Nothing needs to be done; what this worker made of it was removed.",
    )
    zh = ("任务 {chore} 已取消或由其他进程接手。", "无需处理；本进程的结果已丢弃。")


class ChoreKillsWorkers(StationError):
    """A chore whose worker died every time (任务反复导致进程中断)."""

    code, exit_status = "catalog.chore-kills", 55
    en = (
        "Its worker died, or was cut off, {attempts} times in a row.",
        "Look at the clip by hand and at the worker's log; `evidock chores retry` tries again.",
    )
    zh = ("处理进程连续 {attempts} 次中断。", "请人工查看该资料及处理进程日志；可执行 `evidock chores retry` 重试。")


class DisposalNotAsked(StationError):
    """Nobody asked for this disposal yet (未提出处置申请)."""

    code, exit_status = "catalog.disposal-not-asked", 55
    en = ("Nobody asked for the disposal of {clip}.", "Ask with `evidock vault dispose {clip} --reason WHY`.")
    zh = ("资料 {clip} 尚无处置申请。", "请执行 `evidock vault dispose {clip} --reason 原因` 提出申请。")


class ClockNeedsAnother(StationError):
    """The same person asked and confirmed that the clock is right (时钟须由另一人确认)."""

    code, exit_status = "catalog.clock-needs-another", 55
    en = (
        "{person} said already that the clock is right; it needs another person to confirm.",
        "Let somebody else log in and run `evidock clock confirm` within the hour, or type account and secret here",
    )
    zh = (
        "{person} 已申请确认时钟，须由另一人确认。",
        "请由另一人在一小时内登录并执行 `evidock clock confirm`，或在此输入其账户和个人口令。",
    )


class DisposalNeedsAnother(StationError):
    """The same person asked and confirmed (处置须由另一人确认)."""

    code, exit_status = "catalog.disposal-needs-another", 55
    en = (
        "{person} asked for the disposal of {clip}; it needs another person to confirm.",
        "Let somebody else log in and run `evidock vault dispose {clip}`, or type account and secret here",
    )
    zh = (
        "资料 {clip} 的处置由 {person} 申请，须由另一人确认。",
        "请由另一人登录后执行 `evidock vault dispose {clip}`，或在此输入其账户和个人口令。",
    )


class NotHeld(StationError):
    """No hold stands on the clip (未处于保留)."""

    code, exit_status = "catalog.not-held", 55
    en = ("No hold stands on {clip}.", "`evidock clips holds` lists those that stand.")
    zh = ("资料 {clip} 未处于依法保留状态。", "执行 `evidock clips holds` 查看现有保留。")


class HoldEndNotAsked(StationError):
    """Nobody asked for the end of this hold yet (未申请解除保留)."""

    code, exit_status = "catalog.hold-end-not-asked", 55
    en = ("Nobody asked for the end of the hold on {clip}.", "Ask with `evidock clips unhold {clip} --reason WHY`.")
    zh = ("尚未申请解除资料 {clip} 的依法保留。", "请执行 `evidock clips unhold {clip} --reason 原因` 提出申请。")


class HoldNeedsAnother(StationError):
    """The same person asked for the end of a hold and confirmed it (解除保留须由另一人确认)."""

    code, exit_status = "catalog.hold-needs-another", 55
    en = (
        "{person} asked for the end of the hold on {clip}; it needs another person to confirm.",
        "Let somebody else log in and run `evidock clips unhold {clip}`, or type account and secret here",
    )
    zh = (
        "{person} 已申请解除资料 {clip} 的依法保留，须由另一人确认。",
        "请由另一人登录后执行 `evidock clips unhold {clip}`，或在此输入其账户和个人口令。",
    )


class NoSuchRequest(StationError):
    """There is no request or copy of that number (无此申请或副本)."""

    code, exit_status = "catalog.no-such-request", 53
    en = (
        "There is no request or copy {request}.",
        "`evidock requests list` and `register` list them.",
    )
    zh = ("没有编号为 {request} 的申请或副本。", "执行 `evidock requests list` 或 `evidock requests register` 查看。")


class RequestState(StationError):
    """What is to be done does not follow on the state of the request or copy (申请状态不符)."""

    code, exit_status = "catalog.request-state", 55
    en = (
        "{request} is {state}: that does not follow.",
        "`evidock requests show {request}` tells what was done.",
    )
    zh = ("不能对 {request} 执行此操作：{state_zh}。", "执行 `evidock requests show {request}` 查看办理情况。")


class RequestPerson(StationError):
    """This person may not do that with the request (经办人不符)."""

    code, exit_status = "catalog.request-person", 55
    en = ("You may not do that with {request}: {what}.", "{todo}.")
    zh = ("您不能办理 {request}：{what_zh}。", "请{todo_zh}。")

    def __init__(self, **facts: object) -> None:
        todo = "Let the right person log in, or type account and secret here"
        super().__init__(**{"todo": todo, "todo_zh": "由相应人员登录办理，或在此输入其账户和个人口令", **facts})


class RequestTooWide(StationError):
    """A grant opens no more than was asked for, and the policy lets (批准超出申请范围)."""

    code, exit_status = "catalog.request-too-wide", 55
    en = ("{request} cannot be granted so: {what}.", "{todo}.")
    zh = ("不能如此批准 {request}：{what_zh}。", "请{todo_zh}。")

    def __init__(self, **facts: object) -> None:
        todo, todo_zh = "Narrow the grant, or let the asker ask anew", "缩小批准范围，或由申请人重新申请"
        super().__init__(**{"todo": todo, "todo_zh": todo_zh, **facts})


class NotGranted(StationError):
    """No grant lets that leave the house (未获批准)."""

    code, exit_status = "catalog.not-granted", 55
    en = ("{request} lets no such copy be made: {what}.", "Ask anew with `evidock requests ask`.")
    zh = ("{request} 不能据以制作副本：{what_zh}。", "请执行 `evidock requests ask` 重新申请。")


class AlreadyDisposed(StationError):
    """The original is gone, by two people's act (原件已处置)."""

    code, exit_status = "catalog.already-disposed", 55
    en = ("{clip} is disposed of already.", "`evidock trail show --subject {clip}` tells by whom and why.")
    zh = ("资料 {clip} 已处置。", "执行 `evidock trail show --subject {clip}` 查看经办人及原因。")
    page_hint = ("Its trail says by whom and why: ask the auditor.", "经办人及原因见操作留痕，请联系审计人员。")


class NotDue(StationError):
    """The original must still be kept (未到处置期限)."""

    code, exit_status = "catalog.not-due", 55
    en = ("{clip} must still be kept: {what}.", "`evidock vault due` lists what may be disposed of.")
    zh = ("资料 {clip} 仍须保存：{what_zh}。", "执行 `evidock vault due` 查看可处置的资料。")


class WordsUnfit(StationError):
    """What was typed says nothing, or what nobody can read: it would be signed for ever (录入内容不合要求)."""

    code, exit_status = "catalog.words-unfit", 58
    en = ("`{field}` {what}.", "Nothing was signed; type it again.")
    zh = ("“{field}”{what_zh}。", "未登记任何内容，请改正后重新录入。")


class ActUnknown(StationError):
    """An act says what this version cannot carry out (变更无法识别)."""

    code, exit_status = "catalog.act-unknown", 59
    en = (
        "The change `{action}` is none this version can carry out: {reason}.",
        "Update Evidock: a newer one wrote it.",
    )
    zh = ("本版本无法执行变更“{action}”：{reason}。", "请升级 Evidock。")


class CatalogNotCopied(StationError):
    """The catalog could not be copied whole, or put back (编目未能整体复制)."""

    code, exit_status = "catalog.not-copied", 18
    en = (
        "{tool} did not copy the catalog: {reason}.",
        "Check the disk; of PostgreSQL, install the client of the server's version.",
    )
    zh = ("{tool} 未能复制编目：{reason}。", "请检查磁盘；使用 PostgreSQL 时，请安装与服务器版本一致的客户端。")


class NoSuchRelease(StationError):
    """There is no release of that number (无此公示)."""

    code, exit_status = "catalog.no-such-release", 53
    en = ("There is no release {release}.", "`evidock releases list` lists them.")
    zh = ("没有编号为 {release} 的音像公示。", "执行 `evidock releases list` 查看。")


class ReleaseState(StationError):
    """What is to be done does not follow on the state of the release (公示状态不符)."""

    code, exit_status = "catalog.release-state", 55
    en = ("{release} is in another state ({state}): that does not follow.", "`evidock releases show {release}` tells.")
    zh = ("不能对 {release} 执行此操作：{state_zh}。", "执行 `evidock releases show {release}` 查看办理情况。")


class NotReleased(StationError):
    """This clip is not released to the public (不得公开)."""

    code, exit_status = "catalog.not-released", 55
    en = ("{clip} is not released: {what}.", "What may be released, the policy says.")
    zh = ("{clip} 不得公开：{what_zh}。", "可公开的范围以执法制度配置为准。")


class RecipeUnfit(StationError):
    """A copy for release cannot be made so (遮盖方案不符合要求)."""

    code, exit_status = "catalog.recipe-unfit", 65
    en = ("The copy of {release} cannot be made so: {what}.", "The page of the release shows what to change.")
    zh = ("{release} 的副本不能这样制作：{what_zh}。", "请在该公示的页面上修改。")
