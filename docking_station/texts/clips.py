"""What is said of clips, of copies handed out, and of second opinions (资料、副本、第二意见)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "no_clips": ("No clip fits.", "没有符合条件的资料。"),
    "more": ("More: --after {after}", "下一页:--after {after}"),
    "linked_already": ("{clip} belongs to case {case} already.", "{clip} 已关联案件 {case},未作更改。"),
    "linked": ("{clip} now belongs to case {case}.", "{clip} 已关联案件 {case}。"),
    "unlinked": ("{clip} belongs to no case now.", "{clip} 已解除案件关联。"),
    "track_by": (
        "No position was sealed: these are {tool}'s (second opinion, no evidence).",
        "封存内容中没有定位点:以下为 {tool} 所读(第二意见,不作为证据)。",
    ),
    "track_written": ("{path}: {kept} of {fixes} positions.", "{path}:{fixes} 个定位点中的 {kept} 个。"),
    "pulled": ("{path}: as sealed (SHA-256 {sha256}).", "{path}:与封存时一致(SHA-256 {sha256})。"),
    "verified": ("{count} clips ({size}) are what was sealed.", "{count} 个资料({size})与封存时一致。"),
    "differs": ("{what}: expected {expected}; found {found}", "{what}:应为 {expected};实为 {found}"),
    "differ_sum": (
        "{failed} of {count} clips differ from what was sealed. Do not touch the vault; tell whoever keeps it.",
        "{count} 个资料中有 {failed} 个与封存时不符。请勿改动保全库,并通知保管人员。",
    ),
    "keep_refused": (
        "It is linked, but not kept as its case demands yet: {what} `evidock health` goes on telling.",
        "已关联,但尚未按案件要求保存:{what} `evidock health` 将持续提示。",
    ),
    "positions": ("{count} positions, from {first} to {last}", "共 {count} 个定位点,从 {first} 到 {last}"),
    "yes": ("yes", "可播放"),
    "no": ("no", "无法播放"),
    "unknown": ("unknown", "未知"),
    "checking": ("checking", "核验"),
    "by_stated": ("stated at the docking", "接入时指定"),
    "by_register": ("held the recorder then", "当时持有该记录仪"),
    "by_register_unsure": ("probably held the recorder then", "当时可能持有该记录仪"),
    "by_name": ("by the file's name", "依据文件名"),
    "by_card": ("by the other names on the card", "依据卡上其他文件名"),
    "opinion_by": (
        "Second opinions on time and place: {tool}, bound by {bounds}.",
        "时间与位置的第二意见:{tool},受限方式:{bounds}。",
    ),
    "comma": (", ", "、"),
    "bound_namespace": ("a network of its own", "独立网络空间"),
    "bound_landlock": ("Landlock (reads what it is asked about)", "Landlock(只读所问文件)"),
    "bound_seccomp": ("a filter of system calls (no network)", "系统调用过滤(无网络)"),
    "bound_limits": ("limits of memory, time and writing", "内存、时间与写入限额"),
    "no_opinion": (
        "No second opinions on time and place are made: {why}. ExifTool 13.30 or newer would; nothing else needs it.",
        "当前不出具时间与位置的第二意见:{why}。需要 ExifTool 13.30 或更新版本;其他功能不受影响。",
    ),
    "opinion_agrees": ("{tool} contradicts nothing.", "{tool} 未提出异议。"),
    "opinion_differs": ("{tool} disagrees:", "{tool} 的不同意见:"),
    "opinion_failed": ("{tool} could not read it: {why}", "{tool} 无法读取:{why}"),
    "opinion_start": (
        "{tool} would say it starts at {at} ± {uncertainty:g} s.",
        "{tool} 认为开始时间为 {at} ± {uncertainty:g} 秒。",
    ),
    "opinion_places": (
        "{tool} finds {count} positions, from {first} to {last}",
        "{tool} 找到 {count} 个定位点,从 {first} 到 {last}",
    ),
    "no_chores": ("No chore is left.", "没有后台任务。"),
    "chores_done": ("{count} chores done.", "已完成 {count} 项任务。"),
    "chore_is_off": ("{chore}: nobody need do it any more.", "{chore}:任务已取消。"),
    "chore_again": ("{chore} will be done anew.", "{chore}:任务将重新执行。"),
    "chore_waiting": ("waiting", "等待"),
    "chore_running": ("running", "进行中"),
    "chore_done": ("done", "完成"),
    "chore_held": ("held", "待处理"),
    "chore_cancelled": ("cancelled", "已取消"),
    "making_view": ("making the viewing copy", "正在制作观看副本"),
    "viewed_original": ("{path}: the original itself (SHA-256 {sha256}).", "{path}:即原件(SHA-256 {sha256})。"),
    "viewed_copy": (
        "{path}: a viewing copy, not evidence (SHA-256 {sha256}); made of the original with SHA-256 {original}.",
        "{path}:观看副本,不作为证据(SHA-256 {sha256});原件 SHA-256 {original}。",
    ),
    "exporting": ("exporting", "导出"),
    "exporting_papers": ("manifests, proofs and report", "清单、证明与报告"),
    "exported": (
        "{path}: {clips} clips ({size}), each as sealed.",
        "{path}:资料 {clips} 个({size}),均与封存时一致。",
    ),
    "export_check": (
        "Who gets it runs `python3 verify.py` in it, and asks you whether the key is {key}.",
        "接收方在其中执行 `python3 verify.py` 即可核验,并应向贵单位核对密钥编号 {key}。",
    ),
    "export_no_font": (
        "No Chinese font is here to go into the PDF. Next: apt-get install fonts-wqy-microhei, then export again.",
        "未找到可嵌入 PDF 的中文字体。请执行 apt-get install fonts-wqy-microhei,然后重新导出。",
    ),
    "export_no_pdf": (
        "The report is HTML only: PDF needs the extra evidock[pdf].",
        "报告仅为 HTML:生成 PDF 需安装附加组件 evidock[pdf]。",
    ),
}
