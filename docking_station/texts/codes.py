"""Names that stand in manifests and in the trail, as a custody report says them (报告用语): English, then Chinese."""

from __future__ import annotations

KINDS = {
    "video": ("video", "视频"),
    "audio": ("audio", "音频"),
    "image": ("photo", "照片"),
    "log": ("log", "日志"),
    "other": ("other", "其他"),
}
SOURCES = {
    "gps": ("satellite positions", "卫星定位"),
    "name": ("file name", "文件名"),
    "container": ("container", "媒体容器"),
    "exif": ("EXIF", "EXIF"),
    "mtime": ("modify time on the card", "卡上修改时间"),
    "docking": ("docking", "接入时间"),
    "card": ("the clips of the same card", "同卡资料比对"),
    "exif stated": ("EXIF with its zone", "EXIF（含时区）"),
    "keys": ("metadata keys of the container", "媒体元数据"),
    "day": ("the day in the name", "文件名中的日期"),
    "exiftool": ("ExifTool", "ExifTool"),
}
ACTIONS = {
    "clip.filed": ("sealed and filed", "封存入库"),
    "clip.linked": ("linked to a case", "关联案件"),
    "clip.unlinked": ("link ended", "解除关联"),
    "clip.shown": ("looked at", "查看"),
    "clip.pulled": ("copy handed out", "调取副本"),
    "clip.verified": ("verified", "核验"),
    "clip.copies-removed": ("viewing copies removed after its disposal", "处置后清除观看副本"),
    "clip.exported": ("put into an evidence bundle", "导出证据包"),
    "case.added": ("case entered", "案件登记"),
    "clip.viewed": ("viewed", "观看"),
    "clip.view-ended": ("viewing ended", "观看结束"),
    "clip.track-written": ("positions handed out", "导出定位轨迹"),
    "clip.lock-extended": ("lock extended", "延长锁定"),
    "clip.hold-ended": ("legal hold ended", "结束依法保留"),
    "clip.hold-refused": ("legal hold refused by the storage", "存储拒绝依法保留"),
    "clip.disposal-asked": ("disposal asked for", "申请处置"),
    "clip.disposed": ("original disposed of", "原件已处置"),
    "hold.set": ("held", "依法保留"),
    "hold.end-asked": ("end of the hold asked for", "申请解除保留"),
    "hold.ended": ("hold ended", "解除保留"),
    "original.damaged": ("original found damaged", "发现原件受损"),
    "original.mending": ("original is being repaired", "开始修复原件"),
    "original.mended": ("original repaired from a whole copy", "原件已由完好副本修复"),
    "original.whole": ("original found whole again", "原件经巡检确认完好"),
    "recorder.added": ("recorder entered", "记录仪登记"),
    "recorder.changed": ("recorder changed", "记录仪登记变更"),
    "recorder.issued": ("recorder issued", "记录仪领用"),
    "recorder.lent": ("recorder lent", "记录仪借出"),
    "recorder.returned": ("recorder returned", "记录仪归还"),
    "recorder.retired": ("recorder retired", "记录仪停用"),
    "recorder.docked": ("recorder docked", "记录仪接入"),
    "card.clearing": ("recorder is being cleared", "开始清除记录仪"),
    "card.cleared": ("recorder cleared", "记录仪清除完毕"),
    "person.secret-set": ("a person's secret set", "设置个人口令"),
    "person.secret-wrong": ("wrong secret typed", "个人口令输入错误"),
    "policy.adopted": ("policy adopted", "发布管理制度"),
    "manifest.damaged": ("manifest, signature or time stamp found damaged", "发现清单、签名或时间戳受损"),
    "manifest.whole": ("manifest, signature or time stamp whole again", "清单、签名或时间戳已恢复完好"),
    "import.applied": ("list imported", "导入台账"),
    "act.withdrawn": ("change withdrawn", "变更已撤销"),
    "clock.confirmed": ("station's clock confirmed by two people", "两人确认本站时钟"),
    "key.rotated": ("signing key changed", "更换签名密钥"),
    "trail.rebuilt": ("catalog rebuilt, trail begun anew", "重建编目，留痕重新开始"),
}
HOLDERS = {
    "stated": ("stated at the docking", "接入时指定"),
    "register": ("by the register of recorders", "设备台账领用记录"),
    "register-unsure": ("by the register of recorders, the likeliest of several", "设备台账领用记录（可能）"),
    "name": ("by the file's name", "依据文件名"),
    "card": ("by the other names on the card", "依据卡上其他文件名"),
}
LINKS = {
    "stated at ingest": ("stated at ingest", "采集时指定"),
    "linked by a person": ("linked by a person", "人工关联"),
}
"""How a clip came to its case."""
REFERS_TO = {"start": ("start", "起始"), "end": ("end", "结束")}
ZONES = {
    "stated": ("zone stated:", "自带时区"),
    "assumed": ("zone assumed:", "推定时区"),
    "as if": ("taken as", "按"),
}
"""What a note on a zone begins with."""
DETAILS = {
    "at": ("at", "时间"),
    "asked_at": ("asked for at", "申请时间"),
    "asked_by": ("asked for by", "申请人"),
    "bundle": ("bundle", "证据包"),
    "case": ("case", "案件"),
    "found": ("found", "实际"),
    "how": ("how", "方式"),
    "keep": ("kept as", "保管期限类别"),
    "manifest": ("manifest", "资料清单"),
    "path": ("path", "路径"),
    "reason": ("reason", "原因"),
    "recipients": ("encrypted to", "加密接收方"),
    "retain_until": ("locked until", "锁定至"),
    "sealed_at": ("sealed at", "封存时间"),
    "sha256": ("SHA-256", "SHA-256"),
    "size_bytes": ("bytes", "字节数"),
    "sm3": ("SM3", "SM3"),
    "subject": ("subject", "执法对象"),
    "title": ("title", "名称"),
    "to": ("to", "写入位置"),
    "until": ("until", "至"),
}
"""What the details of a line are called."""
