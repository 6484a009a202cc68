"""What is said of the station's making, its vault, keys and trail (建站、保全库、密钥、留痕)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "made": ("Station made at {home}.", "采集站已建立：{home}。"),
    "made_before": ("There is a station at {home} already; nothing was changed.", "{home} 处已有采集站，未作更改。"),
    "init_settings": ("settings", "配置文件"),
    "init_key": ("signing key", "签名密钥"),
    "init_vault": ("vault", "保全库"),
    "init_catalog": ("catalog", "编目"),
    "immutable": (
        "protected by the file system too (chattr +i): not even root changes an original by mistake",
        "同时启用文件系统保护（chattr +i）：root 也不会误改原件",
    ),
    "not_immutable": (
        "read-only files; the file system's own protection (chattr +i) needs root on ext4 or xfs, and is not in use",
        "仅为只读文件；文件系统保护（chattr +i）需要 root 及 ext4 或 xfs，当前未启用",
    ),
    "never_immutable": (
        "read-only files; chattr +i is switched off in the settings",
        "仅为只读文件；配置中已关闭 chattr +i",
    ),
    "object_lock": (
        "object storage with object lock: the lock of every object is read back after it was put",
        "启用对象锁定的对象存储：每个对象写入后均回读其锁定",
    ),
    "mirrored": (
        "several vaults; an original counts as sealed when as many hold it as the address says",
        "多个保全库：达到地址中规定的份数才算入库",
    ),
    "back_up_key": (
        "Back up the keys folder now: without it nothing new can be sealed under this station's name.",
        "请立即备份密钥文件夹：丢失后将无法以本站名义继续入库。",
    ),
    "vault_whole": (
        "{count} clips ({size}): the vault has them, in full size. Locks and bytes were not checked: see --level.",
        "{count} 个资料（{size}）均在保全库中且大小一致；未检查锁定，未读取内容（见 --level）。",
    ),
    "vault_locked": (
        "{count} clips ({size}): the vault has them, in full size and locked. Bytes were not read: see --level bytes.",
        "{count} 个资料（{size}）均在保全库中，大小一致且已锁定；未读取内容（如需读取，请用 --level bytes）。",
    ),
    "odd": (
        "Note: {key} {what} (version {version}). The object itself was read all the same; ask who did it.",
        "注意：{key} {what}（版本 {version}）。对象本身仍可读取，请查明操作人。",
    ),
    "odd_deleted": ("was marked as deleted in the object storage", "在对象存储中被标记为已删除"),
    "odd_foreign": (
        "is not the station's: a desktop, a network share or somebody left it there",
        "不是本站文件，由桌面系统、网络共享或他人留下",
    ),
    "odd_modeless": (
        "lies on a file system without modes: nothing keeps a program of the station's user from writing to it",
        "所在文件系统不支持文件权限：无法防止以采集站用户运行的程序写入",
    ),
    "odd_missing": ("is missing in one of the mirrored vaults", "在其中一个镜像保全库中缺失"),
    "odd_added": (
        "has another version beside it in the object storage",
        "在对象存储中除锁定版本外另有版本",
    ),
    "trail_holds": (
        "The trail is intact: {lines} lines, none missing, none altered. Root {root}",
        "操作留痕完整：共 {lines} 条，无缺失、无改动。根校验值 {root}",
    ),
    "clock_says": ("The station's clock says {now}. Compare it with a watch.", "本站时钟为 {now}，请与标准时间核对。"),
    "clock_believed": ("It agrees with everything that was written.", "与全部记录相符。"),
    "clock_wrong_lines": (
        "Lines {first} to {last} of the trail were written by a wrong clock, after {after}.",
        "操作留痕第 {first} 至 {last} 条由有误的时钟写入，实际在 {after} 之后。",
    ),
    "clock_wrong_documents": (
        "{count} documents of the vault, without a line, were written by a wrong clock, after {after}.",
        "保全库中 {count} 份无留痕的文件由有误的时钟写入，实际在 {after} 之后。",
    ),
    "clock_asked_by": ("{by} says that the clock is right: {reason}", "{by} 申请确认时钟无误：{reason}"),
    "clock_asked": (
        "Noted. Another person confirms it with the same command within the hour.",
        "已记录。请另一人在一小时内以同一命令确认。",
    ),
    "clock_confirmed": ("The clock is confirmed by two people.", "时钟已由两人确认。"),
    "trail_backwards": (
        "{count} lines say an earlier time than a line before them; the first is line {line}, after line {before}.",
        "{count} 条留痕的时间早于此前留痕；首条为第 {line} 条（在第 {before} 条之后）。",
    ),
    "key_for_good": (
        "Key {key} will sign nothing after this, and its private part is destroyed. Stop the dock first.",
        "更换后密钥 {key} 不再签名，其私钥将销毁。请先停止采集服务。",
    ),
    "key_rotated": (
        "Key {new} signs from now on; key {old} is retired and its private part is gone. Back up the keys folder now.",
        "今后由密钥 {new} 签名；密钥 {old} 已停用，其私钥已销毁。请立即备份密钥文件夹。",
    ),
    "key_in_file": (
        "Key {new} signs, out of keys/station.key; {old} is retired. Encrypt the new one in its place, then remove it.",
        "今后由 keys/station.key 中的密钥 {new} 签名；密钥 {old} 已停用。请将新密钥加密后替换旧凭据，再删除该文件。",
    ),
    "key_in_token": (
        'Key {old} is retired. For key {new} to sign, write `label = "{label}"` under [keys] of station.toml now.',
        '密钥 {old} 已停用；请立即在 station.toml 的 [keys] 中写入 `label = "{label}"`，此后由密钥 {new} 签名。',
    ),
    "key_handed_in": ("handed in, in no file of the home", "由外部提供，不在主目录中"),
    "init_next": (
        "Next: enter the first people (`evidock people begin LIST.xlsx`), ingest a card (`evidock ingest FOLDER`).",
        "下一步：登记首批人员（`evidock people begin 名单.xlsx`），然后采集存储卡（`evidock ingest 文件夹`）。",
    ),
    "init_key_move": (
        "The key lies in a file. This machine can keep it encrypted instead: docs/operations.md, Keys as credentials.",
        "签名密钥以文件保存；也可由本机加密保管：见 docs/operations.md“Keys as credentials”。",
    ),
    "key_refused": ("Not believed: {key}: {why}", "不予采信：{key}：{why}"),
    "key_signs": ("signs now", "当前签名"),
    "key_retired": ("retired", "已停用"),
    "key_trusted": ("trusted", "受信任"),
    "stamps_none": ("No time stamp authority is configured.", "未配置时间戳服务。"),
    "stamps_sum": ("Time stamps added: {done}; still owed: {owed}.", "新增时间戳 {done} 个，尚欠 {owed} 个。"),
    "due_secret": (
        "Kept until they are handed over, for they may hold a state secret: {clips}",
        "疑涉国家秘密，移交前不得处置：{clips}",
    ),
    "due_none": ("Nothing may be disposed of.", "没有可处置的资料。"),
    "due_sum": ("{count} clips ({size}) may be disposed of.", "可处置资料 {count} 个（{size}）。"),
    "disposal_for_good": (
        "It is removed for good; manifest and digests stay.",
        "将永久删除该原件；清单与摘要保留。",
    ),
    "not_listed": ("Not listed: {what}", "未列入：{what}"),
    "disposal_asked": (
        "Asked for. Nothing is removed until another person runs `evidock vault dispose {clip}`.",
        "已提出处置申请；须由另一人执行 `evidock vault dispose {clip}` 确认后才会删除。",
    ),
    "disposed": (
        "{clip} is disposed of; its manifest and a signed record with its digests stay in the vault.",
        "{clip} 已处置；其清单及含摘要的签名处置记录保留在保全库中。",
    ),
    "scrubbed": (
        "Read again: {count} originals ({size}), {damaged} of them damaged.",
        "已巡检原件 {count} 个（{size}），其中损坏 {damaged} 个。",
    ),
    "scrub_damaged": ("DAMAGED: original {sha256}: {fault}", "已损坏：原件 {sha256}：{fault}"),
    "scrub_repaired": (
        "REPAIRED from another vault; the damaged copy is kept: original {sha256}: {fault}",
        "已从其他保全库修复，损坏副本保留：原件 {sha256}：{fault}",
    ),
    "odd_mended": (
        "was damaged and is repaired; the damaged copy is kept",
        "曾损坏，现已修复；损坏副本保留",
    ),
    "trail_empty": ("The trail has no line yet.", "尚无操作留痕。"),
    "checkpoint_kept": (
        "Checkpoint locked in the vault: {key}. Let somebody else keep the text below (`--print` prints it alone).",
        "检查点已锁定于保全库：{key}。请将下文交由他人留存（加 `--print` 可单独打印）。",
    ),
    "checkpoints_hold": ("Signed checkpoints that it agrees with: {count}.", "与 {count} 个已签名检查点一致。"),
    "checkpoints_none": (
        "No checkpoint of it is signed yet: a cut at its end would not be noticed. `evidock trail checkpoint`",
        "尚无已签名检查点，末尾被截断将无法发现。请执行 `evidock trail checkpoint`",
    ),
    "checkpoints_earlier": (
        "{count} checkpoints are of a trail before a rebuild; they say nothing of this one.",
        "{count} 个检查点属于编目重建之前的留痕，与当前留痕无关。",
    ),
    "checkpoint_rewritten": (
        "Checkpoint {key} does not agree: lines {first} to {last} are not what they were when it was signed.",
        "与检查点 {key} 不符：第 {first} 至 {last} 条已非签发时的内容。",
    ),
    "checkpoint_cut": (
        "Checkpoint {key} does not agree: lines {first} to {last} were there when it was signed and are gone.",
        "与检查点 {key} 不符：签发时存在的第 {first} 至 {last} 条已缺失。",
    ),
    "checkpoint_untrusted": (
        "No key this station trusts signed checkpoint {key}, or its signature is not valid.",
        "检查点 {key} 未由受信任的密钥签名，或签名无效。",
    ),
    "checkpoint_unreadable": ("{key} is not a checkpoint.", "{key} 不是有效的检查点。"),
    "checkpoint_earlier": (
        "Checkpoint {key} is of a trail before a rebuild; this catalog can neither confirm it nor deny it.",
        "检查点 {key} 属于编目重建之前的留痕，本编目无法予以证实或否认。",
    ),
    "checkpoint_missing": (
        "Checkpoint {key} is missing in the vault: the station's journal knows that it was signed.",
        "保全库中缺少检查点 {key}：本站流程日志有其签发记录。",
    ),
    "checkpoint_receipt": (
        "The trail is not what it was when line {first} was written: the {key} in the station's journal names another.",
        "操作留痕已非写入第 {first} 条时的内容：与本站流程日志中的回执不符（{key}）。",
    ),
    "trail_fault": ("The trail is broken at line {line}: {what}.", "操作留痕在第 {line} 条处不一致：{what}。"),
    "rebuilt": (
        "Catalog rebuilt at {url}. Clips: {clips}; changes by people: {acts}.",
        "编目已重建于 {url}。资料 {clips} 个，人工变更 {acts} 项。",
    ),
    "rebuilt_aside": (
        "The old catalog is kept: {where}. {looks} of its {lines} trail lines are looks, which stand nowhere else.",
        "原编目已另存于 {where}：操作留痕 {lines} 条，其中查看记录 {looks} 条仅存于此。",
    ),
    "left_out": ("Left out: {key}: {what}", "未采用：{key}：{what}"),
    "indexing": ("indexing", "编制索引"),
    "rebuilding": ("rebuilding", "重建"),
    "backing_up_catalog": ("copying the catalog", "复制编目"),
    "backing_up_vault": ("copying the vault", "复制保全库"),
    "restoring_vault": ("bringing the vault back", "恢复保全库"),
    "backed_up": ("Backed up to {set}; catalog {size}.", "已备份至 {set}；编目 {size}。"),
    "backed_up_copied": (
        "New in the copy of the vault: {count} files, {size}; each was read back.",
        "保全库副本新增 {count} 个文件（{size}），均已回读核对。",
    ),
    "backed_up_elsewhere": (
        "The vault is no single folder: its copies are its own storage's to keep.",
        "保全库不是单一文件夹，其副本由存储自身保存，此处未复制。",
    ),
    "backed_up_encrypted": (
        "The vault is encrypted and was not copied: see docs/encryption.md.",
        "保全库已加密，此处未复制，见 docs/encryption.md。",
    ),
    "backup_damaged": (
        "Left out, for it is not what was sealed: {original}. See `evidock vault check --level bytes`.",
        "原件与入库时不一致，未复制：{original}。请执行 `evidock vault check --level bytes`。",
    ),
    "print_sheet": (
        "Now print the recovery sheet and lock it away, not with the disk: `evidock backup --sheet`.",
        "请打印恢复单并妥善保管，勿与备份盘同放：`evidock backup --sheet`。",
    ),
    "recovery_sheet": (
        """RECOVERY SHEET of the station {station}

    {code}

Who has this code and a backup disk can be this station. Keep it in a safe, apart from the disk.
If the station is lost: install Evidock on another machine, connect the backup disk, and run
    EVIDOCK_HOME=/path/of/new/home evidock restore --from /path/of/disk
which asks for the code. Then: evidock clips verify --all && evidock trail verify
The person who keeps it: ______________________   Date: ____________""",
        """恢复单    采集站：{station}

    {code}

持有本码和备份盘者可以冒充本站。请锁入保险柜，勿与备份盘同放。
本站损毁时：在另一台计算机上安装 Evidock，接上备份盘，执行
    EVIDOCK_HOME=/新主目录 evidock restore --from /备份盘
按提示输入上述恢复码。随后执行：evidock clips verify --all && evidock trail verify
保管人：______________________   日期：____________""",
    ),
    "ask_recovery_code": ("Recovery code:", "恢复码："),
    "restored": (
        "The station is back at {home}, as of {at}. Files brought back into the vault: {count}.",
        "采集站已恢复至 {home}，备份时间 {at}。保全库恢复文件 {count} 个。",
    ),
    "restored_newer": (
        "{count} documents came into the vault after that: run `evidock rebuild` before anything else.",
        "此后另有 {count} 份文档进入保全库：请先执行 `evidock rebuild`。",
    ),
    "restored_next": (
        "Next: `evidock clips verify --all && evidock trail verify`.",
        "下一步：`evidock clips verify --all && evidock trail verify`。",
    ),
}
