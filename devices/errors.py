"""What can go wrong with a recorder or its card."""

from __future__ import annotations

from catalog.station_error import StationError


class CardUnreadable(StationError):
    """A place on the card cannot be read (存储卡读取失败)."""

    code, retry, exit_status = "devices.read-failed", True, 40
    en = (
        "{path} cannot be read at byte {offset}: {reason}.",
        "Clean the contacts and dock again; if it repeats, keep the card aside for recovery.",
    )
    zh = (
        "{path} 在第 {offset} 字节处无法读取：{reason}。",
        "请清洁触点后重新接入；若反复出现，请单独保存该卡以便恢复数据。",
    )


class CardGone(StationError):
    """The card was pulled while it was read (存储卡被拔出)."""

    code, retry, exit_status = "devices.card-gone", True, 41
    en = (
        "The card is gone; {path} was not read to its end.",
        "Dock the recorder again: what was copied is kept, the rest is read then.",
    )
    zh = ("存储卡已断开，{path} 未读完。", "请重新接入：已复制的内容会保留，其余部分将继续读取。")


class CannotMount(StationError):
    """A volume of a recorder cannot be mounted (无法挂载)."""

    code, retry, exit_status = "devices.cannot-mount", True, 46
    en = (
        "The {fs} volume {node} cannot be read: {reason}.",
        "Dock the recorder again; if it repeats, keep the card aside: it may need recovery, never format it.",
    )
    zh = ("{fs} 卷 {node} 无法读取：{reason}。", "请重新接入；若反复出现，请单独保存该卡以便恢复数据，切勿格式化。")


class NoFileSystem(StationError):
    """The station's kernel cannot read this file system (系统不支持该文件系统)."""

    code, exit_status = "devices.no-file-system", 46
    en = (
        "{node} holds {fs}, which this station's kernel cannot read.",
        "Install a kernel with the {fs} module (Debian: linux-image-amd64), or read the card on another station.",
    )
    zh = (
        "{node} 的文件系统为 {fs}，本站内核不支持。",
        "请安装带 {fs} 模块的内核（Debian: linux-image-amd64），或换一台采集站读取。",
    )


class NoVolume(StationError):
    """A storage device without a file system the station knows (无可读卷)."""

    code, retry, exit_status = "devices.no-volume", True, 46
    en = (
        "The device in {port} shows no file system.",
        "Check that a card is in it; if one is, keep it aside for recovery and never let anything format it.",
    )
    zh = ("{port} 中的设备没有可识别的文件系统。", "请确认已插卡；若已插卡，请单独保存以便恢复，切勿格式化。")


class NotProtected(StationError):
    """A card cannot be write-protected, and so is not read (无法写保护)."""

    code, exit_status = "devices.not-protected", 46
    en = (
        "{node} cannot be set read-only: {reason}. It was not mounted.",
        "The service needs the right to administer block devices (CAP_SYS_ADMIN); see docs/operations.md.",
    )
    zh = (
        "{node} 无法设为只读：{reason}，未挂载。",
        "服务需有管理块设备的权限（CAP_SYS_ADMIN），见 docs/operations.md。",
    )


class KeyboardLike(StationError):
    """A device that can type or point is no recorder, whatever else it offers (疑似键盘设备)."""

    code, exit_status = "devices.keyboard-like", 47
    en = (
        "The device in {port} ({device}) can act as a keyboard or mouse; it was not touched.",
        "Take it out and find out who put it there.",
    )
    zh = ("{port} 中的设备（{device}）可充当键盘或鼠标，未予读取。", "请取出并查明来源。")


class OnlyCharging(StationError):
    """A device that offers no data: it only charges (仅充电)."""

    code, exit_status = "devices.only-charging", 47
    en = (
        "The device in {port} ({device}) offers no files.",
        "If it is a recorder, switch it to its USB storage or file transfer mode.",
    )
    zh = ("{port} 中的设备（{device}）未提供文件访问。", "若为记录仪，请切换到 U 盘或文件传输模式。")


class UnknownDevice(StationError):
    """A device no recorder model knows (未知设备)."""

    code, exit_status = "devices.unknown", 47
    en = (
        "The device in {port} ({device}) is none this station can read.",
        "Take it out; a new kind of recorder needs its own file in devices/models.",
    )
    zh = ("{port} 中的设备（{device}）不在本站支持范围内。", "请取出；新型号需在 devices/models 中增加对应文件。")


class WrongModel(StationError):
    """The register names a model that does not fit the device (型号不符)."""

    code, exit_status = "devices.wrong-model", 47
    en = (
        "The register says {model} for the device in {port} ({device}), which does not fit.",
        "Correct the recorder's model in the register; known models: {known}.",
    )
    zh = ("台账中 {port} 设备（{device}）的型号为 {model}，与实际不符。", "请在台账中更正型号；可用型号：{known}。")


class UnlockRefused(StationError):
    """A recorder did not accept its password (解锁失败)."""

    code, exit_status = "devices.unlock-refused", 48
    en = (
        "The recorder in {port} did not unlock: {reason}.",
        "Check its password, the credential `unlock_SERIAL` or `unlock`, then dock again: each docking tries it once.",
    )
    zh = (
        "{port} 中的记录仪解锁失败：{reason}。",
        "请核对其密码（凭据 `unlock_序列号` 或 `unlock`）后重新接入；每次接入只尝试一次，以免设备锁死。",
    )


class EraseRefused(StationError):
    """A card cannot be opened for erasing, or a file on it cannot be erased (无法清除)."""

    code, retry, exit_status = "devices.erase-refused", True, 49
    en = (
        "{path} cannot be erased: {reason}.",
        "Nothing is lost: it stays on the recorder. Dock it again; if it repeats, check the card's lock switch.",
    )
    zh = ("{path} 无法清除：{reason}。", "数据没有丢失，仍在记录仪上。请重新接入；若反复出现，请检查卡的写保护开关。")


class BaysBad(StationError):
    """The map of bays cannot be used (仓位对照表无效)."""

    code, exit_status = "devices.bays-bad", 45
    en = ("The map of bays cannot be used: {what}.", "Calibrate again: evidock bays calibrate.")
    zh = ("仓位对照表无效：{what}。", "请重新标定：evidock bays calibrate。")


class UdevSilent(StationError):
    """The system does not tell of devices (无法监听设备)."""

    code, retry, exit_status = "devices.udev-silent", True, 47
    en = ("udev does not answer: {reason}.", "Check that systemd-udevd is running: systemctl status systemd-udevd.")
    zh = ("udev 无响应：{reason}。", "请检查 systemd-udevd 是否运行：systemctl status systemd-udevd。")


class NotAFile(StationError):
    """An entry on the card that is no file: a link, a device, a pipe (非普通文件)."""

    code, exit_status = "devices.not-a-file", 42
    en = (
        "{path} is a {what}, not a file; it was not followed.",
        "A recorder does not write such entries: find out who made it before the card is used again.",
    )
    zh = ("{path} 是{what_zh}，不是普通文件，未予读取。", "记录仪不会产生此类条目，请先查明来源再使用该卡。")


class NoCard(StationError):
    """There is no folder at the path that was given (路径无效)."""

    code, exit_status = "devices.no-card", 43
    en = ("{path} is not a folder that can be read: {reason}.", "Give the folder where the card is mounted.")
    zh = ("{path} 不是可读取的文件夹：{reason}。", "请指定存储卡挂载所在的文件夹。")


class TooMuch(StationError):
    """The card holds more entries or deeper folders than any recorder writes (目录超限)."""

    code, exit_status = "devices.too-much", 44
    en = ("{path} goes beyond {limit}.", "Have someone look at this card; what lies within the limit was ingested.")
    zh = ("{path} 超出限制（{limit}）。", "请人工检查该存储卡；限制以内的内容已采集。")


class BadSkipRule(StationError):
    """A skip rule in the settings cannot be used (跳过规则无效)."""

    code, exit_status = "devices.skip-rule", 45
    en = (
        "The skip rule {rule} cannot be used: {reason}.",
        "Fix it under [[skip]] in station.toml: `pattern` and `reason`, both texts.",
    )
    zh = ("跳过规则 {rule} 无效：{reason}。", "请在 station.toml 的 [[skip]] 中修正：`pattern` 和 `reason` 均为文本。")


class MtpMissing(StationError):
    """The station lacks what it reads MTP recorders with (缺少 MTP 组件)."""

    code, exit_status = "devices.mtp-missing", 46
    en = (
        "The recorder in {port} speaks MTP, which this station cannot read: {reason}.",
        "Install the extra: pip install 'evidock[mtp]'; then restart the service and dock again.",
    )
    zh = (
        "{port} 中的记录仪使用 MTP，本站无法读取：{reason}。",
        "请安装附加组件：pip install 'evidock[mtp]'，重启服务后重新接入。",
    )


class MtpHeld(StationError):
    """Another program holds an MTP recorder (MTP 设备被占用)."""

    code, retry, exit_status = "devices.mtp-held", True, 46
    en = (
        "The recorder in {port} is held by another program, or may not be opened: {reason}.",
        "Close file managers, end the gvfs volume monitors, and install the station's udev rules against them.",
    )
    zh = (
        "{port} 中的记录仪被其他程序占用或无权打开：{reason}。",
        "请关闭文件管理器，结束 gvfs 卷监视程序，并安装本站的 udev 规则，以阻止桌面程序占用。",
    )


class MtpSilent(StationError):
    """An MTP recorder does not answer, or is busy for too long (MTP 设备无响应)."""

    code, retry, exit_status = "devices.mtp-silent", True, 46
    en = (
        "The recorder in {port} does not answer: {reason}.",
        "Pull it and dock it again; if it repeats, restart the recorder. What was copied is kept.",
    )
    zh = ("{port} 中的记录仪无响应：{reason}。", "请拔出后重新接入；若反复出现，请重启记录仪。已复制的内容会保留。")


class MtpNoStorage(StationError):
    """An MTP recorder shows no storage: it is locked, or only charges (MTP 设备未开放存储)."""

    code, retry, exit_status = "devices.mtp-no-storage", True, 46
    en = (
        "The recorder in {port} shows no storage.",
        "Unlock its screen and choose file transfer (MTP), then dock it again.",
    )
    zh = ("{port} 中的记录仪未开放存储。", "请解锁屏幕并选择“文件传输（MTP）”，然后重新接入。")


class MtpSizeUnknown(StationError):
    """A file whose true size an MTP recorder does not tell (MTP 文件大小未知)."""

    code, exit_status = "devices.mtp-size-unknown", 44
    en = (
        "The recorder does not tell the size of {path}; over MTP it cannot be read to a proven end.",
        "Read it from the card in a card reader, or switch the recorder to USB storage; it stays on the recorder.",
    )
    zh = (
        "记录仪未给出 {path} 的大小，通过 MTP 无法确认已完整读取。",
        "请用读卡器读取该卡，或将记录仪切换为 U 盘模式；该文件仍保留在记录仪上。",
    )


class DropMissing(StationError):
    """A watched folder is not there, or cannot be read (固定点位目录不可用)."""

    code, retry, exit_status = "devices.drop-missing", True, 43
    en = (
        "The watched folder {path} cannot be read: {reason}.",
        "Mount the share or make the folder; it is watched again by itself once it is there.",
    )
    zh = ("固定点位目录 {path} 无法读取：{reason}。", "请挂载共享或创建该文件夹；恢复后会自动继续监视。")
