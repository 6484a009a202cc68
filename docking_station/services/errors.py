"""What a person is told who may not do something yet, or not so (权限提示)."""

from __future__ import annotations

from catalog.station_error import StationError
from docking_station.station.errors import NotAllowed, SecretWrong


class RequestNeeded(NotAllowed):
    """It is allowed once a request for it is approved (须申请批准)."""

    code = "station.request-needed"
    en = (
        "This ({action}) needs an approved request ({rule}).",
        "Ask for it: `evidock requests ask`; the head of the unit that recorded it decides.",
    )
    zh = (
        "不能直接{action_zh}：{rule_zh}。",
        "请执行 `evidock requests ask` 提出申请，由采集单位负责人审批。",
    )
    page_hint = (
        "Ask the evidence custodian to enter a request; the head of the unit that recorded it decides.",
        "请由音像资料管理员登记申请，由采集单位负责人审批。",
    )


class ReasonNeeded(NotAllowed):
    """It is allowed for a reason, which stands on the trail (须说明事由)."""

    code = "station.reason-needed"
    en = ("This ({action}) needs a reason ({rule}).", "Give it with --reason; it holds for a while.")
    zh = ("不能直接{action_zh}：{rule_zh}。", "请用 --reason 说明事由，一段时间内有效。")
    page_hint = ("Open the clip itself and type your reason there.", "请打开该资料页面并填写事由。")


class SeatsBad(StationError):
    """The list a bureau begins with cannot be used (初始人员名单有误)."""

    code, exit_status = "station.seats-bad", 60
    en = (
        "The list {path} cannot be used: {what}.",
        "One row a person: number, name, unit, title, account; see docs/commands.md.",
    )
    zh = ("名单 {path} 无法使用：{what_zh}。", "每人一行：人员编号、姓名、科室、岗位、账户，见 docs/commands.md。")


class NoSuchTitle(StationError):
    """The policy has no such title, and it is none of the seven roles (无此岗位)."""

    code, exit_status = "station.no-such-title", 60
    en = ("There is no title {title}.", "Use one of: {able}.")
    zh = ("没有岗位 {title}。", "可用岗位：{able}。")


class NoSuchSearch(StationError):
    """Nothing was saved under this name (无此常用检索)."""

    code, exit_status = "station.no-such-search", 60
    en = ("You saved no search {name}.", "`evidock clips searches` lists yours.")
    zh = ("您未保存名为 {name} 的检索。", "执行 `evidock clips searches` 查看已保存的检索。")


class SearchesUnfit(StationError):
    """Saved searches cannot be read or kept (常用检索无法读写)."""

    code, exit_status = "station.searches-unfit", 14
    en = ("{path}: saved searches cannot be kept so: {reason}.", "Correct what is named, or move the file away.")
    zh = ("{path}：无法读取或保存常用检索：{reason_zh}。", "请更正上述问题，或移走该文件。")
    page_hint = ("Choose a shorter name, or delete some that you keep.", "请缩短名称，或删除一些已保存的检索。")


class SignInNeeded(NotAllowed):
    """People are entered here, and a page does not know who asks (须登录)."""

    code = "station.sign-in-needed"
    en = ("Nobody is signed in.", "Sign in with your account and your own secret, then ask again.")
    zh = ("尚未登录。", "请用本人账户和个人口令登录后重试。")


class FormNotOurs(NotAllowed):
    """What was sent carries no token of a page that this session was shown (非本站页面发出)."""

    code = "station.form-not-ours"
    en = ("This did not come from a page that is open now.", "Load the page again, then do it once more.")
    zh = ("请求不是由当前打开的页面发出。", "请刷新页面后重试。")


class TooMany(StationError):
    """Asked more often than is let pass (请求过于频繁)."""

    code, retry, exit_status = "station.too-many", True, 17
    en = ("This is asked too often.", "Wait {seconds} s, then try again.")
    zh = ("请求过于频繁。", "请等待 {seconds} 秒后重试。")


class TokenBad(SignInNeeded):
    """A program came with a token that is none, is over, or is not for where it asks from (令牌无效)."""

    code = "station.token-bad"
    en = ("The token is not valid here, or no more.", "Have a new one issued: `evidock tokens add`.")
    zh = ("令牌无效或者已失效。", "请执行 `evidock tokens add` 签发新令牌。")


class ScopeLacks(NotAllowed):
    """A token is not for this (令牌权限不足)."""

    code = "station.scope-lacks"
    en = ("The token lacks the scope {scope}.", "Have one issued that has it: `evidock tokens add --scope {scope}`.")
    zh = ("令牌不含权限范围 {scope}。", "请执行 `evidock tokens add --scope {scope}` 另行签发。")


class PersonNeeded(NotAllowed):
    """What a person signs for no token does (须本人登录办理)."""

    code = "station.person-needed"
    en = ("No token does this: a person signs for it.", "Sign in with your account and your own secret.")
    zh = ("该操作不能使用令牌，须由本人办理。", "请用本人账户和个人口令登录后办理。")


class TokenUnfit(StationError):
    """No token can be so (令牌参数有误)."""

    code, exit_status = "station.token-unfit", 17
    en = ("There can be no such token: {what}.", "Correct what is named.")
    zh = ("无法签发该令牌：{what_zh}。", "请更正上述问题。")


class NoSuchToken(StationError):
    """No token that goes on has this number (无此令牌)."""

    code, exit_status = "station.no-such-token", 15
    en = ("There is no token {token} that you could end.", "`evidock tokens list` shows yours.")
    zh = ("没有可由您注销的令牌 {token}。", "执行 `evidock tokens list` 查看。")


class NoSuchImport(StationError):
    """No list of this kind was taken in under this number (无此导入)."""

    code, exit_status = "station.no-such-import", 15
    en = ("There is no import {number}.", "`GET /imports/{{kind}}` of the API has those there are.")
    zh = ("没有该导入：{number}。", "已导入的台账见接口 `GET /imports/{{kind}}`。")


class MoreNeeded(SignInNeeded):
    """The secret is right, and something is left to do before a session begins (登录未完成)."""

    code = "station.sign-in-unfinished"
    en = ("One more step is needed to sign in.", "Do it on the page within five minutes, else begin again.")
    zh = ("登录还需一步。", "请在五分钟内于页面完成，否则重新登录。")


class SecondIsFirst(NotAllowed):
    """The same person came as the second of two (须由另一人办理)."""

    code = "station.second-is-first"
    en = ("Two people do this, and {person} is the first.", "Let another person type their account and their secret.")
    zh = ("该操作须两人办理，{person} 已是其中一人。", "请由另一人输入本人账户和个人口令。")


class SecondUnready(NotAllowed):
    """Who should vouch has a secret that others know, or no second factor yet (第二人尚未完成首次登录)."""

    code = "station.second-unready"
    en = (
        "{person} has not finished signing in for the first time.",
        "Let them sign in alone once, then again.",
    )
    zh = ("{person} 尚未完成首次登录设置。", "请其先自行登录一次并完成设置，再办理。")


class CodeWrong(SecretWrong):
    """The code of the second factor is wrong, too old, or was used (动态码错误)."""

    code = "station.code-wrong"
    en = ("This code is not right, or was used before.", "Type the one your phone shows now.")
    zh = ("动态码错误或已使用。", "请输入手机当前显示的动态码。")


class ProofStale(NotAllowed):
    """What cannot be undone needs a code told just now (须重新验证身份)."""

    code = "station.proof-stale"
    en = ("This needs a code of your phone, told in the last five minutes.", "Tell it at /account, then do it again.")
    zh = ("此操作须在五分钟内验证动态码。", "请在 /account 页面输入动态码后重试。")


class NoSuchDisk(StationError):
    """There is no such disk that can be written to, or it is meant for something else (磁盘不可用)."""

    code, exit_status = "station.no-such-disk", 60
    en = ("The disk {disk} cannot be used for this.", "Choose another; one that holds the second copy holds no vault.")
    zh = ("磁盘 {disk} 不能用于此处。", "请选择其他磁盘；存放备份的磁盘不能同时存放原件。")


class DiskTooSmall(StationError):
    """A disk holds less than what is locked at once (磁盘容量不足)."""

    code, exit_status = "station.disk-too-small", 60
    en = (
        "The disk {disk} holds {months} months of what you record; each original is locked for {lock} months.",
        "Choose a larger disk, or put one in and load the page again. Fewer recorders or hours need less room.",
    )
    zh = (
        "磁盘 {disk} 只能存放 {months} 个月的资料，而每份原件须锁定 {lock} 个月。",
        "请选择更大的磁盘，或加装磁盘后刷新本页。记录仪数量或时长较少时，所需容量也较小。",
    )


class UploadTooLarge(StationError):
    """What is sent by a page does not fit (导入文件过大)."""

    code, exit_status = "station.upload-too-large", 60
    en = (
        "This is more than the {most} that may be sent at once here, or than the disk has room for.",
        "Send it in smaller parts; or bring it on a disk to the station: `evidock ingest PATH`. Nothing was taken in.",
    )
    zh = (
        "文件超过单次可导入的 {most}，或本站硬盘空间不足。",
        "请分批导入；或携带存储介质到采集站，执行 `evidock ingest PATH`。本次未入库任何文件。",
    )
    page_hint = (
        "Send it in smaller parts, or bring it on a disk to the station. Nothing was taken in.",
        "请分批导入，或携带存储介质到采集站采集。本次未入库任何文件。",
    )


class UploadBroken(StationError):
    """What a page sent broke off, or is no form with files (导入中断)."""

    code, exit_status, retry = "station.upload-broken", 60, True
    en = ("The files did not come whole: {reason}.", "Send them again. Nothing was taken in.")
    zh = ("文件未完整送达：{reason_zh}。", "请重新导入。本次未入库任何文件。")
