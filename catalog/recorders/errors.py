"""What can go wrong with recorders and who holds them (记录仪登记故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class NoSuchRecorder(StationError):
    """No recorder has this number (无此记录仪)."""

    code, exit_status = "catalog.no-such-recorder", 53
    en = (
        "There is no recorder {recorder}.",
        "`evidock recorders list` shows all there are.",
    )
    zh = (
        "没有编号为 {recorder} 的记录仪。",
        "执行 `evidock recorders list` 查看已登记的记录仪。",
    )


class RecorderExists(StationError):
    """A recorder with this number is in the register already (记录仪已登记)."""

    code, exit_status = "catalog.recorder-exists", 54
    en = (
        "Recorder {recorder} is in the register already.",
        "`evidock recorders change {recorder}` changes what it says.",
    )
    zh = ("登记簿中已有记录仪 {recorder}，未作更改。", "可用 `evidock recorders change {recorder}` 修改登记内容。")


class RecorderAmbiguous(StationError):
    """Another recorder is known by the same serial, label or number (识别信息重复)."""

    code, exit_status = "catalog.recorder-ambiguous", 54
    en = (
        "Recorder {other} is known by {value} already; the station could not tell the two apart.",
        "Give {recorder} another one, or change {other}; if both have one USB serial, add `--numbers` or `--label`.",
    )
    zh = (
        "{value} 已用于识别记录仪 {other}，采集站将无法区分两者。",
        "请为 {recorder} 指定其他识别信息，或先修改 {other}；若两台序列号确实相同，请加 `--numbers` 或 `--label`。",
    )


class RecorderRetired(StationError):
    """The recorder is retired (记录仪已停用)."""

    code, exit_status = "catalog.recorder-retired", 55
    en = (
        "Recorder {recorder} has been retired since {since}.",
        "Take another one, or bring it back into service: `evidock recorders add {recorder}`.",
    )
    zh = ("记录仪 {recorder} 自 {since} 起停用。", "请换用其他记录仪，或恢复使用：`evidock recorders add {recorder}`。")


class RecorderInRoom(StationError):
    """A fixed camera belongs to a room, and nobody holds it (固定设备)."""

    code, exit_status = "catalog.recorder-in-room", 55
    en = (
        "Recorder {recorder} belongs to {room}; nobody holds it.",
        'If it was moved out: `evidock recorders change {recorder} --room ""`.',
    )
    zh = (
        "设备 {recorder} 固定安装于{room}，不办理领用。",
        '如已拆出，请执行 `evidock recorders change {recorder} --room ""`。',
    )


class RecorderAssigned(StationError):
    """Somebody had the recorder then (记录仪已被领用)."""

    code, exit_status = "catalog.recorder-held", 55
    en = (
        "Officer {officer} had recorder {recorder} then, since {since}.",
        "Enter its return first: `evidock recorders return {recorder}`, with `--at` if it was earlier.",
    )
    zh = (
        "记录仪 {recorder} 当时由执法人员 {officer} 持有（自 {since}）。",
        "请先登记归还：`evidock recorders return {recorder}`，补记时加 `--at`。",
    )


class RecorderNotAssigned(StationError):
    """Nobody had the recorder then (记录仪未被领用)."""

    code, exit_status = "catalog.recorder-not-held", 55
    en = ("Nobody had recorder {recorder} at {at}.", "`evidock recorders show {recorder}` tells who had it when.")
    zh = ("{at} 时无人持有记录仪 {recorder}。", "执行 `evidock recorders show {recorder}` 查看持有记录。")


class AssignmentTimeWrong(StationError):
    """An assignment cannot begin, end or be due then (领用时间有误)."""

    code, exit_status = "catalog.holding-time", 55
    en = ("The time {at} cannot be: {why}.", "Give the time as it was, such as --at 2026-03-05T08:30.")
    zh = ("时间 {at} 不成立：{why_zh}。", "请按实际时间填写，例如 --at 2026-03-05T08:30。")
