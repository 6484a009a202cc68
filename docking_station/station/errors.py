"""What can go wrong with the station itself."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.station_error import StationError
from docking_station.texts.rights import in_chinese

ROOM = ("Make room there", "清理空间")
RIGHT = ("Give yourself the right to write there", "授予写权限")
READER = (
    "Run this as the station's user or root, or give yourself the right to read the file",
    "以采集站用户或 root 身份执行，或授予该文件的读权限",
)
REMEDIES: dict[int | None, tuple[str, str]] = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: ("Use a file system that takes files of this size", "改用支持该文件大小的文件系统"),
    errno.EACCES: RIGHT,
    errno.EPERM: RIGHT,
    errno.EROFS: ("Mount it for writing", "以可写方式挂载"),
    errno.ENOENT: ("Make the folder above it first", "先建立上级文件夹"),
    errno.ENOTDIR: ("Make the folder above it first", "先建立上级文件夹"),
    errno.ENAMETOOLONG: ("Use a shorter path", "改用较短的路径"),
}
"""What a person does about a place that cannot be written to, in English and Chinese."""
ANYTHING_ELSE = ("Check that disk", "检查该磁盘")


def unwritable(error: OSError) -> dict[str, object]:
    """The facts of an error about a place that cannot be written to: the system's reason, and what to do about it."""
    return _facts(error, REMEDIES.get(error.errno, ANYTHING_ELSE))


def unreadable(error: OSError, missing: tuple[str, str] = ANYTHING_ELSE) -> dict[str, object]:
    """The facts of an error about a file that cannot be read; `missing` is what to do where there is none."""
    if isinstance(error, PermissionError):
        return _facts(error, READER)
    return _facts(error, missing if isinstance(error, FileNotFoundError) else ANYTHING_ELSE)


def _facts(error: OSError, todo: tuple[str, str]) -> dict[str, object]:
    return {"reason": error.strerror or error, "todo": todo[0], "todo_zh": todo[1]}


@contextmanager
def unwritten(kind: type[StationError], **facts: object) -> Iterator[None]:
    """Turn what the system says of a place that cannot be written to into an error of that kind."""
    try:
        yield
    except OSError as error:
        raise kind(**facts, **unwritable(error)) from error


class HomeMissing(StationError):
    """The station's home was not made yet (主目录未初始化)."""

    code, exit_status = "station.no-home", 10
    en = ("There is no station at {home}.", "Run `evidock init`, or set EVIDOCK_HOME to the station's home.")
    zh = ("{home} 处没有采集站。", "请执行 `evidock init`，或将 EVIDOCK_HOME 设为采集站主目录。")


class AnothersCatalog(StationError):
    """A new home would write to the catalog or the vault of another station (属于另一采集站)."""

    code, exit_status = "station.anothers", 12
    en = (
        "{where} belongs to another station: {what}.",
        "Name a catalog and a vault of its own in station.toml; if they are this station's, put its keys back first.",
    )
    zh = (
        "{where} 属于另一采集站：{what_zh}。",
        "请在 station.toml 中为本站另设编目与保全库；若确为本站所有，请先恢复本站密钥。",
    )


class HomeUnwritable(StationError):
    """The station's home cannot be written (主目录不可写)."""

    code, retry, exit_status = "station.home-unwritable", True, 11
    en = (
        "The station's home {home} cannot be written: {reason}.",
        "{todo}, or set EVIDOCK_HOME to another folder.",
    )
    zh = ("采集站主目录 {home} 不可写：{reason}。", "请{todo_zh}，或将 EVIDOCK_HOME 设为其他文件夹。")


class SettingsBad(StationError):
    """The settings file says something the station cannot use (配置错误)."""

    code, exit_status = "station.settings-bad", 12
    en = ("{path}: {what}.", "Fix the line; the comments in the file say what each setting takes.")
    zh = ("{path}:{what_zh}。", "请修改该行；文件中的注释说明了各项取值。")


class NotApart(StationError):
    """Files of the station and files of others would be in one folder (目录重叠)."""

    code, exit_status = "station.not-apart", 12
    en = (
        "{path} is, holds or lies in {own}, where files of this station, or other uploads, are kept.",
        "Nothing was read, written or erased. Choose a folder apart from that one; links and mounts do not help.",
    )
    zh = (
        "{path} 与 {own} 相同或互相包含，后者存放本站自身文件或其他上传文件。",
        "未读取、写入或清除任何内容。请改用与之无关的文件夹；链接或挂载点不能解决。",
    )


class SettingsUnreadable(StationError):
    """The settings file is there and cannot be read (配置文件无法读取)."""

    code, exit_status = "station.settings-unreadable", 12
    en = (
        "The settings {path} cannot be read: {reason}.",
        "{todo}.",
    )
    zh = ("无法读取配置文件 {path}：{reason}。", "请{todo_zh}。")


class FileThere(StationError):
    """A copy is to be written where something stands already (目标已存在)."""

    code, exit_status = "station.file-there", 14
    en = ("{path} is there already; nothing was written.", "Give the name of a new file.")
    zh = ("{path} 已存在，未写入任何内容。", "请改用一个新的文件名。")


class BadTime(StationError):
    """A time on the command line cannot be read (时间格式错误)."""

    code, exit_status = "station.bad-time", 13
    en = ("`{text}` is not a time.", "Write it like 2026-03-05, 2026-03-05T09:30 or 2026-03-05T09:30+08:00.")
    zh = ("`{text}` 不是有效时间。", "请按 2026-03-05、2026-03-05T09:30 或 2026-03-05T09:30+08:00 的格式填写。")
    page_hint = ("Write it like 2026-03-05, 9:30 or 930.", "请按 2026-03-05、9:30 或 930 的格式填写。")


class CannotPull(StationError):
    """A copy cannot be written where it was asked for (无法导出副本)."""

    code, retry, exit_status = "station.cannot-pull", True, 14
    en = ("The copy cannot be written to {path}: {reason}.", "{todo}, or choose another folder with --to.")
    zh = ("无法将副本写入 {path}：{reason}。", "请{todo_zh}，或用 --to 指定其他文件夹。")


class DerivedUnwritable(StationError):
    """The folder of viewing copies cannot be used (观看副本目录不可用)."""

    code, retry, exit_status, reach = "station.derived-unwritable", True, 18, "all"
    en = (
        "Viewing copies cannot be kept at {path}: {reason}.",
        "{todo}, or name another folder: `derived` under [media] in station.toml.",
    )
    zh = ("无法在 {path} 保存观看副本：{reason}。", "请{todo_zh}，或在 station.toml 的 [media] 中另设 `derived`。")


class NothingToView(StationError):
    """There is nothing to show of a clip, or not yet (暂无可观看内容)."""

    code, retry, exit_status = "station.nothing-to-view", True, 19
    en = (
        "There is nothing to view of {clip}: {why}.",
        "`evidock chores list` says how far it is; `evidock clips pull` gives the original.",
    )
    zh = ("{clip} 暂无可观看内容：{why}。", "执行 `evidock chores list` 查看进度；`evidock clips pull` 可调取原件。")
    page_hint = ("Come back later; the custodian sees how far it is.", "请稍后再试，或向音像资料管理员查询进度。")


class NoPage(StationError):
    """There is no picture of a page of a scan, or not yet (暂无页面图像)."""

    code, retry, exit_status = "station.no-page", True, 19
    en = ("There is no picture of page {page} of {name}: {why}.", "Ask later; without --page you get the scan itself.")
    zh = ("{name} 第 {page} 页暂无图像：{why_zh}。", "请稍后再试；不加 --page 可调取扫描件本身。")


class LookOver(StationError):
    """A look was closed, nobody read for too long, or it is somebody else's (本次查看已结束)."""

    code, exit_status = "station.look-over", 19
    en = ("This look is over ({look}).", "Open the clip again.")
    zh = ("本次查看已结束（{look}）。", "请重新打开该资料。")


class NoSuchHeld(StationError):
    """Nothing that waits for a person has this number (无此待处理项)."""

    code, exit_status = "station.no-such-held", 15
    en = ("Nothing is held under {held}.", "`evidock held list` shows the IDs.")
    zh = ("没有编号为 {held} 的待处理项。", "执行 `evidock held list` 查看编号。")


class CopyDiffers(StationError):
    """What the vault gave is not what was sealed (副本校验不符)."""

    code, exit_status = "station.copy-differs", 31
    en = (
        "{clip} ({path}) reads from the vault as SHA-256 {found}, sealed was {expected}.",
        "Do not use this copy; run `evidock clips verify {clip}` and tell whoever keeps the vault.",
    )
    zh = (
        "{clip}（{path}）从保全库读出为 SHA-256 {found}，入库时为 {expected}。",
        "请勿使用该副本；执行 `evidock clips verify {clip}` 并通知保管人员。",
    )


class RecorderUnregistered(StationError):
    """A device that may be a recorder and is not in the register (未登记设备)."""

    code, exit_status = "station.recorder-unregistered", 16
    en = (
        "The device in bay {bay} is not registered (serial {serial}); it was not opened.",
        "If it is a recorder of this unit: `evidock recorders add NUMBER {known_by}`.",
    )
    zh = (
        "仓位 {bay} 中的设备未登记（序列号 {serial}），未予读取。",
        "若为本单位记录仪，请登记：`evidock recorders add 编号 {known_by}`。",
    )


class RecorderRetired(StationError):
    """A recorder that was retired (已停用记录仪)."""

    code, exit_status = "station.recorder-retired", 17
    en = (
        "Recorder {serial} is retired; it was not opened.",
        "If it is in use again, `evidock recorders show {serial}` says who retired it and why; ask them.",
    )
    zh = (
        "记录仪 {serial} 已停用，未予读取。",
        "如需重新启用，请执行 `evidock recorders show {serial}` 查看停用人及原因并与其联系。",
    )


class PagesUnserved(StationError):
    """The pages cannot be served at the port (网页端口不可用)."""

    code, retry, exit_status = "station.pages-unserved", True, 17
    en = (
        "The pages cannot be served at {address}: {reason}.",
        "If they are open there already, use them; else free the port, or name another one: `evidock serve --port N`.",
    )
    zh = (
        "无法在 {address} 提供网页：{reason_zh}。",
        "若网页已在该处打开，可直接使用；否则请释放该端口，或另选端口：`evidock serve --port N`。",
    )


class PagesMissing(StationError):
    """What serves the pages is not installed (网页组件未安装)."""

    code, exit_status = "station.pages-missing", 17
    en = (
        "What serves pages is not installed here: {what}.",
        "Install the station anew, or `pip install evidock[pages]`.",
    )
    zh = ("本机未安装网页组件：{what}。", "请重新安装采集站，或执行 `pip install evidock[pages]`。")


class PolicyFileMissing(StationError):
    """The policy file cannot be read (制度文件无法读取)."""

    code, exit_status = "station.no-policy-file", 16
    en = ("The policy file {path} cannot be read: {reason}.", "{todo}.")
    zh = ("无法读取制度文件 {path}：{reason}。", "请{todo_zh}。")


class PolicyListsUnusable(StationError):
    """An Excel file of the policy's lists cannot be read, or written (制度清单文件无法使用)."""

    code, exit_status = "station.policy-lists-unusable", 16
    en = (
        "The Excel file {path} cannot be used: {what}.",
        "`evidock policy lists --to FILE.xlsx` makes one; change it there and keep its sheets and columns.",
    )
    zh = (
        "无法使用 Excel 文件 {path}：{what_zh}。",
        "请用 `evidock policy lists --to 文件.xlsx` 导出后修改，保留其工作表和列。",
    )


class ImportUnreadable(StationError):
    """A list to be imported cannot be read, or its answer not written (导入文件无法读写)."""

    code, exit_status = "station.import-unreadable", 16
    en = ("{path} cannot be used: {reason}.", "{todo}.")
    zh = ("无法使用 {path}：{reason_zh}。", "请{todo_zh}。")


class ImportTooLong(StationError):
    """A list has more rows than one import takes (导入行数过多)."""

    code, exit_status = "station.import-too-long", 18
    en = (
        "{path} has more than {most} rows; nothing was read.",
        "Split it into several files, by year or by unit; delete rows that are empty but formatted.",
    )
    zh = ("{path} 超过 {most} 行，未读取。", "请按年度或科室拆分为几个文件；仅有格式的空行请删除。")


class ImportHeads(StationError):
    """The columns of a list are not known, or more than one sheet has them (表头无法识别)."""

    code, exit_status = "station.import-heads", 18
    en = ("{path} is not read as a list of {list}: {what}.", "{todo}.")
    zh = ("未能将 {path} 读作{list_zh}：{what_zh}。", "请{todo_zh}。")


class CheckpointFileMissing(StationError):
    """A checkpoint file cannot be read (检查点文件无法读取)."""

    code, exit_status = "station.no-checkpoint-file", 16
    en = ("The checkpoint file {path} cannot be read: {reason}.", "{todo}.")
    zh = ("无法读取检查点文件 {path}：{reason}。", "请{todo_zh}。")


class NoSuchLine(StationError):
    """The trail has no line of this number (无此留痕)."""

    code, exit_status = "station.no-such-line", 15
    en = ("The trail has no line {line}; it has {count}.", "`evidock trail show` prints the numbers.")
    zh = ("没有第 {line} 条操作留痕；共 {count} 条。", "执行 `evidock trail show` 查看序号。")


class NotConfirmed(StationError):
    """Nobody said yes to files being erased on recorders (未确认清除)."""

    code, exit_status = "station.not-confirmed", 17
    en = (
        "Nothing was adopted: this policy has files erased on recorders, and nobody confirmed that.",
        "Run it on a terminal and type the word, or give --yes.",
    )
    zh = ("未发布：该制度将清除记录仪上的文件，但未得到确认。", "请在终端执行并输入确认词，或加 --yes。")


class DisposalNotConfirmed(StationError):
    """The second of the two people did not say yes (未确认处置)."""

    code, exit_status = "station.disposal-not-confirmed", 17
    en = (
        "Nothing was removed: the disposal of {clip} was not confirmed.",
        "Run it again and type the word, or leave it asked for.",
    )
    zh = ("未删除任何内容：资料 {clip} 的处置未得到确认。", "请重新执行并输入确认词；如不同意，无需操作。")


class NotAllowed(StationError):
    """The rule does not let this person do that (无此权限)."""

    code, exit_status = "station.not-allowed", 17
    en = ("You may not do this ({action}, {rule}).", "Ask the evidence custodian, or whoever runs the station.")
    zh = ("您无权执行此操作：{action_zh}（{rule_zh}）。", "请联系音像资料管理员或采集站管理人员。")

    def __init__(self, **facts: object) -> None:
        super().__init__(**in_chinese(facts), **facts)


class PersonUnknown(StationError):
    """Two people are needed, and nothing tells who this one is (无法确认操作人身份)."""

    code, exit_status = "station.person-unknown", 17
    en = (
        "Nothing vouches for who you are: `{person}` is shared, or no login is behind it.",
        "Log in with your own account, or type account and secret when asked; `evidock people secret` sets one.",
    )
    zh = (
        "无法确认操作人身份：`{person}` 为共用账户，或没有登录记录。",
        "请用本人账户登录，或按提示输入账户和个人口令；执行 `evidock people secret` 设置口令。",
    )


class SecretWrong(StationError):
    """Account and secret do not belong together (账户或个人口令错误)."""

    code, exit_status = "station.secret-wrong", 17
    en = ("Account and secret do not belong together.", "Run it again; `evidock people list` shows who has one.")
    zh = ("账户或个人口令错误。", "请重新执行；执行 `evidock people list` 查看已设置口令的人员。")


class SecretLocked(StationError):
    """Too many wrong secrets for one account (个人口令暂停使用)."""

    code, retry, exit_status = "station.secret-locked", True, 17
    en = (
        "{count} wrong secrets in {minutes} minutes: none is taken now.",
        "Wait {minutes} minutes, then run it again.",
    )
    zh = ("{minutes} 分钟内输错 {count} 次，暂不受理。", "请等待 {minutes} 分钟后重新执行。")


class SecretNotSet(StationError):
    """A secret cannot be set (个人口令未设置)."""

    code, exit_status = "station.secret-not-set", 17
    en = ("The secret was not set: {what}.", "`evidock people secret --help` says who sets whose.")
    zh = ("口令未设置：{what_zh}。", "执行 `evidock people secret --help` 查看由谁设置。")


class RotationNotConfirmed(StationError):
    """Nobody said yes to another signing key (未确认更换密钥)."""

    code, exit_status = "station.rotation-not-confirmed", 17
    en = ("The signing key was not changed: nobody confirmed it.", "Run it again and type the word, or give --yes.")
    zh = ("未更换签名密钥：未得到确认。", "请重新执行并输入确认词，或加 --yes。")


class VaultDoubted(StationError):
    """A clearing read a clip back and found it other than it was sealed (入库内容存疑)."""

    code, exit_status = "station.vault-doubted", 18
    en = (
        "{path} stays on recorder {recorder}: {reason}.",
        "That may be the last good copy: keep it. Run `evidock clips verify --all` and tell whoever keeps the vault.",
    )
    zh = (
        "{path} 保留在记录仪 {recorder} 上：{reason_zh}。",
        "记录仪上的文件可能是唯一未受损的副本，请勿清除。请执行 `evidock clips verify --all` 并通知保全库管理人员。",
    )


class CardDiffers(StationError):
    """The card holds other bytes under the name of a file that is filed (卡上内容与已入库资料不同)."""

    code, exit_status = "station.card-differs", 18
    en = (
        "{path} stays on recorder {recorder}: {reason}. What it holds now was taken as a clip of its own.",
        "Find out who changed it, or whether the card is failing: compare both clips (`evidock clips list`).",
    )
    zh = (
        "{path} 保留在记录仪 {recorder} 上：{reason_zh}。现有内容已另行采集为独立资料。",
        "请查明更改原因或存储卡是否损坏，并比对两份资料（`evidock clips list`）。",
    )


class NotCleared(StationError):
    """A file that the policy lets be erased could not be proven or erased (未能清除)."""

    code, retry, exit_status = "station.not-cleared", True, 18
    en = (
        "{path} stays on recorder {recorder}: {reason}.",
        "Nothing is lost. `evidock clearing check` tells more; it is tried again at the next docking.",
    )
    zh = (
        "{path} 保留在记录仪 {recorder} 上：{reason_zh}。",
        "数据没有丢失。执行 `evidock clearing check` 查看详情；下次接入时将再次尝试。",
    )


class ReceiptStale(StationError):
    """The catalog was made anew since a file was filed: its receipt fits no more, for good (回执失效)."""

    code, exit_status = "station.receipt-stale", 18
    en = (
        "{path} stays on recorder {recorder}: {reason}.",
        "Such files are never cleared after a rebuild. `evidock clips verify --all`, then erase them on the recorder.",
    )
    zh = (
        "{path} 保留在记录仪 {recorder} 上：{reason_zh}。",
        "编目重建后此类文件不再自动清除。请执行 `evidock clips verify --all` 核验后，在记录仪上手动删除。",
    )


class NoTrack(StationError):
    """A clip has no positions (无轨迹)."""

    code, exit_status = "station.no-track", 18
    en = ("Clip {clip} has no positions.", "`evidock clips show {clip}` tells what is known of it.")
    zh = ("资料 {clip} 没有定位信息。", "执行 `evidock clips show {clip}` 查看已知信息。")


class ClockNotAsked(StationError):
    """Nobody asked yet to confirm the clock, and no reason is given (未申请确认时钟)."""

    code, exit_status = "station.clock-not-asked", 17
    en = (
        "Nobody has said yet, within the hour and of these lines, that the clock is right.",
        "Compare it with a watch, then give a reason: `evidock clock confirm --reason …`; another person confirms.",
    )
    zh = (
        "一小时内尚无人就这些留痕申请确认时钟。",
        "请先核对时间，再说明原因：`evidock clock confirm --reason …`；随后由另一人确认。",
    )


class ClockUnwitnessed(StationError):
    """Nothing independent says that the station's clock is right, and a disposal goes by it (时钟缺乏佐证)."""

    code, retry, exit_status = "station.clock-unwitnessed", True, 16
    en = (
        "Nothing is disposed of, and no clock confirmed, by a clock that may be wrong: {why}.",
        "Set this clock by a time server (or catch up with time stamps: `evidock vault stamp`), then the same again.",
    )
    zh = (
        "时钟可能有误，不予处置或确认：{why_zh}。",
        "请用时间服务器校时（或执行 `evidock vault stamp` 补办时间戳），然后重新执行。",
    )
