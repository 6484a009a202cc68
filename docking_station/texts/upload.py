"""What the page for bringing in files says (导入文件)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "upload_title": ("Bring in files", "导入文件"),
    "upload_why": (
        "Photographs of a phone, pictures of a camera, a disc: taken in and locked like every recording.",
        "手机照片、相机照片、光盘资料在此导入，与记录仪资料一样入库锁定。",
    ),
    "upload_note": (
        "What is said here is sealed with each file and can be searched for.",
        "以下说明与每个文件一并入库，不能改动，可供检索。",
    ),
    "upload_source": ("Where they come from", "来源"),
    "upload_phone": ("phone", "手机"),
    "upload_camera": ("camera", "相机"),
    "upload_disc": ("disc or stick", "光盘、U 盘"),
    "upload_party": ("handed over by the party", "当事人提供"),
    "upload_other": ("other", "其他来源"),
    "upload_who": ("Who took them", "采集人"),
    "upload_who_hint": ("The name; also of one who is no officer.", "姓名；不是执法人员的也写姓名。"),
    "upload_officer": ("Number of the officer, if an officer took them", "执法人员编号（由执法人员采集时填写）"),
    "upload_at": ("When", "采集时间"),
    "upload_at_hint": ("2026-03-05 14:00", "2026-03-05 14:00"),
    "upload_place": ("Where", "采集地点"),
    "upload_files": ("Files", "文件"),
    "upload_most": ("Up to {most} at once.", "一次最多 {most}。"),
    "upload_do": ("Bring in", "导入并入库"),
    "upload_no_file": ("Choose one file at least.", "请至少选择一个文件。"),
    "upload_too_many": ("This is more than may be sent at once.", "所选文件超过单次可导入的大小。"),
    "upload_coming": ("Sending:", "正在传送："),
    "upload_sealing": ("All has come. It is being checked and locked …", "已全部送达，正在校验入库……"),
    "upload_done": (
        "Taken in: {count}; were here already: {known}. Link them to a case, or later.",
        "已入库 {count} 个，此前已有 {known} 个。可现在关联案件，也可稍后办理。",
    ),
    "upload_held": (
        "Not taken in: {count}. Keep them where they come from.",
        "有 {count} 个未入库，请保留原设备上的文件。",
    ),
    "upload_filed": ("Taken in: {count}", "已入库 {count} 个"),
    "upload_left": ("Left out", "未导入"),
}
