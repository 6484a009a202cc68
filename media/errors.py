"""What can go wrong while looking inside a file (媒体解析故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class ToolMissing(StationError):
    """ffmpeg or ffprobe is not on this machine (缺少工具)."""

    code, exit_status, reach = "media.tool-missing", 60, "all"
    en = ("{tool} is not installed.", "Install the ffmpeg package; until then clips are kept but not checked.")
    zh = ("未安装 {tool}。", "请安装 ffmpeg 软件包；安装之前资料照常保存，但不检查能否播放。")


class ToolTooSlow(StationError):
    """A tool did not end in its time and was stopped (工具超时)."""

    code, retry, exit_status = "media.tool-too-slow", True, 61
    en = (
        "{tool} was stopped after {seconds:g} seconds.",
        "Try again when the station is idle; if it repeats, look at the file by hand.",
    )
    zh = ("{tool} 运行超过 {seconds:g} 秒，已停止。", "请在工作站空闲时重试；如反复出现，请人工查看该文件。")


class NotMedia(StationError):
    """The tools cannot read this file as footage (无法识别的媒体)."""

    code, exit_status = "media.not-media", 62
    en = ("The file cannot be read as footage: {why}.", "The original is kept as it is; try the maker's own player.")
    zh = ("无法按视音频读取该文件：{why}。", "原始文件原样保存；可尝试使用厂家播放器。")


class BadNamePattern(StationError):
    """A file name pattern in the settings cannot be used (文件名规则无效)."""

    code, exit_status = "media.name-pattern", 63
    en = ("The file name pattern {pattern} cannot be used: {why}.", "Correct it in the station's settings.")
    zh = ("文件名规则 {pattern} 无效：{why}。", "请在工作站配置中改正。")


class ToolFailed(StationError):
    """ffmpeg could not make a file out of another (转换失败)."""

    code, exit_status = "media.tool-failed", 64
    en = ("{tool} could not make the file: {why}.", "The original is kept as it is; `evidock clips pull` hands it out.")
    zh = ("{tool} 未能生成文件：{why}。", "原始文件原样保存；可用 `evidock clips pull` 调取。")


class NothingRecovered(StationError):
    """Nothing that plays could be found in a file that was cut short (无法恢复)."""

    code, retry, exit_status = "media.nothing-recovered", True, 65
    en = (
        "Nothing that plays was found in the cut-off clip: {why}.",
        "File a whole clip of the same recorder, then `evidock chores retry`; the original stays as it is.",
    )
    zh = (
        "残缺资料中未找到可播放内容：{why}。",
        "请先采集同一记录仪、相同设置的完整资料，再执行 `evidock chores retry`；原始文件原样保存。",
    )


class NoSecondOpinion(StationError):
    """There is no ExifTool, or it is too old (没有第二意见工具)."""

    code, exit_status, reach = "media.no-second-opinion", 66, "all"
    en = (
        "ExifTool cannot give a second opinion: {why}.",
        "Install 13.30 or newer, or name it under [media] in station.toml; clips are filed all the same.",
    )
    zh = (
        "ExifTool 无法提供第二意见：{why}。",
        "请安装 13.30 或更新版本，或在 station.toml 的 [media] 中指定；资料照常入库。",
    )


class ScanUnfit(StationError):
    """The file cannot be the scan of a written record (扫描件不可用)."""

    code, exit_status = "media.scan-unfit", 62
    en = (
        "{name} cannot be the scan of a written record: {why}.",
        "Nothing was sealed; scan the record again, or save the file anew.",
    )
    zh = ("{name} 不能作为文书扫描件：{why_zh}。", "未入库任何内容；请重新扫描或重新保存该文件。")
