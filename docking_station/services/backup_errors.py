"""What goes wrong when a station is backed up or put back (备份与恢复的错误)."""

from __future__ import annotations

from catalog.station_error import StationError


class BackupUnwritable(StationError):
    """The disk the backup goes to does not take it (备份盘不可写)."""

    code, retry, exit_status = "station.backup-unwritable", True, 16
    en = (
        "The backup on {path} was not made: {reason}.",
        "{todo}; the backups made before are whole. What was copied of the vault stays, and the same command goes on.",
    )
    zh = ("{path} 上的备份未完成：{reason}。", "请{todo_zh}；此前的备份仍可用，已复制的内容保留，重新执行即可继续。")


class NoBackupDisk(StationError):
    """No disk that is here is meant for backups (未找到备份盘)."""

    code, exit_status = "station.no-backup-disk", 16
    en = (
        "No disk here carries a file named {mark}.",
        "Put an empty file of that name on the backup disk, or say the folder: `evidock backup --to DIR`.",
    )
    zh = (
        "当前没有带 {mark} 标记文件的磁盘。",
        "请在备份盘根目录放一个同名空文件，或用 `evidock backup --to 文件夹` 指定。",
    )


class AnothersBackup(StationError):
    """The folder holds the backups of another station of that name (属于另一采集站的备份)."""

    code, exit_status = "station.anothers-backup", 12
    en = ("{path} holds the backups of another station.", "Choose another folder, or name this station otherwise.")
    zh = ("{path} 是另一采集站的备份。", "请另选文件夹，或修改本站名称。")


class NoBackup(StationError):
    """There is no backup of that name, or it cannot be told which one is meant (无可用备份)."""

    code, exit_status = "station.no-backup", 15
    en = ("{path} has no such backup. There are: {able}.", "Name the folder `backup` wrote to, --station or --at.")
    zh = ("{path} 处没有该备份。现有：{able}。", "请指明备份所在文件夹、--station 或 --at。")


class BackupDamaged(StationError):
    """A file of a backup is not what was written (备份已损坏)."""

    code, exit_status = "station.backup-damaged", 31
    en = ("{path} is not what was backed up: {what}.", "Nothing was put back. Take an earlier one: --at TIME.")
    zh = ("{path} 与备份时不一致：{what_zh}。", "未恢复任何内容。请用 --at 选择更早的备份。")


class RecoveryCodeWrong(StationError):
    """The recovery code does not open the backup's keys (恢复码不正确)."""

    code, exit_status = "station.recovery-code-wrong", 17
    en = (
        "This recovery code does not open the keys in {path}.",
        "Type the five groups on the recovery sheet of this station; large or small letters are alike.",
    )
    zh = ("恢复码无法打开 {path} 中的密钥。", "请输入本站恢复单上的五组字符，不分大小写。")


class HomeTaken(StationError):
    """There is something where the station is to be put back (主目录已有内容)."""

    code, exit_status = "station.home-taken", 12
    en = (
        "{path} is there already; a backup is put back only where nothing is.",
        "Set EVIDOCK_HOME to a new folder, or move that one aside. Nothing was changed.",
    )
    zh = ("{path} 已有内容；备份只能恢复到空处。", "请将 EVIDOCK_HOME 设为新文件夹，或移走原有内容。未作任何更改。")
