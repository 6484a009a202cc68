"""What `evidock health` says is wrong (健康检查), and what to do, by code: in English and in Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "health.dock-hung": (
        ("The dock's main loop gave no sign of life for {seconds} s.", "Restart it: `systemctl restart evidock-dock`."),
        ("采集服务主循环已 {seconds} 秒无响应。", "请重启服务：`systemctl restart evidock-dock`。"),
    ),
    "health.silent": (
        (
            "No answer about {what} within {seconds} s.",
            "Check the disk or server it lies on; a hanging mount looks like this.",
        ),
        ("{seconds} 秒内未得到{what_zh}的应答。", "请检查其所在磁盘或服务器；挂载点失去响应时即如此。"),
    ),
    "health.look-failed": (
        (
            "The {what} cannot be looked at: {reason}.",
            "Run this as the station's user or with sudo; else tell whoever keeps it.",
        ),
        ("无法检查{what_zh}：{reason}。", "请以本站服务用户或 sudo 执行；否则请联系本站管理人员。"),
    ),
    "health.clock-free": (
        ("The station's clock is not synchronised.", "See `timedatectl`: is a time server set, and can it be reached?"),
        ("本站时钟未同步。", "请查看 `timedatectl`：是否已设置时间服务器且可访问。"),
    ),
    "health.clock-wrong": (
        ("The station's clock is wrong.", "See `evidock clock show`; set it (`timedatectl`), have it synchronised."),
        ("本站时钟错误。", "原因见 `evidock clock show`；请校准时钟（`timedatectl`）并启用时间同步。"),
    ),
    "health.spool-full": (
        ("The spool has {free} left, {reserve} must stay free: nothing is copied.", "Make room on the disk of {path}."),
        ("缓存区仅剩 {free}，须预留 {reserve}：已停止采集。", "请清理 {path} 所在硬盘。"),
    ),
    "health.spool-low": (
        ("The spool has {free} left.", "See that the vault takes copies, and make room on the disk of {path}."),
        ("缓存区仅剩 {free}。", "请确认保全库正常入库，并清理 {path} 所在硬盘。"),
    ),
    "health.backup-late": (
        ("The last backup is {days} days old.", "Connect the backup disk, or run `evidock backup --to DIR`."),
        ("最近一次备份在 {days} 天前。", "请接上备份盘，或执行 `evidock backup --to 文件夹`。"),
    ),
    "health.vault-full": (
        ("The vault's disk has {free} left.", "Add disk now: soon nothing can be sealed ({path})."),
        ("保全库硬盘仅剩 {free}。", "请立即扩容，否则即将无法入库（{path}）。"),
    ),
    "health.vault-low": (
        ("The vault's disk has {free} left.", "Plan for more disk ({path})."),
        ("保全库硬盘仅剩 {free}。", "请安排扩容（{path}）。"),
    ),
    "health.original-damaged": (
        (
            "The original of clip {clip} is damaged in the vault: {fault}.",
            "Do not touch the vault; restore it from a mirror or backup, and find out what else lies on that disk.",
        ),
        (
            "保全库中资料 {clip} 的原件已损坏：{fault}。",
            "请勿改动保全库；请从镜像或备份恢复，并检查同一磁盘。",
        ),
    ),
    "health.paper-damaged": (
        (
            "What proves clip {clip} is damaged in the vault: {fault}.",
            "`evidock vault repair {clip}` tries again and says why not; else restore that file from a backup.",
        ),
        (
            "保全库中资料 {clip} 的证明文书已损坏：{fault}。",
            "执行 `evidock vault repair {clip}` 重新修复并查看原因；否则请从备份恢复该文件。",
        ),
    ),
    "health.lock-refused": (
        (
            "The vault refuses a longer lock for {count} originals or records, first {first}: {reason}",
            "Grant the station's key `PutObjectRetention` on the vault before those locks end; no more is needed.",
        ),
        (
            "保全库拒绝延长 {count} 个原件或记录的锁定期限，首个为 {first}：{reason}",
            "请在锁定到期前授予本站密钥 `PutObjectRetention` 权限；之后将自动恢复。",
        ),
    ),
    "health.hold-refused": (
        (
            "The vault refuses the legal hold of {count} originals, first {first}: {reason}",
            "Their locks grow all the same. Grant the station's key `PutObjectLegalHold` on the vault.",
        ),
        (
            "保全库拒绝对 {count} 个原件设置或解除依法保留，首个为 {first}：{reason}",
            "其锁定期限仍会自动延长。请授予本站密钥 `PutObjectLegalHold` 权限。",
        ),
    ),
    "health.mirror-behind": (
        (
            "A vault of the mirror lacks {count} things for {days} days or longer.",
            "See that it answers and takes longer locks; `evidock clips verify --all` tells what is missing where.",
        ),
        (
            "镜像中有保全库欠缺 {count} 项，已达 {days} 天以上。",
            "请确认该保全库可访问并接受延长锁定；执行 `evidock clips verify --all` 查看缺失项。",
        ),
    ),
    "health.scrub-late": (
        (
            "{count} originals were not read again within the period that is set.",
            "See that the dock runs; else raise `reread_mb_per_s` or `reread_days` under [vault] in station.toml.",
        ),
        (
            "{count} 个原件未在规定周期内巡检。",
            "请确认采集服务正在运行；否则请调高 station.toml 中 [vault] 的 `reread_mb_per_s` 或 `reread_days`。",
        ),
    ),
    "health.unsealed-old": (
        (
            "A copy has waited {hours} h for the vault; {count} wait.",
            "See the faults above, or `journalctl -u evidock-dock`.",
        ),
        ("有副本等待入库已达 {hours} 小时，共 {count} 个。", "请查看上述问题，或执行 `journalctl -u evidock-dock`。"),
    ),
    "health.held": (
        ("{count} files wait for a person, the oldest since {since}.", "`evidock held list` says why and what to do."),
        ("{count} 个文件待人工处理，最早自 {since}。", "执行 `evidock held list` 查看原因和处理办法。"),
    ),
    "health.overdue": (
        (
            "Bay {bay}: {count} files on {recorder} are over the time limit.",
            "Leave it docked until it is safe to take.",
        ),
        ("仓位 {bay}：{recorder} 上有 {count} 个文件超过采集时限。", "请勿取走，直至显示可取走。"),
    ),
    "health.not-docked": (
        (
            "Recorder {recorder} of officer {officer} has not been docked for {days} days.",
            "Ask the officer to bring it.",
        ),
        ("执法人员 {officer} 的记录仪 {recorder} 已 {days} 天未接入。", "请通知该人员将记录仪接入采集。"),
    ),
    "health.not-docked-more": (
        (
            "{count} more recorders have not been docked for {days} days or longer.",
            "`evidock recorders list` names them all.",
        ),
        ("另有 {count} 台记录仪超过 {days} 天未接入。", "执行 `evidock recorders list` 查看全部。"),
    ),
    "health.emergency-open": (
        (
            "{by} opened clips in an emergency, {request}.",
            "Another head judges it: `evidock requests judge {request}`.",
        ),
        ("{by} 已紧急调阅，编号 {request}。", "请由另一位负责人评判：`evidock requests judge {request}`。"),
    ),
    "health.emergency-late": (
        (
            "Nobody judged the emergency look {request} of {by} within 24 hours.",
            "A head of the unit or an auditor does it now: `evidock requests judge {request}`.",
        ),
        (
            "{by} 的紧急调阅 {request} 逾 24 小时未评判。",
            "请科室负责人或安全审计员立即评判：`evidock requests judge {request}`。",
        ),
    ),
    "health.key-readable": (
        (
            "Other users may read the signing key {path}.",
            "`chmod 600 {path}`, and find out who may have read it.",
        ),
        ("签名密钥 {path} 可被其他用户读取。", "请执行 `chmod 600 {path}`，并排查可能的读取者。"),
    ),
    "health.key-plain": (
        (
            "The signing key is handed in, and a key still lies in {path}.",
            "Keep a copy in a safe place and remove the file; after a rotation encrypt the new key first.",
        ),
        (
            "签名密钥由外部提供，但 {path} 中仍有密钥文件。",
            "请在安全处备份后删除该文件；若刚更换密钥，请先加密新密钥。",
        ),
    ),
    "health.keys-writable": (
        ("Other users may write to {path}: a foreign key would be believed.", "`chmod go-w {path}`."),
        ("其他用户可写入 {path}：外来公钥将被信任。", "请执行 `chmod go-w {path}`。"),
    ),
    "health.missing": (
        ("{path} is not there.", "Run `evidock init`; if it was there before, find out who removed it."),
        ("{path} 不存在。", "请执行 `evidock init`；若原先存在，请查明删除者。"),
    ),
    "health.tool-missing": (
        (
            "{tool} is not installed: originals are sealed, but not looked into.",
            "Install ffmpeg: `apt install ffmpeg`.",
        ),
        ("未安装 {tool}：原件照常入库，但无法解析内容。", "请安装 ffmpeg：`apt install ffmpeg`。"),
    ),
}

PARTS = {
    "dock": "采集服务",
    "clock": "时钟",
    "vault": "保全库",
    "vault_room": "保全库硬盘",
    "catalog": "编目数据库",
    "trail": "操作留痕",
    "originals": "原件巡检记录",
    "journal": "流程日志",
    "spool": "缓存区",
    "keys": "密钥文件夹",
    "owed": "镜像待补清单",
    "backup": "备份记录",
    "tools": "媒体工具",
}

BY_COMMAND = ("Whoever keeps this computer does it: {hint}", "请本机维护人员处理：{hint}")
"""What a page says of what is done with a command."""
PAGE_HINTS: dict[str, tuple[str, str]] = {
    "devices.unregistered": (
        "Enter it under Registers, Recorders, if it is yours; else take it out.",
        "本单位的记录仪请在“台账－记录仪”中登记；不是的请取下。",
    ),
    "health.clock-free": (
        "Set date and time of this computer to be taken from the network's clock.",
        "请在本机日期和时间设置中启用自动校时。",
    ),
    "health.clock-wrong": ("Set the clock of this computer right.", "请校准本机时钟。"),
    "health.dock-hung": (
        "Start this computer anew; footage in the recorders is safe.",
        "请重新启动本机；记录仪内的资料不会丢失。",
    ),
    "health.backup-late": ("Connect the backup disk to the station.", "请将备份盘接到采集站。"),
    "health.held": ("See Held.", "请到“待处理”逐个办理。"),
    "health.not-docked-more": ("See Registers, Recorders.", "请在“台账－记录仪”中查看。"),
    "health.emergency-open": (
        "Another head judges it under Requests.",
        "请由另一位负责人在“调阅复制”中评判。",
    ),
    "health.emergency-late": (
        "A head of the unit or an auditor judges it now, under Requests.",
        "请科室负责人或安全审计员立即在“调阅复制”中评判。",
    ),
}
"""What is done at a page instead, by code."""
